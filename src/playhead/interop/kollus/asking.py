"""Kollus's play callback: what its player asks a learning system before it plays, and what such a system answers.

The question is a form; the answer a JWT (HS256, by the security key) whose `data.result` is 1 or 0, as a number: "1" is
no answer, as in Kollus's own. What only Kollus's players can do (virtual machines, TV-out) is left aside.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn
from urllib.parse import urlencode

from playhead.core.errors import Unauthorised
from playhead.core.watch_tokens import signed_object

FORM: Final = "application/x-www-form-urlencoded"
ANSWER_BYTES: Final = 4096
_MAY_IT_PLAY: Final = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rules` are rules of viewing by name, in the units of `lms.models.rules`."""

    allowed: bool
    message: str = ""
    rules: Mapping[str, object] = field(default_factory=dict)


def question(*, viewer: str, video: str, device: str, device_name: str, at_s: int) -> bytes:
    """`device` names the browser as far as it is known; there is no hardware to name."""
    return urlencode(
        {
            "kind": _MAY_IT_PLAY,
            "client_user_id": viewer,
            "player_id": device,
            "hardware_id": "",
            "device_name": device_name,
            "media_content_key": video,
            "uservalues": json.dumps({}),
            "localtime": at_s,
        }
    ).encode()


def verdict(answer: str, *, secrets: Iterable[bytes], now_s: int) -> Verdict:
    """Raises Unauthorised for what is no answer: not signed, not in time, or without a result that can be meant."""
    told = signed_object(answer.strip(), secrets=secrets)
    if "exp" in told and not _is_later(told["exp"], now_s):
        _refuse()
    data = told.get("data")
    if type(data) is not dict or type(data.get("result")) is not int or data["result"] not in {0, 1}:
        _refuse()
    message = data.get("message")
    said = message[:300] if isinstance(message, str) else ""
    expires = data.get("expiration_date", 0)
    over = data.get("content_expired") == 1 or (expires != 0 and not _is_later(expires, now_s))
    return Verdict(data["result"] == 1 and not over, said, _part(data.get("play_section")))


def _refuse() -> NoReturn:
    raise Unauthorised("answer_invalid", "The other system's answer has no result, or is too old.")


def _is_later(value: object, now_s: int) -> bool:
    return type(value) is int and value > now_s


def _part(told: object) -> Mapping[str, object]:
    """Seconds to a part in ms; one that cannot be meant is none, as Kollus's players have it."""
    if type(told) is not dict:
        return {}
    start_s, end_s = told.get("start_time", 0), told.get("end_time", 0)
    if type(start_s) is not int or type(end_s) is not int or not 0 <= start_s < end_s <= 86_400:
        return {}
    return {"part_start_ms": start_s * 1000, "part_end_ms": end_s * 1000}
