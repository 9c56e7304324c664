"""What is read from a profile and a trace of the browser, and that a tracker that costs too much is said to."""

import json

import pytest

from bench.cost import Run, rows_of
from bench.kit.profiles import Profile
from bench.kit.traces import LongTask, long_tasks

OURS = "https://school.test/dist/"
_PAGE, _TRACKER, _BELOW, _PLAYER = range(1, 5)
_NODES = [
    {"id": _PAGE, "callFrame": {"url": ""}, "children": [_TRACKER, _PLAYER]},
    {"id": _TRACKER, "callFrame": {"url": f"{OURS}playhead.mjs"}, "children": [_BELOW]},
    {"id": _BELOW, "callFrame": {"url": ""}},
    {"id": _PLAYER, "callFrame": {"url": "https://school.test/npm/player.js"}},
]


def profile(*sampled: tuple[int, int]) -> Profile:
    """A second of one; (node, how long after the sample before it, in us)."""
    nodes, deltas = zip(*sampled, strict=True)
    told = {"nodes": _NODES, "startTime": 0, "endTime": 1_000_000, "samples": nodes, "timeDeltas": deltas}
    return Profile.of(told, OURS)


def task(start_us: int, ms: int, *, cpu_ms: int = 1, thread: int = 1) -> dict[str, object]:
    name = "ThreadControllerImpl::RunTask"
    return {"name": name, "pid": 1, "tid": thread, "ts": start_us, "dur": ms * 1000, "tdur": cpu_ms * 1000}


def mark(name: str, at_us: int) -> dict[str, object]:
    return {"name": name, "pid": 1, "tid": 1, "ts": at_us}


def test_what_our_scripts_call_is_ours_and_the_player_is_not() -> None:
    sampled = profile((_PAGE, 500), (_TRACKER, 500), (_BELOW, 700), (_PLAYER, 400), (_TRACKER, 300))

    assert sampled.percent == pytest.approx(0.15)
    assert sampled.longest_ms == 1.2
    assert sampled.inside_ms(500, 1700) == 1.2
    assert sampled.inside_ms(1700, 2100) == 0


def test_a_sample_that_comes_late_counts_for_no_more_than_ten() -> None:
    assert profile((_TRACKER, 189_000)).longest_ms == 5


def test_only_long_tasks_of_the_page_between_the_marks_count() -> None:
    events = [
        mark("since", 100_000),
        task(10_000, 60),
        task(200_000, 49),
        task(300_000, 60, cpu_ms=3),
        task(400_000, 60, thread=2),
        task(960_000, 60),
        mark("until", 1_000_000),
    ]
    trace = json.dumps({"traceEvents": events}).encode()

    assert long_tasks(trace, "since", "until") == [LongTask(300_000, 360_000, 3.0)]


WAITED, WORKED = LongTask(0, 60_000, 3.0), LongTask(0, 60_000, 55.0)
IDLE, BUSY = profile((_PAGE, 500)), profile(*[(_TRACKER, 500)] * 24)


@pytest.mark.parametrize(
    ("tracked", "plain", "missed"),
    [
        (Run(IDLE, [], []), Run(IDLE, [], []), []),
        (Run(BUSY, [], []), Run(IDLE, [], []), ["tracking"]),
        (Run(IDLE, [WAITED], []), Run(IDLE, [], []), []),
        (Run(IDLE, [WORKED], []), Run(IDLE, [], []), ["of these, long in CPU time"]),
        (Run(IDLE, [WORKED], []), Run(IDLE, [WORKED], []), []),
        (Run(BUSY, [WAITED], []), Run(IDLE, [], []), ["tracking", "most of one in the tracker"]),
        (Run(IDLE, [], ["it threw"]), Run(IDLE, [], []), ["errors in the console"]),
    ],
    ids=["nothing", "a busy tracker", "waiting", "working", "working anyway", "our work in a long task", "an error"],
)
def test_each_way_to_cost_a_page_too_much_is_a_missed_goal(tracked: Run, plain: Run, missed: list[str]) -> None:
    rows = rows_of("Player", [tracked], [plain])

    assert [row.measure for row in rows if row.holds is False] == [f"Player: {name}" for name in missed]
