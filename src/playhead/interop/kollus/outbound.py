"""Our messages as Kollus's player sends them: a form with `json_data`, or an address with placeholders.

The figures are the ledger's, as of the message: `real_playtime` and blocks cannot be had by skimming. A block is marked
when all of it was watched, and over all of the viewer's playbacks, so that receivers that count marked blocks, or join
sessions by OR and maximum as the vendor's samples do, come to our coverage and never above it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from playhead.core.sections import EMPTY, Sections
from playhead.recorder import models
from playhead.recorder.ledger import IMPORTED, Line, lines_of

FORM: Final = "application/x-www-form-urlencoded"
BLOCKS: Final = 20
_SESSIONS: Final = 100  # of the newest: percent-encoded they keep the body under 20 kB
_PLACEHOLDER: Final = re.compile(r"\{([A-Z][A-Z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Watched:
    """What the ledger says of one playback, and of its viewer's coverage of the video, at one moment (media ms)."""

    stretches: Sequence[tuple[int, int]]  # of the playback, in the order they were watched
    coverage: Sections  # of the viewer, over all playbacks
    playing_ms: int  # wall time in which the playback played
    running_ms: int  # wall time since it began to play, pauses included
    position_ms: int


def render(url: str, body: bytes) -> tuple[str, str, bytes]:
    """The address, the content type and the body that a Kollus receiver is sent for one of our messages."""
    message = json.loads(body)
    data = message["data"]
    at = round(datetime.fromisoformat(message["timestamp"]).timestamp() * 1000)
    row = models.Playback.objects.filter(key=data.get("playback")).first()
    told = _empty(data) if row is None else snapshot(row, data, watched(row, at=at))
    values = placeholders(told)
    address = _PLACEHOLDER.sub(lambda found: quote(values.get(found[1], ""), safe=""), url)
    return address, FORM, urlencode({"json_data": values["JSON_DATA"]}).encode()


def watched(playback: models.Playback, *, at: int) -> Watched:
    lines = [line for line in lines_of(playback.viewer_id, playback.video) if line.kind != IMPORTED]
    lines = [line for line in lines if line.received_at <= at]
    mine = sorted((line for line in lines if line.playback == playback.key and line.credit), key=lambda line: line.t0)
    coverage = EMPTY
    for line in lines:
        coverage = coverage | line.credit
    return Watched(
        stretches=_stretches(mine),
        coverage=coverage,
        playing_ms=sum(line.t1 - line.t0 for line in mine),
        running_ms=at - mine[0].began_at if mine else 0,
        position_ms=mine[-1].credit.bounds[-1] if mine else 0,
    )


def _stretches(lines: Sequence[Line]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for line in lines:
        for start, end in line.credit.pairs():
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return found


def snapshot(playback: models.Playback, data: dict[str, Any], seen: Watched) -> dict[str, Any]:
    """The shape of `json_data`: whole seconds, floored, so that nothing is said that was not watched."""
    environment = json.loads(playback.environment or "{}")
    duration_ms = playback.duration_ms or data.get("duration_ms") or 0
    played_ms = sum(end - start for start, end in seen.stretches)
    return {
        "user_info": _user(data, environment, playback.key),
        "content_info": {
            "duration": duration_ms // 1000,
            "encoding_profile": "",
            "media_content_key": environment.get("media_content_key") or playback.video,
            "channel_key": environment.get("channel_key", ""),
            "start_at": playback.opened_at // 1000,
            "playtime": played_ms // 1000,
            "real_playtime": Sections.of(seen.stretches).length // 1000,
            "playtime_percent": played_ms * 100 // duration_ms if duration_ms else 0,
            "runtime": seen.running_ms // 1000,
            "showtime": seen.playing_ms // 1000,
            "last_play_at": seen.position_ms // 1000,
        },
        "block_info": _block_info(seen, duration_ms),
        "uservalues": {name: str(value) for name, value in environment.items() if name.startswith("uservalue")},
    }


def _user(data: dict[str, Any], environment: dict[str, Any], player: str) -> dict[str, Any]:
    viewer = data.get("viewer") or {}
    return {
        "content_provider_key": "playhead",
        "client_user_id": viewer.get("external_id") or viewer.get("key") or "",
        "player_id": player,
        "hardware_id": "",
        "host_name": environment.get("host", ""),
        "device": environment.get("device", ""),
    }


def block_edges(duration_ms: int, count: int = BLOCKS) -> list[tuple[int, int]]:
    return [(n * duration_ms // count, (n + 1) * duration_ms // count) for n in range(count)]


def _block_info(seen: Watched, duration_ms: int) -> dict[str, Any]:
    edges = [edge for edge in block_edges(duration_ms) if edge[0] < edge[1]]
    blocks: dict[str, int] = {}
    for n, (start, end) in enumerate(edges):
        covered_ms = seen.coverage.clip(start, end).length
        played_ms = sum(max(0, min(to, end) - max(since, start)) for since, to in seen.stretches)
        blocks |= {
            f"b{n}": int(covered_ms == end - start),
            f"t{n}": played_ms // 1000,
            f"p{n}": covered_ms * 100 // (end - start),
        }
    sessions = [
        {
            "block": next((n for n, edge in enumerate(edges) if edge[0] <= start < edge[1]), 0),
            "start_time": -(-start // 1000),
            "play_time": max(0, end // 1000 + start // -1000),
        }
        for start, end in seen.stretches[-_SESSIONS:]
    ]
    return {"block_count": len(edges), "blocks": blocks, "sessions": sessions}


def _empty(data: dict[str, Any]) -> dict[str, Any]:
    """A test: the shape, and nothing watched."""
    nothing = ("duration", "start_at", "playtime", "real_playtime", "playtime_percent", "runtime", "showtime")
    content: dict[str, Any] = dict.fromkeys((*nothing, "last_play_at"), 0)
    return {
        "user_info": _user(data, {}, ""),
        "content_info": content | {"encoding_profile": "", "media_content_key": "", "channel_key": ""},
        "block_info": {"block_count": 0, "blocks": {}, "sessions": []},
        "uservalues": {},
    }


def placeholders(told: dict[str, Any]) -> dict[str, str]:
    """What an address may hold instead of the JSON. Addresses count blocks from 1, the JSON from 0."""
    content, blocks = told["content_info"], told["block_info"]["blocks"]
    values: dict[str, Any] = {
        "CLIENT_USER_ID": told["user_info"]["client_user_id"],
        "START_AT": content["start_at"],
        "DURATION": content["duration"],
        "PLAY_TIME": content["playtime"],
        "REAL_PLAYTIME": content["real_playtime"],
        "PLAYTIME_PERCENT": content["playtime_percent"],
        "RUN_TIME": content["runtime"],
        "SHOW_TIME": content["showtime"],
        "LAST_PLAY_AT": content["last_play_at"],
        "MEDIA_CONTENT_KEY": content["media_content_key"],
        "ENCODING_PROFILE_KEY": content["encoding_profile"],
        "BLOCK_CNT": told["block_info"]["block_count"],
        "PLAY_BLOCK_JSON": json.dumps(told["block_info"], separators=(",", ":")),
        "JSON_DATA": json.dumps(told, separators=(",", ":"), ensure_ascii=False),
    }
    for n in range(told["block_info"]["block_count"]):
        values[f"BLOCK_PLAY_{n + 1}"], values[f"BLOCK_TIME_{n + 1}"] = blocks[f"b{n}"], blocks[f"t{n}"]
    values |= {name.upper(): value for name, value in told["uservalues"].items()}
    return {name: str(value) for name, value in values.items()}
