"""Counting, without a database: ledger lines and batches in, sums per second and per kind of event out.

A second counts as seen when its middle was: every viewer's fresh sections are disjoint, so each viewer is counted at
most once per second, and sums of any lines, in any order, are exact.
"""

import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final, Literal

import msgspec

from playhead.core import limits
from playhead.core.sections import Sections

Measure = Literal["viewers", "views", "pauses"]
MEASURES: Final[tuple[Measure, ...]] = ("viewers", "views", "pauses")
CREDIT: Final = "credit"
_DAY_MS: Final = 86_400_000


class _Event(msgspec.Struct, gc=False):
    type: str
    m: int
    scrubbing: bool = False


class _Batch(msgspec.Struct, gc=False):
    events: list[_Event]


_decode: Final = msgspec.json.Decoder(_Batch).decode


def second_of_middle(position_ms: int) -> int:
    """The first second whose middle is not before this position: `[a, b)` saw the seconds from f(a) to before f(b)."""
    return (position_ms + 499) // 1000


def _differences() -> defaultdict[int, int]:
    return defaultdict(int)


@dataclass(slots=True)
class Tally:
    """Sums over some lines and batches: differences by (video, kind) and measure, and events by (video, day, type)."""

    seconds: dict[tuple[str, str], dict[Measure, defaultdict[int, int]]] = field(default_factory=dict)
    events: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add_line(self, video: str, kind: str, *, credit: Sections, fresh: Sections) -> None:
        for measure, sections in (("viewers", fresh), ("views", credit)):
            if sections:
                self._add(video, kind, measure, sections.pairs())  # type: ignore[arg-type]

    def add_batch(self, video: str, received_at: int, body: bytes, *, earned: bool) -> None:
        """Count a batch's events. One that cannot be read counts nothing: `verify` names it.

        Pauses count where the batch earned most of what it claimed: who sends one again and again makes no moment.
        """
        try:
            events = _decode(body).events
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        day = _day(received_at // _DAY_MS)
        for event in events:
            self.events[video, day, event.type] += 1
            if earned and event.type == "pause" and not event.scrubbing and 0 <= event.m < limits.VIDEO_MS:
                second_ms = event.m // 1000 * 1000
                self._add(video, CREDIT, "pauses", [(second_ms, second_ms + 1000)])

    def add(self, other: "Tally") -> None:
        self.events += other.events
        for (video, kind), measured in other.seconds.items():
            for measure, differences in measured.items():
                mine = self.seconds.setdefault((video, kind), {}).setdefault(measure, _differences())
                for second, difference in differences.items():
                    mine[second] += difference

    def _add(self, video: str, kind: str, measure: Measure, spans: Iterable[tuple[int, int]]) -> None:
        counts = self.seconds.setdefault((video, kind), {}).setdefault(measure, _differences())
        for start_ms, end_ms in spans:
            counts[second_of_middle(start_ms)] += 1
            counts[second_of_middle(end_ms)] -= 1


def _day(days: int) -> str:
    return datetime.fromtimestamp(days * 86_400, tz=UTC).date().isoformat()


def added(packed: bytes, differences: Mapping[int, int]) -> bytes:
    """Packed differences (little-endian int32, one a second) with more of them added."""
    numbers = _unpacked(packed)
    most = max(differences, default=-1)
    if most >= len(numbers):
        numbers.extend([0] * (most + 1 - len(numbers)))
    for second, difference in differences.items():
        numbers[second] += difference
    return _swapped(numbers).tobytes()


def counts(packed: bytes) -> list[int]:
    """What packed differences say of each second, up to the last one they know of."""
    return list(accumulate(_unpacked(packed)))


def _unpacked(packed: bytes) -> "array[int]":
    numbers = array("i")
    numbers.frombytes(packed)
    return _swapped(numbers)


def _swapped(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
