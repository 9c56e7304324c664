"""What the browser's own profiler saw, and how much of it was spent in scripts from one place.

Time is a script's if any frame of the stack is in it, so what it calls is in it; a sample that comes late, because
others had the processor, counts for no more than ten in time.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, Self

SAMPLE_US: Final = 500
_LATE_US: Final = 10 * SAMPLE_US


@dataclass(frozen=True, slots=True)
class Profile:
    """`samples`: when each was taken, by the browser's monotonic clock, and how much of the time before was theirs."""

    lasted_us: int
    samples: list[tuple[int, int]]

    @classmethod
    def of(cls, told: dict[str, Any], scripts: str) -> Self:
        """From what `Profiler.stop` tells; `scripts` is how their addresses begin."""
        theirs, deltas = _nodes(told, scripts), told["timeDeltas"]
        times = accumulate(deltas, initial=told["startTime"])
        next(times)
        sampled = zip(times, told["samples"], deltas, strict=True)
        samples = [(at, min(delta, _LATE_US) if node in theirs else 0) for at, node, delta in sampled]
        return cls(told["endTime"] - told["startTime"], samples)

    @property
    def percent(self) -> float:
        return 100 * sum(took for _at, took in self.samples) / self.lasted_us

    @property
    def longest_ms(self) -> float:
        """The longest they were at it at one go."""
        stretch_us = longest_us = 0
        for _at, took_us in self.samples:
            stretch_us = stretch_us + took_us if took_us else 0
            longest_us = max(longest_us, stretch_us)
        return longest_us / 1000

    def inside_ms(self, start_us: float, end_us: float) -> float:
        return sum(took for at, took in self.samples if start_us < at <= end_us) / 1000


def _nodes(told: dict[str, Any], scripts: str) -> set[int]:
    """The nodes of the call tree that are in the scripts, or below one that is."""
    nodes = {node["id"]: node for node in told["nodes"]}
    theirs: set[int] = set()
    stack = [(told["nodes"][0]["id"], False)]
    while stack:
        number, inside = stack.pop()
        node = nodes[number]
        inside = inside or node["callFrame"]["url"].startswith(scripts)
        if inside:
            theirs.add(number)
        stack += [(child, inside) for child in node.get("children", [])]
    return theirs
