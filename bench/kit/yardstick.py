"""How fast this machine is just now, on a scale that goals can be read on.

The absolute goals were set on a machine on which joining one interval to a plain sorted list of 500 took 0.8 us. What
takes that long everywhere makes figures of other machines comparable: roughly, since it is the interpreter's speed and
neither the disk's nor the network's.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from bench.kit.rounds import median_us
from bench.kit.rows import Row

GOALS_US = 0.8
_INTERVALS = 500
_START, _END = 2_502_000, 2_508_000  # in the gap after the 250th


def joining(bounds: list[int], start: int, end: int) -> Callable[[], None]:
    """Joins an interval to a list of bounds, in four lines: what any such rule costs at least."""

    def join() -> None:
        first, last = bisect_left(bounds, start), bisect_right(bounds, end)
        bounds[first:last] = ([] if first & 1 else [start]) + ([] if last & 1 else [end])

    return join


def machine() -> Row:
    """How many times as long as there it takes here."""
    bounds = [bound for at in range(_INTERVALS) for bound in (at * 10_000, at * 10_000 + 1_000)]
    [taken_us] = median_us({"join": joining(bounds, _START, _END)}, rounds=5).values()
    said = f"joining an interval to a list takes {taken_us:.2f} us; {GOALS_US} us where the goals were set"
    return Row("this machine, now", round(taken_us / GOALS_US, 2), "x as slow", peer=said)
