"""Ask-the-LMS: before one of its people's playbacks is opened, another system is asked whether it may be.

The one call to the outside that a viewer waits for. So it has a short timeout of its own, and what holds when no answer
comes is set beforehand: nothing is opened, unless the system's admin chose otherwise.
"""

import base64
import json
import secrets
from typing import Final

from django.utils.translation import gettext as _

from playhead.callbacks.endpoints import rules
from playhead.callbacks.sending import Answer, Sender
from playhead.callbacks.signing import PREFIX, signed_headers
from playhead.core.errors import Forbidden
from playhead.lms.joined_watching import Guest
from playhead.lms.models import Gatekeeper, User
from playhead.lms.opening import Place
from playhead.recorder import service

_REFUSED: Final = 403


def ask(guest: Guest, user: User, place: Place) -> None:
    """Raises Forbidden where the other system says no, or says nothing and that means no. Returns at once where it did
    not want to be asked."""
    keeper = Gatekeeper.objects.filter(integration=guest.integration.key).first()
    if keeper is None:
        return
    answer = _asked(keeper, guest, user, place)
    if answer.ok:
        return
    if answer.status == _REFUSED:
        raise Forbidden("refused_by_lms", _message(answer.said))
    if not keeper.allow_when_silent:
        said = _("The site you come from was asked whether you may watch this now, and did not answer. Try again.")
        raise Forbidden("lms_silent", said)


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
