"""`POST /v1/playbacks` opens a playback; `POST /v1/playbacks/{playback}/ticket` renews its ticket."""

from typing import Any
from urllib.parse import quote

import msgspec
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from playhead.core.errors import Forbidden, Invalid, PlayheadError, Unauthorised
from playhead.core.tickets import Ticket, verify
from playhead.lms.access import check_earning, person, video_for
from playhead.lms.models import Source, User, Video
from playhead.lms.terms import policy_for
from playhead.recorder import service
from playhead.recorder.models import Playback
from playhead.recorder.policy import Policy


class OpenRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of an opening: the key of the video."""

    video: str


@require_POST
def open_playback(request: HttpRequest) -> JsonResponse:
    """Opens a playback for the person logged in. A reload opens another; only credited sections count."""
    user = person(request)
    asked = _parsed(request)
    video, role = video_for(user, asked.video)
    check_earning(video.course)
    policy = policy_for(user, video, role)
    opening = service.open_playback(
        viewer=user.key,
        video=video.key,
        duration_ms=video.duration_ms,
        policy=policy,
        session=request.session.session_key,
        organisation_id=user.organisation_id,
    )
    _still_allowed(request, user, video)
    return JsonResponse(_answer(opening, video, policy), status=201)


@csrf_exempt  # authorised by the ticket in the body, which no other site has
@require_POST
def renew_ticket(request: HttpRequest, playback: str) -> JsonResponse:
    """A fresh ticket for a playback that is open, by the session that opened it, while its viewer may watch."""
    user, held = person(request), _held(request)
    row = Playback.objects.filter(key=playback).first()
    session = service.session_hash(request.session.session_key)
    if row is None or (held.playback, held.viewer, session) != (playback, user.key, row.session):
        raise Forbidden("not_your_playback", "This playback was opened in another session.")
    video, _role = video_for(user, held.video)
    check_earning(video.course)
    ticket, expires_at_s = service.renew_ticket(request.body.decode("ascii"))
    return JsonResponse({"ticket": ticket, "expires_at_s": expires_at_s})


def _held(request: HttpRequest) -> Ticket:
    """The ticket in the body. Raises Unauthorised unless it is one of ours and still valid."""
    return verify(request.body, keys=service.ticket_keys(), now_s=service.current().now_ms() // 1000)


def _parsed(request: HttpRequest) -> OpenRequest:
    if request.content_type != "application/json":
        raise Invalid("content_type", "The body must be application/json.")
    try:
        return msgspec.json.decode(request.body, type=OpenRequest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("malformed", str(error)) from None


def _still_allowed(request: HttpRequest, user: User, video: Video) -> None:
    """What came between the check and the opening must not leave a playback open: an unenrolment, the course archived,
    the session ended from elsewhere or with the account."""
    try:
        again, _role = video_for(user, video.key)
        check_earning(again.course)
    except PlayheadError:
        service.close_playbacks(reason="unenrolled", viewer=user.key, video=video.key)
        raise
    session = request.session.session_key
    if session is None or not request.session.exists(session):
        service.close_playbacks(reason="logout", viewer=user.key, session=session)
        raise Unauthorised("not_logged_in", "Log in first.")


def _answer(opening: service.Opening, video: Video, policy: Policy) -> dict[str, Any]:
    progress = opening.progress
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
    return video.url if video.source == Source.URL else f"/media/{ticket}/{quote(video.file, safe='')}"
