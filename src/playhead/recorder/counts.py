"""What the recorder counts about itself, for whoever watches over the server."""

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field


class Histogram:
    """How many values were at most each bound; cumulative as OpenMetrics has it. Written by one thread."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self._counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def cumulative(self) -> list[int]:
        """For each bound, and at last for any value at all."""
        sums, sum_so_far = [], 0
        for count in self._counts:
            sum_so_far += count
            sums.append(sum_so_far)
        return sums


_REMEMBERED_S = 10.0


@dataclass(slots=True)
class Counts:
    """Written by the recorder's thread, read by others."""

    operations: Histogram = field(default_factory=lambda: Histogram((1, 2, 4, 8, 16, 32, 64, 128, 256)))
    seconds: Histogram = field(
        default_factory=lambda: Histogram((0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5))
    )
    # How far the follower beside this recorder is behind; kept by it.
    behind_rows: int = 0
    caught_up_at: float = field(default_factory=time.monotonic)
    _failure: str = ""
    _failed_at: float = 0.0

    def group(self, operations: int, seconds: float, failure: str) -> None:
        """`failure` is the code of the storage's refusal, empty where it took the group."""
        self.operations.add(operations)
        self.seconds.add(seconds)
        self._failure = failure
        if failure:
            self._failed_at = time.monotonic()

    def follower(self, behind_rows: int) -> None:
        """How many journal rows the class's sums do not hold yet."""
        self.behind_rows = behind_rows
        if not behind_rows:
            self.caught_up_at = time.monotonic()

    @property
    def behind_s(self) -> float:
        """Since when they do not hold everything; 0 where they do."""
        return time.monotonic() - self.caught_up_at if self.behind_rows else 0.0

    @property
    def failing(self) -> str:
        """The code of the storage's refusal, if the last group met one a moment ago.

        It is forgotten after 10 s: whoever sends nothing to a server that is not ready would never learn that it is.
        """
        return self._failure if time.monotonic() - self._failed_at < _REMEMBERED_S else ""
