"""`POST /v1/playbacks` opens a playback; `POST /v1/playbacks/{playback}/ticket` renews its ticket."""

from typing import Any
from urllib.parse import quote

import msgspec
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from playhead.core import limits
from playhead.core.errors import Forbidden, Invalid, PlayheadError, TooLarge
from playhead.lms.access import person, video_for
from playhead.lms.models import Source, User, Video
from playhead.recorder import service
from playhead.recorder.models import Playback


class OpenRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of an opening: the key of the video."""

    video: str


@require_POST
def open_playback(request: HttpRequest) -> JsonResponse:
    """Opens a playback for the person logged in. A reload opens another; only credited sections count."""
    user = person(request)
    asked = _parsed(request)
    video, _role = video_for(user, asked.video)
    opening = service.open_playback(
        viewer=user.key,
        video=video.key,
        duration_ms=video.duration_ms,
        policy=video.course.policy,
        session=request.session.session_key,
        organisation_id=user.organisation_id,
    )
    _still_allowed(user, video)
    return JsonResponse(_answer(opening, video), status=201)


@csrf_exempt  # authorised by the ticket in the body, which no other site has
@require_POST
def renew_ticket(request: HttpRequest, playback: str) -> JsonResponse:
    """A fresh ticket for a playback that is open, by the session that opened it, while its viewer may watch."""
    user = person(request)
    if len(request.body) > limits.TICKET_BYTES:
        raise TooLarge("too_large", "A ticket is at most 4 KiB long.")
    row = Playback.objects.select_related("viewer").filter(key=playback).first()
    if row is None or row.viewer.key != user.key or row.session != service.session_hash(request.session.session_key):
        raise Forbidden("not_your_playback", "This playback was opened in another session.")
    video_for(user, row.video)
    try:
        held = request.body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise Invalid("malformed", "The body is the ticket as text.") from None
    ticket, expires_at_s = service.renew_ticket(held)
    return JsonResponse({"ticket": ticket, "expires_at_s": expires_at_s})


def _parsed(request: HttpRequest) -> OpenRequest:
    if request.content_type != "application/json":
        raise Invalid("content_type", "The body must be application/json.")
    try:
        return msgspec.json.decode(request.body, type=OpenRequest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("malformed", str(error)) from None


def _still_allowed(user: User, video: Video) -> None:
    """An unenrolment that came between the check and the opening must not leave a playback open."""
    try:
        video_for(user, video.key)
    except PlayheadError:
        service.close_playbacks(reason="unenrolled", viewer=user.key, video=video.key)
        raise


def _answer(opening: service.Opening, video: Video) -> dict[str, Any]:
    progress, policy = opening.progress, video.course.policy
    return {
        "playback": opening.playback,
        "ticket": opening.ticket,
        "expires_at_s": opening.expires_at_s,
        "opened_at": opening.opened_at,
        "server_time": service.current().now_ms(),
        "video": {"key": video.key, "title": video.title, "duration_ms": video.duration_ms},
        "media": {"src": _media_address(opening.ticket, video), "type": video.content_type},
        "policy": {
            "max_rate": policy.max_rate,
            "threshold_percent": policy.threshold_percent,
            "no_skip": policy.no_skip,
            "part": policy.part,
        },
        "resume_ms": opening.resume_ms,
        "coverage": progress.coverage.pairs(),
        "again": progress.again.pairs(),
        "refused": (progress.refused - progress.coverage).pairs(),
        "refusals": progress.refusals,
        "progress": progress.progress,
        "covered_ms": progress.covered_ms,
        "watched_ms": progress.watched_ms,
        "counted_ms": progress.counted_ms,
        "needed_ms": progress.needed_ms,
        "completed": progress.completed,
        "evidence": progress.evidence,
    }


def _media_address(ticket: str, video: Video) -> str:
    """A file of ours only under its ticket; a video elsewhere at its own address."""
    return video.url if video.source == Source.URL else f"/media/{ticket}/{quote(video.file)}"
