"""One algebra of time, used three times: media covered, viewer's time spent, media delivered.

`Sections` is a set of disjoint half-open intervals `[start_ms, end_ms)` of integers. It is kept as one flat array of
strictly increasing bounds (start, end, start, end, ...): an index found by bisection is odd inside an interval and even
outside, which makes every operation a slice. Two intervals never touch; what touches is one.
"""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from operator import lt

_INTERVAL_BYTES = 16
_LITTLE_ENDIAN = array("q", [1]).tobytes()[0] == 1
_NO_BOUNDS = array("q")
_new = object.__new__


class Sections:
    """An immutable set of disjoint half-open integer intervals, within 64 bits.

    `Sections(bounds)` takes the flat list of bounds and raises ValueError unless it is strictly increasing and of even
    length; `Sections.of(pairs)` takes intervals in any order.
    """

    __slots__ = ("_bounds",)
    _bounds: array[int]

    def __init__(self, bounds: Iterable[int] = ()) -> None:
        self._bounds = _checked(_packed(bounds))

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Sections:
        """The union of intervals in any order, overlaps welcome. ValueError for one that is empty or backwards."""
        bounds: list[int] = []
        for start, end in sorted(pairs):
            if end <= start:
                raise ValueError(f"[{start}, {end}) is not an interval")
            if not bounds or start > bounds[-1]:
                bounds += (start, end)
            elif end > bounds[-1]:
                bounds[-1] = end
        return _trusted(_packed(bounds))

    @classmethod
    def one(cls, start: int, end: int) -> Sections:
        """The single interval `[start, end)`; the caller knows that it is one."""
        return _trusted(array("q", (start, end)))

    @classmethod
    def unpack(cls, packed: bytes) -> Sections:
        """What `pack` wrote. Raises ValueError for anything else."""
        if len(packed) % _INTERVAL_BYTES:
            raise ValueError("packed sections come in pairs of 64-bit integers")
        bounds = array("q")
        bounds.frombytes(packed)
        return _trusted(_checked(_little_endian(bounds)))

    def pack(self) -> bytes:
        """The bounds as little-endian signed 64-bit integers: 16 bytes an interval."""
        return _little_endian(self._bounds).tobytes()

    @property
    def bounds(self) -> tuple[int, ...]:
        return tuple(self._bounds)

    @property
    def length(self) -> int:
        """How many milliseconds lie inside."""
        bounds = self._bounds
        if len(bounds) == 2:
            return bounds[1] - bounds[0]
        return sum(bounds[1::2]) - sum(bounds[::2])

    def pairs(self) -> list[tuple[int, int]]:
        bounds = self._bounds
        if len(bounds) == 2:  # as what one claim earns mostly is
            return [(bounds[0], bounds[1])]
        return list(zip(bounds[::2], bounds[1::2], strict=True))

    def __len__(self) -> int:
        """The number of intervals."""
        return len(self._bounds) // 2

    def __bool__(self) -> bool:
        return bool(self._bounds)

    def __eq__(self, other: object) -> bool:
        return self._bounds == other._bounds if isinstance(other, Sections) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._bounds.tobytes())

    def __repr__(self) -> str:
        return f"Sections.of({self.pairs()})"

    def add(self, start: int, end: int, *, reach_ms: int = 0) -> Sections:
        """With `[start, end)` joined in, and every gap shorter than `reach_ms` from it to a neighbour closed."""
        if end <= start:
            raise ValueError(f"[{start}, {end}) is not an interval")
        bounds = self._bounds
        gap_ms = start - bounds[-1] if bounds else reach_ms + 1
        if gap_ms >= 0:  # after everything else: by far the most frequent case, and no search
            if gap_ms and gap_ms >= reach_ms:
                return _trusted(bounds + array("q", (start, end)))
            joined = bounds[:]
            joined[-1] = end
            return _trusted(joined)
        first, last = bisect_left(bounds, start), bisect_right(bounds, end)
        if first & 1 and first == last:
            return self
        if first and not first & 1 and start - bounds[first - 1] < reach_ms:
            first -= 1
        if last < len(bounds) and not last & 1 and bounds[last] - end < reach_ms:
            last += 1
        joined = bounds[:]
        if first & 1:
            joined[first:last] = _NO_BOUNDS if last & 1 else array("q", (end,))
        else:
            joined[first:last] = array("q", (start,) if last & 1 else (start, end))
        return _trusted(joined)

    def grown(self, by: Sections) -> tuple[Sections, Sections]:
        """The union with one interval, and what of that was not inside before: one search and one copy for both."""
        bounds, came = self._bounds, by._bounds
        start, end = came[0], came[1]
        gap_ms = start - bounds[-1] if bounds else 1
        if gap_ms > 0:
            return _trusted(bounds + came), by
        if not gap_ms:  # it goes on where the last one ended: by far the most frequent case, and no search
            joined = bounds[:]
            joined[-1] = end
            return _trusted(joined), by
        first = last = bisect_left(bounds, start)
        while last < len(bounds) and bounds[last] <= end:  # few, and what is passed here is gone afterwards
            last += 1
        if not first & 1:
            edges = came[:1] if last & 1 else came
        elif first == last:
            return self, EMPTY
        else:
            edges = _NO_BOUNDS if last & 1 else came[1:]
        joined = bounds[:]
        joined[first:last] = edges
        inside = last - first - (first & 1 and bounds[first] == start) - (last & 1 and bounds[last - 1] == end)
        return _trusted(joined), by - self if inside else by

    def filled(self, start: int, end: int, length_ms: int, *, reach_ms: int) -> tuple[Sections, Sections]:
        """With the `first_gaps` of `[start, end)` joined in as by `close_gaps`, and these gaps."""
        bounds = self._bounds
        if not bounds or start < bounds[-2]:
            found = self.first_gaps(start, end, length_ms)
            return self.close_gaps(reach_ms, around=found), found
        before = bounds[-1]  # nothing else can be in the way: by far the most frequent case, and no search
        if start < before:
            start = before
        stop = start + length_ms if start + length_ms < end else end
        if stop <= start:
            return self, EMPTY
        stretch = array("q", (start, stop))
        if start > before and start - before >= reach_ms:
            return _trusted(bounds + stretch), _trusted(stretch)
        joined = bounds[:]
        joined[-1] = stop
        return _trusted(joined), _trusted(stretch)

    def __or__(self, other: Sections) -> Sections:
        if len(other._bounds) == 2:
            return self.add(other._bounds[0], other._bounds[1])
        if not self._bounds or not other._bounds:
            return self if self._bounds else other
        return Sections.of(self.pairs() + other.pairs())

    def __and__(self, other: Sections) -> Sections:
        few, many = (self, other) if len(self._bounds) < len(other._bounds) else (other, self)
        if len(few._bounds) == 2:
            return many.clip(*few._bounds)
        common = array("q")
        for start, end in few.pairs():
            common += many.clip(start, end)._bounds
        return _trusted(common)

    def __sub__(self, other: Sections) -> Sections:
        bounds = self._bounds
        if not bounds or not other._bounds or bounds[0] >= other._bounds[-1]:
            return self
        first = bisect_right(other._bounds, bounds[0])
        if not first & 1 and other._bounds[first] >= bounds[-1]:
            return self  # it lies in one of the other's gaps
        outside = other.gaps(bounds[0], bounds[-1])
        return outside if len(bounds) == 2 else self & outside

    def recent(self, start: int, max_intervals: int) -> Sections:
        """`since(start)`, then `limited(max_intervals)`; mostly there is nothing to do."""
        bounds = self._bounds
        if not bounds or (bounds[0] >= start and len(bounds) <= 2 * max_intervals):
            return self
        return self.since(start).limited(max_intervals)

    def clip(self, start: int, end: int) -> Sections:
        """What lies within `[start, end)`."""
        if end <= start:
            return EMPTY
        bounds = self._bounds
        first, last = bisect_right(bounds, start), bisect_left(bounds, end)
        kept = bounds[first:last]
        if first & 1:
            kept.insert(0, start)
        if last & 1:
            kept.append(end)
        return _trusted(kept)

    def since(self, start: int) -> Sections:
        """What lies at `start` or later."""
        bounds = self._bounds
        if not bounds or bounds[0] >= start:
            return self
        first = bisect_right(bounds, start)
        kept = bounds[first:]
        if first & 1:
            kept.insert(0, start)
        return _trusted(kept)

    def gaps(self, start: int, end: int) -> Sections:
        """What of `[start, end)` is not in here: the complement within it."""
        if end <= start:
            return EMPTY
        bounds = self._bounds
        first, last = bisect_right(bounds, start), bisect_left(bounds, end)
        between = bounds[first:last]
        if not first & 1:
            between.insert(0, start)
        if not last & 1:
            between.append(end)
        return _trusted(between)

    def first_gaps(self, start: int, end: int, length_ms: int) -> Sections:
        """`gaps(start, end).first(length_ms)`, without looking at gaps that are not needed."""
        bounds = self._bounds
        index = bisect_right(bounds, start)
        if index & 1:
            start = bounds[index]
            index += 1
        if index == len(bounds):  # nothing follows: the most frequent case
            stop = min(end, start + length_ms)
            return _trusted(array("q", (start, stop))) if start < stop else EMPTY
        found = array("q")
        while length_ms > 0 and start < end:
            following = index < len(bounds)
            stop = min(bounds[index] if following else end, end, start + length_ms)
            found.extend((start, stop))
            length_ms -= stop - start
            start = bounds[index + 1] if following else end
            index += 2
        return _trusted(found)

    def first(self, length_ms: int) -> Sections:
        """The lowest `length_ms` milliseconds, or all where there are fewer."""
        if length_ms <= 0:
            return EMPTY
        bounds = self._bounds
        missing_ms = length_ms
        for index in range(1, len(bounds), 2):
            missing_ms -= bounds[index] - bounds[index - 1]
            if missing_ms <= 0:
                cut = bounds[: index + 1]
                cut[index] += missing_ms
                return _trusted(cut)
        return self

    def close_gaps(self, below_ms: int, *, around: Sections) -> Sections:
        """The union with `around`, where gaps shorter than `below_ms` from `around` to a neighbour are closed too."""
        closed, came = self, around._bounds
        for index in range(0, len(came), 2):
            closed = closed.add(came[index], came[index + 1], reach_ms=below_ms)
        return closed

    def limited(self, max_intervals: int) -> Sections:
        """At most `max_intervals` (at least 1): the smallest gaps are closed, of equal ones the earliest first."""
        surplus = len(self._bounds) // 2 - max_intervals
        if surplus <= 0:
            return self
        bounds = self._bounds
        ends = range(1, len(bounds) - 1, 2)
        # nsmallest keeps the order of equals, and `ends` is in order of time
        closed = heapq.nsmallest(surplus, ends, key=lambda end: bounds[end + 1] - bounds[end])
        dropped = {index for end in closed for index in (end, end + 1)}
        return _trusted(array("q", (bound for index, bound in enumerate(bounds) if index not in dropped)))


def _trusted(bounds: array[int]) -> Sections:
    """Sections around bounds known to be good: what every operation here ends with, so nothing is checked twice."""
    sections = _new(Sections)
    sections._bounds = bounds
    return sections


def _packed(bounds: Iterable[int]) -> array[int]:
    try:
        return array("q", bounds)
    except (OverflowError, TypeError) as error:
        raise ValueError("bounds are 64-bit integers") from error


def _checked(bounds: array[int]) -> array[int]:
    if len(bounds) % 2 or not all(map(lt, bounds, bounds[1:])):
        raise ValueError("bounds are strictly increasing and of even number")
    return bounds


def _little_endian(bounds: array[int]) -> array[int]:
    if _LITTLE_ENDIAN:
        return bounds
    swapped = bounds[:]
    swapped.byteswap()
    return swapped


EMPTY = Sections()
