"""The player page inside another system's page, and the doors it opens and renews playbacks by. No cookie is needed."""

from collections.abc import Mapping

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from playhead.core.errors import Forbidden, Invalid, PlayheadError
from playhead.core.tickets import verify
from playhead.lms.access import check_earning
from playhead.lms.api.playbacks import place_of
from playhead.lms.ask import ask
from playhead.lms.embeds import content_policy, is_framed, script_of
from playhead.lms.joined_watching import Guest, guest_of, person_of
from playhead.lms.opening import Joined, Wish, open_for
from playhead.lms.renewing import renew_joined
from playhead.lms.used_tokens import spend
from playhead.recorder import service
from playhead.recorder.models import Playback


@login_not_required
@require_GET
@xframe_options_exempt
def joined_watch(request: HttpRequest) -> HttpResponse:
    """The player page, for whoever holds a good token; it may stand in the frames of the system that signed it."""
    token, custom_key = request.GET.get("jwt", ""), request.GET.get("custom_key", "")
    try:
        guest = guest_of(token, custom_key=custom_key)
        check_earning(guest.video.course)
    except PlayheadError as error:
        return _refused(request, error)
    context = {
        "video": guest.video,
        "token": token,
        "custom_key": custom_key,
        "start_s": request.GET.get("s") or request.GET.get("t") or "",
        "framed": is_framed(guest.video),
        "script": script_of(guest.video),
    }
    response = render(request, "lms/joined_watch.html", context)
    response._csp_update = content_policy(guest.video)  # type: ignore[attr-defined]
    return _framed_by(response, guest.integration.origins)


def _refused(request: HttpRequest, error: PlayheadError) -> HttpResponse:
    """Any page may show it in a frame: it holds nothing but the reason, and nothing that could be clicked."""
    titles = {
        "token_expired": _("This link has expired"),
        "token_invalid": _("This link does not open anything"),
        "no_such_video": _("There is no such video"),
        "course_archived": _("This course is over"),
    }
    hints = {
        "token_expired": _("Go back to the page you came from, load it again, and open the video from there."),
        "course_archived": _("What was watched is kept; nothing is added to it."),
    }
    otherwise = _("Go back to the page you came from and try again. If this stays, tell the people who run that site.")
    context = {
        "title": titles.get(error.code, _("This video cannot be opened")),
        "hint": hints.get(error.code, otherwise),
        "detail": error.detail,
        "status": error.status,
        "code": error.code,
    }
    return _framed_by(render(request, "lms/joined_refused.html", context, status=error.status), ["*"])


def _framed_by(response: HttpResponse, origins: object) -> HttpResponse:
    """Which pages may hold this one in a frame; nobody learns its address, which holds the token, from a link in it."""
    response._csp_replace = {"frame-ancestors": list(origins) or ["'none'"]}  # type: ignore[attr-defined, call-overload]
    response["Referrer-Policy"] = "strict-origin-when-cross-origin" if response.status_code == 200 else "no-referrer"
    return response


class JoinedRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of an opening: the token again, where to begin, and what the page tells of itself."""

    jwt: str
    custom_key: str = ""
    start_s: str = ""
    device: str = ""
    told: dict[str, str] = {}


@login_not_required
@csrf_exempt  # authorised by the token in the body, which no other site has
@require_POST
def joined_open(request: HttpRequest) -> JsonResponse:
    """Opens a playback for whom a token stands for, who becomes a student of the course when they come first."""
    asked = _parsed(request)
    guest = guest_of(asked.jwt, custom_key=asked.custom_key)
    spend(guest.integration.key, guest.grant, device=asked.device, now_s=service.current().now_ms() // 1000)
    user = person_of(guest)
    place = place_of(request, device=asked.device, told=asked.told)
    answered = ask(guest, user, place)
    joined = Joined(guest.integration.key, guest.grant.viewer, guest.integration.progress_every_s)
    wish = _wish(guest, asked.start_s, {**guest.grant.rules, **answered})
    return JsonResponse(
        open_for(user, guest.video.key, session=None, joined=joined, place=place, wish=wish), status=201
    )


def _wish(guest: Guest, start_s: str, rules: Mapping[str, object]) -> Wish:
    """Where to begin is no secret: it may stand in the address, as Kollus has it, or in the token."""
    start_ms = guest.grant.start_ms
    if start_ms is None and start_s.isascii() and start_s.isdigit() and len(start_s) <= 5:
        start_ms = int(start_s) * 1000
    return Wish(rules=rules, start_ms=start_ms)


def _parsed(request: HttpRequest) -> JoinedRequest:
    if request.content_type != "application/json":
        raise Invalid("content_type", "The body must be application/json.")
    try:
        return msgspec.json.decode(request.body, type=JoinedRequest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("malformed", str(error)) from None


@login_not_required
@csrf_exempt  # authorised by the ticket in the body
@require_POST
def joined_renew(request: HttpRequest, playback: str) -> JsonResponse:
    """A fresh ticket for a playback that another system's word opened, while that system and the course let it."""
    held = verify(request.body, keys=service.ticket_keys(), now_s=service.current().now_ms() // 1000)
    row = Playback.objects.filter(key=playback).first()
    if row is None:
        raise Forbidden("not_your_playback", "This playback was not opened by another system.")
    fresh, _joined = renew_joined(row, held, request.body.decode("ascii"))
    return JsonResponse(fresh)
