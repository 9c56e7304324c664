"""Ask-the-LMS: before one of its people's playbacks is opened, another system is asked whether it may be.

The one call to the outside that a viewer waits for. So it has a short timeout of its own, and what holds when no answer
comes is set beforehand: nothing is opened, unless the system's admin chose otherwise.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from playhead.callbacks.endpoints import rules
from playhead.callbacks.sending import Answer, Sender
from playhead.callbacks.signing import PREFIX, signed_headers
from playhead.core.errors import Forbidden, Unauthorised
from playhead.core.watch_tokens import KOLLUS
from playhead.interop.kollus import asking
from playhead.lms.joined_watching import Guest
from playhead.lms.models import Gatekeeper, User
from playhead.lms.opening import Place
from playhead.recorder import service

_REFUSED: Final = 403


def ask(guest: Guest, user: User, place: Place) -> Mapping[str, object]:
    """Raises Forbidden where the other system says no, or says nothing and that means no. Returns at once where it did
    not want to be asked; the rules of viewing that it answered with, nearer than the token's."""
    keeper = Gatekeeper.objects.filter(integration=guest.integration.key).first()
    if keeper is None:
        return {}
    if guest.integration.kind == KOLLUS:
        return _as_kollus(keeper, guest, place)
    answer = _asked(keeper, guest, user, place)
    if not answer.ok and answer.status == _REFUSED:
        raise Forbidden("refused_by_lms", _message(answer.said))
    if not answer.ok:
        _silent(keeper)
    return {}


def _silent(keeper: Gatekeeper) -> None:
    if not keeper.allow_when_silent:
        said = _("The site you come from was asked whether you may watch this now, and did not answer. Try again.")
        raise Forbidden("lms_silent", said)


def _as_kollus(keeper: Gatekeeper, guest: Guest, place: Place) -> Mapping[str, object]:
    """The play callback of Kollus, for who has an answer to that already."""
    now_ms = service.current().now_ms()
    seen = place.environment
    body = asking.question(
        viewer=guest.grant.viewer,
        video=guest.grant.video,
        device=place.device,
        device_name=" ".join(filter(None, (seen.get("browser"), seen.get("os")))),
        at_s=now_ms // 1000,
    )
    sender = Sender(rules(), timeout_s=keeper.timeout_ms / 1000, answer_bytes=asking.ANSWER_BYTES)
    answer = sender.post(keeper.url, headers=[("content-type", asking.FORM)], body=body)
    known = [key.secret.encode() for key in guest.integration.keys_valid_at(now_ms)]
    try:
        told = asking.verdict(answer.said if answer.ok else "", secrets=known, now_s=now_ms // 1000)
    except Unauthorised:
        _silent(keeper)
        return {}
    if not told.allowed:
        raise Forbidden("refused_by_lms", told.message or _("The site you come from does not allow it now."))
    return told.rules


def _asked(keeper: Gatekeeper, guest: Guest, user: User, place: Place) -> Answer:
    now_ms = service.current().now_ms()
    question = {
        "type": "playback.requested",
        "created_at": now_ms,
        "viewer": {"key": user.key, "external_id": guest.grant.viewer},
        "video": {"key": guest.video.key, "asked_as": guest.grant.video, "title": guest.video.title},
        "environment": dict(place.environment),
    }
    body = json.dumps(question, separators=(",", ":")).encode()
    # The playback keys sign the other way round, too: both systems know them already.
    known = [key.secret.encode() for key in guest.integration.keys_valid_at(now_ms)]
    signing = [PREFIX + base64.b64encode(secret).decode() for secret in known]
    signed = signed_headers(
        body, message_id="msg_" + secrets.token_hex(12), at_s=now_ms // 1000, signing_secrets=signing
    )
    headers = [("content-type", "application/json"), *signed]
    return Sender(rules(), timeout_s=keeper.timeout_ms / 1000).post(keeper.url, headers=headers, body=body)


def _message(said: str) -> str:
    """What the other system wants its person to read: `{"message": "..."}`, else words of ours."""
    try:
        told = json.loads(said)
    except ValueError:
        told = None
    message = told.get("message") if isinstance(told, dict) else None
    return message[:300] if isinstance(message, str) and message else _("The site you come from does not allow it now.")
