"""The lake's three tables, and the rows of the tracking tables put into their form.

`viewer` and `playback` are pseudonymous keys; nothing here names a person. Preview counts nowhere.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from playhead.analytics.reading import Reader
from playhead.core.sections import EMPTY, Sections
from playhead.recorder.store import Row

EVENTS: Final = {
    "day": "DATE",
    "received_ms": "BIGINT",
    "at_ms": "BIGINT",
    "video": "VARCHAR",
    "viewer": "VARCHAR",
    "playback": "VARCHAR",
    "type": "VARCHAR",
    "m_ms": "BIGINT",
    "rate": "BIGINT",
    "from_ms": "BIGINT",
    "to_ms": "BIGINT",
    "earned": "BOOLEAN",
    "detail": "VARCHAR",
    "journal_id": "BIGINT",
    "idx": "INTEGER",
}
SECTIONS: Final = {
    "day": "DATE",
    "received_ms": "BIGINT",
    "began_ms": "BIGINT",
    "video": "VARCHAR",
    "viewer": "VARCHAR",
    "playback": "VARCHAR",
    "kind": "VARCHAR",
    "start_ms": "BIGINT",
    "end_ms": "BIGINT",
    "fresh": "BOOLEAN",
    "rate": "BIGINT",
    "claimed_ms": "BIGINT",
    "paid_ms": "BIGINT",
    "refused_ms": "BIGINT",
    "reasons": "VARCHAR",
    "journal_id": "BIGINT",
    "line": "INTEGER",
    "piece": "INTEGER",
}
ENVIRONMENT: Final = ("device", "browser", "os", "network", "country")
PLAYBACKS: Final = {
    "day": "DATE",
    "opened_ms": "BIGINT",
    "video": "VARCHAR",
    "viewer": "VARCHAR",
    "playback": "VARCHAR",
    "kind": "VARCHAR",
    "organisation_id": "BIGINT",
    "duration_ms": "BIGINT",
    "max_rate": "BIGINT",
    **dict.fromkeys(ENVIRONMENT, "VARCHAR"),
    "journal_id": "BIGINT",
}
TABLES: Final[Mapping[str, Mapping[str, str]]] = {"events": EVENTS, "sections": SECTIONS, "playbacks": PLAYBACKS}
# What is asked for is mostly one video, or one viewer of it: their rows lie side by side.
ORDER: Final = {
    "events": "video, viewer, at_ms, journal_id, idx",
    "sections": "video, viewer, journal_id, line, piece",
    "playbacks": "video, viewer, journal_id",
}

_LINES: Final = (
    "SELECT journal_id, idx, kind, playback_id, t0, m0, m1, rate, credit, fresh, paid_ms, credit_ms, reasons "
    "FROM recorder_ledgerline WHERE journal_id > ? AND journal_id <= ? ORDER BY journal_id, idx"
)
_PLAYBACKS: Final = (
    "SELECT p.id, p.key, v.key, p.video, p.opened_at, p.kind, p.organisation_id, p.duration_ms, p.max_rate, "
    "p.environment FROM recorder_playback p JOIN recorder_viewer v ON v.id = p.viewer_id "
    "WHERE NOT p.preview AND p.id IN "
    "(SELECT playback_id FROM recorder_journal WHERE id > ? AND id <= ?)"
)


class _Batch(msgspec.Struct, gc=False):
    events: list[dict[str, Any]]


_decode: Final = msgspec.json.Decoder(_Batch).decode


@dataclass(frozen=True, slots=True)
class Playback:
    """What the lake's rows need of a playback."""

    key: str
    viewer: str
    video: str
    opened_at: int
    kind: str
    organisation_id: int
    duration_ms: int | None
    max_rate: int
    environment: str


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of the journal with the ledger's lines and the playbacks that belong to it."""

    journal: Sequence[Row]
    lines: Sequence[Row]
    playbacks: Mapping[int, Playback]

    def rows(self, table: str) -> Iterator[Sequence[object]]:
        """The rows of one of the lake's tables, in the order of its columns."""
        return {"events": self._events, "sections": self._sections, "playbacks": self._playbacks}[table]()

    def _events(self) -> Iterator[Sequence[object]]:
        earned = self._earned()
        for journal_id, kind, _viewer, playback_id, _seq, received_at, _version, body in self.journal:
            playback = self.playbacks.get(playback_id)
            if kind == "batch" and playback is not None:
                who = (playback.video, playback.viewer, playback.key)
                for idx, event in enumerate(_events_of(body)):
                    told, moved = _told(event)
                    at_ms = playback.opened_at + event.get("t", 0)
                    yield (
                        day_of(received_at), received_at, at_ms, *who, event.get("type", ""), event.get("m", 0), *moved,
                        earned[journal_id] > 0, told, journal_id, idx,
                    )  # fmt: skip

    def _earned(self) -> Counter[int]:
        """Of each batch: twice what was credited, less what was claimed (`rollups` counts pauses by the same)."""
        earned: Counter[int] = Counter()
        for line in self.lines:
            earned[line[0]] += 2 * line[11] - (line[6] - line[5])
        return earned

    def _sections(self) -> Iterator[Sequence[object]]:
        received = {row[0]: row[5] for row in self.journal}
        for line in self.lines:
            playback = self.playbacks.get(line[3])
            if playback is not None and line[0] in received:
                yield from _pieces(playback, received[line[0]], line)

    def _playbacks(self) -> Iterator[Sequence[object]]:
        for journal_id, kind, _viewer, playback_id, *_rest in self.journal:
            one = self.playbacks.get(playback_id)
            if kind == "opened" and one is not None:
                known = environment_of(one.environment)
                yield (
                    day_of(one.opened_at), one.opened_at, one.video, one.viewer, one.key, one.kind,
                    one.organisation_id, one.duration_ms, one.max_rate, *(known[name] for name in ENVIRONMENT),
                    journal_id,
                )  # fmt: skip


def read_slice(reader: Reader, journal: Sequence[Row], *, after: int, upto: int) -> Slice:
    """What belongs to these journal rows, which are those after one id and up to another."""
    return Slice(
        journal,
        reader.all(_LINES, [after, upto]),
        {row[0]: Playback(*row[1:]) for row in reader.all(_PLAYBACKS, [after, upto])},
    )


def day_of(epoch_ms: int) -> str:
    """The day in UTC, ISO 8601; of an instant that no calendar knows, the first one of its own."""
    try:
        return datetime.fromtimestamp(epoch_ms / 1000, tz=UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return "1970-01-01"


def environment_of(text: str) -> dict[str, str]:
    """What a playback's environment says, as far as it is known: a text for each of `ENVIRONMENT`, or none."""
    try:
        known = json.loads(text) if text else {}
    except ValueError:
        known = {}
    if not isinstance(known, dict):
        known = {}
    return {name: str(known.get(name) or "")[:100] for name in ENVIRONMENT}


def _events_of(body: bytes) -> list[dict[str, Any]]:
    """A batch's events; of one that cannot be read, none: `verify` names it."""
    try:
        return _decode(body).events
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []


_OWN_COLUMNS: Final = frozenset({"type", "t", "m", "rate", "from_ms", "to_ms"})


def _told(event: dict[str, Any]) -> tuple[str, tuple[int | None, int | None, int | None]]:
    """What an event says beyond type and place: as JSON what has no column, then rate, from and to."""
    rest = {name: value for name, value in event.items() if name not in _OWN_COLUMNS}
    detail = json.dumps(rest, ensure_ascii=False, separators=(",", ":"), sort_keys=True) if rest else "{}"
    return detail, (event.get("rate"), event.get("from_ms"), event.get("to_ms"))


def _pieces(playback: Playback, received_at: int, line: Row) -> Iterator[Sequence[object]]:
    """A ledger line as the stretches it credits, each fresh or not; one without a length where it credits nothing.

    What is said of the whole claim stands on the first: sums over pieces are sums over claims.
    """
    journal_id, idx, kind, _playback, t0, m0, m1, rate, credit, fresh, paid_ms, _credit_ms, reasons = line
    first = _unpacked(fresh)
    again = EMPTY if bytes(credit) == bytes(fresh) else _unpacked(credit) - first
    spans = sorted([(*span, True) for span in first.pairs()] + [(*span, False) for span in again.pairs()])
    refused_ms = sum(ms for _reason, ms in json.loads(reasons)) if reasons else 0
    base = (day_of(received_at), received_at, playback.opened_at + t0, playback.video, playback.viewer, playback.key)
    for piece, (start, end, is_fresh) in enumerate(spans or [(max(m0, 0), max(m0, 0), False)]):
        sums = (0, 0, 0, "") if piece else (max(m1 - m0, 0), paid_ms, refused_ms, reasons)
        yield (*base, kind, start, end, is_fresh, rate, *sums, journal_id, idx, piece)


def _unpacked(packed: object) -> Sections:
    held = bytes(packed)  # type: ignore[call-overload]
    return Sections.unpack(held) if held else EMPTY
