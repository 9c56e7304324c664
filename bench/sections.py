"""The section algebra beside the `portion` package, on the work that recording a batch is made of.

The sets are what viewers leave behind: stretches of about 10 s with gaps between them. Both sides must give the same
answer before anything is timed.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.kit.peers import bring
from bench.kit.rounds import median_us
from bench.kit.rows import Row
from playhead.core.sections import Sections

_PORTION = "portion==2.6.3"
_SIZES = (1, 10, 100, 1000, 4096)  # 4,096 is the limit on one viewer's intervals in one video
_TIMES_FASTER = 2

Pairs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    ours: Callable[[], Sections]
    theirs: Callable[[], Any]


def measure() -> list[Row]:
    bring(_PORTION)
    dice = random.Random(1)
    return [_row(task) for size in _SIZES for task in _tasks(size, dice)]


def _watched(size: int, dice: random.Random) -> Pairs:
    """`size` stretches of 8 to 12 s, each followed by a gap of 1 to 5 s."""
    pairs, at = [], 0
    for _ in range(size):
        at += dice.randint(1000, 5000)
        start, at = at, at + dice.randint(8000, 12000)
        pairs.append((start, at))
    return pairs


def _tasks(size: int, dice: random.Random) -> list[Task]:
    import portion

    def theirs(pairs: Pairs) -> Any:
        return portion.Interval(*[portion.closedopen(start, end) for start, end in pairs])

    pairs = _watched(size, dice)
    ours, peer = Sections.of(pairs), theirs(pairs)
    middle = pairs[size // 2][0] + 3000
    claim = (middle, middle + 10_000)
    our_claim, peer_claim = Sections.of([claim]), theirs([claim])
    return [
        Task(f"add a 10 s claim to {size:,}", lambda: ours.add(*claim), lambda: peer | peer_claim),
        Task(f"what of a claim is fresh, of {size:,}", lambda: our_claim - ours, lambda: peer_claim - peer),
        Task(f"build from {size:,} claims", lambda: Sections.of(pairs), lambda: theirs(pairs)),
    ]


def _row(task: Task) -> Row:
    expected = [(piece.lower, piece.upper) for piece in task.theirs()]
    if task.ours().pairs() != expected:
        raise AssertionError(f"{task.name}: the two do not agree")
    taken_us = median_us({"ours": task.ours, "theirs": task.theirs})
    ratio = taken_us["theirs"] / taken_us["ours"]
    return Row(
        measure=task.name,
        value=round(taken_us["ours"], 3),
        unit="us",
        goal=f"{_TIMES_FASTER}x faster",
        holds=ratio >= _TIMES_FASTER,
        peer=f"{_PORTION}: {taken_us['theirs']:,.1f} us ({ratio:,.0f}x)",
    )
