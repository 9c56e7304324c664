"""A little of every fault that needs no root, so that `make test` notices at once; `make faults` does it at length."""

from collections.abc import Callable, Sequence

import pytest

from bench.kit.rows import Row
from tests.faults import clock, cut, kill, malformed, torn
from tests.faults.kit.place import place

pytestmark = pytest.mark.timeout(120)


def held(rows: Sequence[Row]) -> list[Row]:
    """The rows whose goal was missed; how fast something is does not count beside other tests."""
    return [row for row in rows if row.holds is False and row.unit not in {"s", "ms"}]


def test_killed_twice() -> None:
    with place(viewers=20) as broken:
        kill.kill(broken, 2)
        truth = broken.truth()
    assert truth.holds, truth
    assert truth.acknowledged > 20


def test_a_server_that_answers_too_early_is_caught() -> None:
    with place(bug="answer_first", viewers=64) as broken:
        kill.kill(broken, 1, connections=64)
        assert broken.truth().missing > 0


def test_cut_at_some_bytes() -> None:
    with place(viewers=20) as broken:
        cuts, _recorded = cut.cut(broken, 199)
        truth = broken.truth()
    assert truth.holds, truth
    assert cuts > 10


@pytest.mark.parametrize("rows", [lambda: torn.torn(12), lambda: clock_rows(40)], ids=["torn", "clock"])
def test_small(rows: Callable[[], Sequence[Row]]) -> None:
    assert held(rows()) == []


def clock_rows(jumps: int) -> list[Row]:
    refused, twice_ms, differing, earned_ms = clock.jump(jumps)
    return [Row("", count, "", holds=count == 0) for count in (refused, twice_ms, differing)] + [
        Row("", earned_ms, "", holds=earned_ms > 0)
    ]


def test_malformed() -> None:
    statuses, _slowest_s, stored = malformed.mutate(300)
    assert statuses[200] == stored
    assert not {status for status in statuses if status >= 500}
