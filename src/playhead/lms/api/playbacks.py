"""`POST /v1/playbacks` opens a playback; `POST /v1/playbacks/{playback}/ticket` renews its ticket."""

from collections.abc import Mapping

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from playhead.core.errors import Forbidden, Invalid, Unauthorised
from playhead.core.tickets import Ticket, verify
from playhead.lms.access import check_earning, person, video_for
from playhead.lms.environment import environment_of
from playhead.lms.models import User
from playhead.lms.opening import Place, open_for
from playhead.lms.renewing import renew_joined
from playhead.lms.sessions import device as device_name
from playhead.recorder import service
from playhead.recorder.models import Playback


class OpenRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of an opening: the key of the video; what the browser calls itself; what its page tells of itself."""

    video: str
    device: str = ""
    told: dict[str, str] = {}


@require_POST
def open_playback(request: HttpRequest) -> JsonResponse:
    """Opens a playback for the person logged in. A reload opens another; only credited sections count."""
    user = person(request)
    asked = _parsed(request)
    place = place_of(request, device=asked.device, told=asked.told)
    answer = open_for(user, asked.video, session=request.session.session_key, place=place)
    _still_logged_in(request, user)
    return JsonResponse(answer, status=201)


@login_not_required  # where another system opened it; else its own session is asked for below
@csrf_exempt  # authorised by the ticket in the body, which no other site has
@require_POST
def renew_ticket(request: HttpRequest, playback: str) -> JsonResponse:
    """A fresh ticket for a playback that is open, by the session that opened it, while its viewer may watch.

    One that another system opened is renewed by its ticket alone; pages of that system's origins may read the answer.
    """
    held, row = _held(request), Playback.objects.filter(key=playback).first()
    if row is not None and row.integration is not None:
        fresh, joined = renew_joined(row, held, request.body.decode("ascii"))
        response = JsonResponse(fresh, headers={"Vary": "Origin"})
        if (origin := request.headers.get("Origin", "")) in joined.origins:
            response["Access-Control-Allow-Origin"] = origin
        return response
    user = person(request)
    session = service.session_hash(request.session.session_key)
    if row is None or (held.playback, held.viewer, session) != (playback, user.key, row.session):
        raise Forbidden("not_your_playback", "This playback was opened in another session.")
    video, _role = video_for(user, held.video)
    check_earning(video.course)
    ticket, expires_at_s = service.renew_ticket(request.body.decode("ascii"))
    return JsonResponse({"ticket": ticket, "expires_at_s": expires_at_s})


def place_of(request: HttpRequest, *, device: str, told: Mapping[str, str]) -> Place:
    return Place(device=device, device_name=device_name(request), environment=environment_of(request, told))


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


def _still_logged_in(request: HttpRequest, user: User) -> None:
    """A session that was ended from elsewhere, or with the account, must not leave a playback open."""
    session = request.session.session_key
    if session is None or not request.session.exists(session):
        service.close_playbacks(reason="logout", viewer=user.key, session=session)
        raise Unauthorised("not_logged_in", "Log in first.")
