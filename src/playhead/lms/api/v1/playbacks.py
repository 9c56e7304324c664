"""Playbacks: opened for a player of the integration's own, renewed and closed by its server."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from playhead.core.errors import Forbidden, Missing
from playhead.core.tickets import verify
from playhead.lms import opening
from playhead.lms.access import check_earning, video_for
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.listing import PAGE, Cursor, Limit, Page, page_of
from playhead.lms.api.v1.operation import at, operation
from playhead.lms.api.v1.shapes.playbacks import OpeningOut, PlaybackIn, PlaybackOut, TicketIn, TicketOut
from playhead.lms.api.v1.viewers import external_ids
from playhead.lms.grants import has_whole_school, people_of, person_of, video_of
from playhead.lms.models import User
from playhead.recorder import service
from playhead.recorder.integrations import Integration
from playhead.recorder.models import Playback

router = Router(tags=["playbacks"])

Open = Annotated[bool | None, Field(description="Only those that are open, or only those that were closed")]


@operation(router, "get", "/playbacks", scope="playbacks:read", gives=Page[PlaybackOut])
def list_playbacks(
    request: ApiRequest,
    video: Annotated[str | None, Field(max_length=64, description="Only of this video")] = None,
    viewer: Annotated[str | None, Field(max_length=64, description="Only of this viewer")] = None,
    open: Open = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> dict[str, Any]:
    """List playbacks.
    Those that the integration opened; where all of the school was given to it, everybody's."""
    integration = request.caller.integration
    rows = _playbacks(integration)
    if video is not None:
        rows = rows.filter(video=video_of(integration, video).key)
    if viewer is not None:
        rows = rows.filter(viewer__key=person_of(integration, viewer).key)
    if open is not None:
        rows = rows.filter(closed_at__isnull=open)

    def shown(found: Sequence[Playback]) -> list[dict[str, Any]]:
        return _shown(integration, found)

    return page_of(rows, shown, cursor=cursor, limit=limit)


@operation(router, "post", "/playbacks", scope="playbacks:write", gives=OpeningOut)
def open_playback(request: ApiRequest, response: HttpResponse, asked: PlaybackIn) -> dict[str, Any]:
    """Open a playback.
    For a viewer who is enrolled in the video's course. The answer holds all that a player needs: give it to your app,
    which sends its batches to `POST /v1/batches` under the ticket in it, and never sees your key."""
    integration = request.caller.integration
    video, user = video_of(integration, asked.video), person_of(integration, asked.viewer)
    if not user.is_active:
        raise Forbidden("account_off", "This viewer is switched off.")
    names = external_ids(integration.key, [user])
    answer = opening.open_for(
        user,
        video.key,
        session=f"{integration.key} {user.key}",
        joined=opening.Joined(integration.key, names.get(user.pk, ""), integration.progress_every_s),
    )
    at(response, "playbacks", answer["playback"])
    response.status_code = 201
    return answer


@operation(router, "get", "/playbacks/{key}", scope="playbacks:read", gives=PlaybackOut)
def read_playback(request: ApiRequest, key: str) -> dict[str, Any]:
    """Read a playback."""
    [shown] = _shown(request.caller.integration, [_playback(request, key)])
    return shown


@operation(router, "post", "/playbacks/{key}/ticket", scope="playbacks:write", gives=TicketOut, status=200)
def renew_ticket(request: ApiRequest, key: str, asked: TicketIn) -> dict[str, Any]:
    """Renew a ticket.
    For a playback that is open, while its viewer may watch, by the ticket it has. Do it at half of the ticket's life;
    an expired one is not renewed: open another playback."""
    row = _playback(request, key)
    held = verify(asked.ticket, keys=service.ticket_keys(), now_s=service.current().now_ms() // 1000)
    if held.playback != row.key:
        raise Forbidden("not_your_playback", "This ticket belongs to another playback.")
    user = person_of(request.caller.integration, row.viewer.key)
    video, _role = video_for(user, held.video)
    check_earning(video.course)
    ticket, expires_at_s = service.renew_ticket(asked.ticket)
    return {"ticket": ticket, "expires_at_s": expires_at_s}


@operation(router, "delete", "/playbacks/{key}", scope="playbacks:write", gives=None)
def close_playback(request: ApiRequest, key: str) -> Status[None]:
    """Close a viewer's playbacks of this video.
    All that the integration has open of this viewer and this video: nothing more is earned in them. May be repeated."""
    row = _playback(request, key)
    session = f"{request.caller.integration.key} {row.viewer.key}"
    service.close_playbacks(reason="revoked", viewer=row.viewer.key, video=row.video, session=session)
    return Status(204, None)


def _playbacks(integration: Integration) -> QuerySet[Playback]:
    rows = Playback.objects.filter(organisation_id=integration.organisation_id, kind="live").select_related("viewer")
    return rows if has_whole_school(integration) else rows.filter(integration=integration.key)


def _playback(request: ApiRequest, key: str) -> Playback:
    found = _playbacks(request.caller.integration).filter(key=key).first()
    if found is None:
        raise Missing("no_such_playback", "There is no such playback.")
    return found


def _shown(integration: Integration, found: Sequence[Playback]) -> list[dict[str, Any]]:
    users: list[User] = list(people_of(integration).filter(key__in={row.viewer.key for row in found}))
    names = external_ids(integration.key, users)
    by_key = {user.key: names.get(user.pk) for user in users}
    return [
        {
            "key": row.key,
            "viewer": row.viewer.key,
            "external_id": by_key.get(row.viewer.key),
            "video": row.video,
            "opened_at": row.opened_at,
            "closed_at": row.closed_at,
            "closed_reason": row.closed_reason,
            "first_credit_at": row.first_credit_at,
            "ticket_expires_at": row.ticket_expires_at,
            "duration_ms": row.duration_ms,
            "max_rate": row.max_rate,
            "threshold_percent": row.threshold_percent,
            "no_skip": row.no_skip,
        }
        for row in found
    ]
