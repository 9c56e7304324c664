"""The long tasks of a page, from the browser's own trace: when they were, and how much CPU time each had."""

import json
from dataclasses import dataclass
from typing import Any, Final, Self

# `toplevel` has the tasks, `blink.user_timing` the page's marks.
CATEGORIES: Final = ("toplevel", "blink.user_timing")
LONG_MS: Final = 50  # https://www.w3.org/TR/longtasks-1/
_TASK: Final = "ThreadControllerImpl::RunTask"


@dataclass(frozen=True, slots=True)
class LongTask:
    """By the browser's monotonic clock, as the profiler's samples; of the time between, `cpu_ms` with a processor."""

    start_us: int
    end_us: int
    cpu_ms: float

    @classmethod
    def of(cls, event: dict[str, Any]) -> Self:
        return cls(event["ts"], event["ts"] + event["dur"], event["tdur"] / 1000)


def long_tasks(trace: bytes, since: str, until: str) -> list[LongTask]:
    """Those wholly between these marks (`performance.mark`) of a page, on the thread that made them."""
    events = json.loads(trace)["traceEvents"]
    first, last = (next(event for event in events if event["name"] == mark) for mark in (since, until))
    own = [event for event in events if (event["pid"], event["tid"]) == (first["pid"], first["tid"])]
    tasks = [LongTask.of(event) for event in own if event["name"] == _TASK and event.get("dur", 0) >= LONG_MS * 1000]
    return [task for task in tasks if first["ts"] <= task.start_us and task.end_us <= last["ts"]]
