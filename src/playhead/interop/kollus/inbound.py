"""What a Kollus player tells a learning system, read strictly: a form or JSON, `json_data` or flat fields.

Nobody signs it, so it is `imported` evidence at best. `sessions` become sections; without them blocks do, coarsely: of
each block as much as its percent says, from its beginning.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from playhead.core import limits
from playhead.core.errors import Invalid

_MOST_BLOCKS: Final = 1_000
_MOST_SESSIONS: Final = 4_096


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One session as far as it was told; `sections` in media ms. `coarse`: made of blocks."""

    user: str
    media: str
    start_at_s: int
    duration_ms: int
    sections: tuple[tuple[int, int], ...]
    coarse: bool

    @property
    def session(self) -> str:
        """What names a session: `start_at` alone is shared by all who began in the same second."""
        return f"kollus {self.user} {self.media} {self.start_at_s}"


def parse(body: bytes, content_type: str) -> Snapshot:
    """Raises Invalid (code `kollus_invalid`), and nothing else, whatever comes."""
    try:
        told = _told(body, content_type)
        content, blocks = _part(told, "content_info"), _part(told, "block_info")
        user, media = _name(_part(told, "user_info"), "client_user_id"), _name(content, "media_content_key")
        duration_s, start_at_s = _number(content, "duration"), _number(content, "start_at")
        if not 0 < duration_s * 1000 <= limits.VIDEO_MS:
            raise Invalid("kollus_invalid", "duration is out of range")
        sections, coarse = _sections(blocks, duration_s * 1000)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise Invalid("kollus_invalid", f"This is no callback of Kollus: {error}"[:200]) from None
    return Snapshot(user, media, start_at_s, duration_s * 1000, sections, coarse)


def _told(body: bytes, content_type: str) -> Mapping[str, Any]:
    text = body.decode()
    if content_type.partition(";")[0].strip().lower() == "application/json":
        told = json.loads(text)
    else:
        told = {name: values[-1] for name, values in parse_qs(text, max_num_fields=200).items()}
    told = told.get("json_data", told)
    if isinstance(told, str):
        told = json.loads(told)
    if not isinstance(told, Mapping):
        raise Invalid("kollus_invalid", "json_data must be an object")
    return told


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of the JSON; a sender of flat fields has them all in one place."""
    part = told.get(name, told)
    part = json.loads(part) if isinstance(part, str) else part
    if not isinstance(part, Mapping):
        raise Invalid("kollus_invalid", f"{name} must be an object")
    return part


def _name(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limits.TICKET_FIELD_CHARS or not value.isprintable():
        raise Invalid("kollus_invalid", f"{name} is missing, or no name")
    return value


def _number(part: Mapping[str, Any], name: str) -> int:
    """An integer; the vendor's own senders write some as text."""
    value = part.get(name, 0)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 16:
        value = int(value)
    if type(value) is not int or not 0 <= value <= limits.INTEGER_MAX:
        raise Invalid("kollus_invalid", f"{name} must be a whole number")
    return value


def _sections(info: Mapping[str, Any], duration_ms: int) -> tuple[tuple[tuple[int, int], ...], bool]:
    sessions = info.get("sessions")
    if isinstance(sessions, Mapping):
        sessions = list(sessions.values())
    if sessions and isinstance(sessions, list) and all(isinstance(one, Mapping) for one in sessions):
        return _of_sessions(sessions, duration_ms), False
    return _of_blocks(info, duration_ms), True


def _of_sessions(sessions: list[Any], duration_ms: int) -> tuple[tuple[int, int], ...]:
    if len(sessions) > _MOST_SESSIONS:
        raise Invalid("kollus_invalid", "too many sessions")
    found = []
    for one in sessions:
        start = _number(one, "start_time") * 1000
        end = min(start + _number(one, "play_time") * 1000, duration_ms)
        if start < end:
            found.append((start, end))
    return tuple(found)


def _of_blocks(info: Mapping[str, Any], duration_ms: int) -> tuple[tuple[int, int], ...]:
    count, blocks = _number(info, "block_count"), _part(info, "blocks")
    if count > _MOST_BLOCKS:
        raise Invalid("kollus_invalid", "too many blocks")
    found = []
    for n in range(count):
        start, end = n * duration_ms // count, (n + 1) * duration_ms // count
        percent = min(100, _number(blocks, f"p{n}")) if _number(blocks, f"b{n}") else 0
        if (end - start) * percent // 100:
            found.append((start, start + (end - start) * percent // 100))
    return tuple(found)
