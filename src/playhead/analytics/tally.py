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
from functools import lru_cache
from itertools import accumulate, repeat
from typing import Final, Literal, NamedTuple

import msgspec

from playhead.core import limits
from playhead.core.sections import Sections

Measure = Literal["viewers", "views", "pauses", "faster", "slower", "waits"]
MEASURES: Final[tuple[Measure, ...]] = ("viewers", "views", "pauses", "faster", "slower", "waits")
CREDIT: Final = "credit"
_DAY_MS: Final = 86_400_000


class Event(msgspec.Struct, gc=False):
    type: str
    m: int
    t: int = 0
    rate: int = limits.RATE_NORMAL
    scrubbing: bool = False


class _Batch(msgspec.Struct, gc=False):
    events: list[Event]


_decode: Final = msgspec.json.Decoder(_Batch).decode
_OF_PLAYBACKS: Final = frozenset(
    {"play", "playing", "canplay", "pause", "waiting", "stalled", "seeking", "seeked", "ratechange"}
)


class Claimed(NamedTuple):
    """What a ledger line says for its playback; `contested_ms` is what another playback had spent the time for."""

    received_at: int
    wall_ms: int
    credit_ms: int
    paid_ms: int
    contested_ms: int


class Told(NamedTuple):
    """What a batch told that matters for its playback; `earned` as for pauses."""

    received_at: int
    events: list[Event]
    earned: bool


Item = Claimed | Told
Differences = defaultdict[int, int]
Counts = dict[tuple[str, str], dict[Measure, Differences]]


def second_of_middle(position_ms: int) -> int:
    """The first second whose middle is not before this position: `[a, b)` saw the seconds from f(a) to before f(b)."""
    return (position_ms + 499) // 1000


def _measured() -> dict[Measure, Differences]:
    return defaultdict(_differences)


def _noted() -> defaultdict[int, list[tuple[int, Item]]]:
    return defaultdict(list)


def _differences() -> Differences:
    return defaultdict(int)


def _counts() -> Counts:
    return defaultdict(_measured)


@dataclass(slots=True)
class Tally:
    """Sums over some lines and batches: differences by (video, kind) and measure, the same of what was credited by
    (video, day), and events by (video, day, type).

    `noted` is what is still to be folded into the sums of each playback, by its id: (journal id, what) in any order.
    """

    seconds: Counts = field(default_factory=_counts)
    days: Counts = field(default_factory=_counts)
    events: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    noted: defaultdict[int, list[tuple[int, Item]]] = field(default_factory=_noted)

    def add_line(self, video: str, kind: str, *, received_at: int, credit: Sections, fresh: Sections) -> None:
        if credit == fresh:  # nothing was seen before: mostly so
            self._add(video, kind, received_at, ("viewers", "views"), credit.pairs())
        else:
            self._add(video, kind, received_at, ("viewers",), fresh.pairs())
            self._add(video, kind, received_at, ("views",), credit.pairs())

    def add_batch(self, video: str, received_at: int, body: bytes, *, earned: bool) -> Told | None:
        """Count a batch's events; returns those that matter for its playback. One that cannot be read counts nothing:
        `verify` names it.

        Pauses count where the batch earned most of what it claimed: who sends one again and again makes no moment.
        """
        try:
            events = _decode(body).events
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        self.events.update(zip(repeat(video), repeat(day_of(received_at)), [event.type for event in events]))
        matter = [event for event in events if event.type in _OF_PLAYBACKS]
        for event in matter:
            if earned and event.type == "pause" and not event.scrubbing and 0 <= event.m < limits.VIDEO_MS:
                self._add_second(video, received_at, "pauses", event.m)
        return Told(received_at, matter, earned) if matter else None

    def add_point(self, video: str, item: Item, measure: Measure, position_ms: int) -> None:
        """Count something that one item told, at its position."""
        self._add_second(video, item.received_at, measure, position_ms)

    def add(self, other: "Tally") -> None:
        """Add another's sums; what it noted of playbacks is not a sum yet, and stays where it is."""
        self.events += other.events
        for mine, others in ((self.seconds, other.seconds), (self.days, other.days)):
            for key, measured in others.items():
                for measure, differences in measured.items():
                    counts = mine[key][measure]
                    for second, difference in differences.items():
                        counts[second] += difference

    def _add_second(self, video: str, received_at: int, measure: Measure, position_ms: int) -> None:
        second_ms = position_ms // 1000 * 1000
        self._add(video, CREDIT, received_at, (measure,), [(second_ms, second_ms + 1000)])

    def _add(
        self, video: str, kind: str, received_at: int, measures: Iterable[Measure], spans: Iterable[tuple[int, int]]
    ) -> None:
        for start_ms, end_ms in spans:
            start, end = second_of_middle(start_ms), second_of_middle(end_ms)
            for measure in measures:
                counts = self.seconds[video, kind][measure]
                counts[start] += 1
                counts[end] -= 1
                if kind == CREDIT:
                    counts = self.days[video, day_of(received_at)][measure]
                    counts[start] += 1
                    counts[end] -= 1


def day_of(epoch_ms: int) -> str:
    """The day in UTC, ISO 8601."""
    return _name_of(epoch_ms // _DAY_MS)


@lru_cache(maxsize=4096)
def _name_of(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, tz=UTC).date().isoformat()


def added(packed: bytes, differences: Mapping[int, int]) -> bytes:
    """Packed differences (little-endian int32, one a second) with more of them added."""
    if not differences:
        return packed
    numbers = _unpacked(packed)
    most = max(differences)
    if most >= len(numbers):
        numbers.extend([0] * (most + 1 - len(numbers)))
    for second, difference in differences.items():
        numbers[second] += difference
    return _swapped(numbers).tobytes()


def counts(packed: bytes) -> list[int]:
    """What packed differences say of each second, up to the last one they know of."""
    return list(accumulate(_unpacked(packed)))


def sparsely_added(packed: bytes, differences: Mapping[int, int]) -> bytes:
    """The same for few differences, as of one day: pairs of second and difference, in the order of the seconds."""
    numbers = dict(sparse(packed))
    for second, difference in differences.items():
        numbers[second] = numbers.get(second, 0) + difference
    flat = array("i", [number for pair in sorted(numbers.items()) if pair[1] for number in pair])
    return _swapped(flat).tobytes()


def sparse(packed: bytes) -> Iterable[tuple[int, int]]:
    """The pairs of second and difference."""
    numbers = _unpacked(packed)
    return zip(numbers[::2], numbers[1::2], strict=True)


def _unpacked(packed: bytes) -> "array[int]":
    numbers = array("i")
    numbers.frombytes(packed)
    return _swapped(numbers)


def _swapped(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
