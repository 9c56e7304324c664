"""The tasks of a page's main thread that took long, from the browser's own trace: how long they lasted, and for how
much of that the thread had a processor at all.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, Self

# `toplevel` has the tasks, `blink.user_timing` the page's marks.
CATEGORIES: Final = ("toplevel", "blink.user_timing")
_TASK: Final = "ThreadControllerImpl::RunTask"
_LONG_US: Final = 50_000


@dataclass(frozen=True, slots=True)
class LongTask:
    """`start_us` by the browser's monotonic clock, as the profiler's samples."""

    start_us: int
    lasted_us: int
    worked_us: int

    @property
    def end_us(self) -> int:
        return self.start_us + self.lasted_us

    @classmethod
    def of(cls, event: dict[str, Any]) -> Self:
        return cls(event["ts"], event["dur"], event["tdur"])


def long_tasks(trace: bytes, since: str, until: str) -> list[LongTask]:
    """Tasks of 50 ms by the clock between these marks (`performance.mark`) of a page, on the thread that made them."""
    events = json.loads(trace)["traceEvents"]
    first, last = (next(event for event in events if event["name"] == mark) for mark in (since, until))
    own = [event for event in events if (event["pid"], event["tid"]) == (first["pid"], first["tid"])]
    tasks = [LongTask.of(event) for event in own if event["name"] == _TASK and event.get("dur", 0) >= _LONG_US]
    return [task for task in tasks if first["ts"] <= task.start_us and task.end_us <= last["ts"]]
