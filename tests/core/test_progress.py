"""From covered milliseconds to progress, what is needed, and what counts without skipping."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playhead.core import limits, progress
from playhead.core.sections import EMPTY, Sections
from tests.core.naive import milliseconds, small_sections

durations = st.integers(1, limits.VIDEO_MS)


@pytest.mark.parametrize(
    ("duration_ms", "effective_ms"),
    [(60_000, 59_000), (20_000, 19_000), (19_999, 19_000), (10_000, 9_500), (1_000, 950), (19, 19), (1, 1)],
)
def test_effective_duration_leaves_out_a_second_or_five_percent(duration_ms: int, effective_ms: int) -> None:
    assert progress.effective_duration_ms(duration_ms) == effective_ms


@given(durations, st.integers(0, 100))
def test_needed_is_the_ceiling(duration_ms: int, threshold_percent: int) -> None:
    effective_ms = progress.effective_duration_ms(duration_ms)
    assert progress.needed_ms(duration_ms, threshold_percent) == ceil(Fraction(threshold_percent * effective_ms, 100))


@given(durations, st.integers(0, 2 * limits.VIDEO_MS))
def test_percent_is_the_floor_and_stops_at_100(duration_ms: int, covered_ms: int) -> None:
    effective_ms = progress.effective_duration_ms(duration_ms)
    expected = min(100, floor(Fraction(100 * covered_ms, effective_ms)))
    assert progress.progress_percent(covered_ms, duration_ms) == expected


@given(durations, st.integers(1, 100), st.integers(0, limits.VIDEO_MS))
def test_complete_exactly_when_the_percent_reaches_the_threshold(
    duration_ms: int, threshold_percent: int, covered_ms: int
) -> None:
    percent = progress.progress_percent(covered_ms, duration_ms)
    assert percent is not None
    assert progress.is_complete(covered_ms, duration_ms, threshold_percent) == (percent >= threshold_percent)


def test_nothing_is_known_of_a_video_of_unknown_duration() -> None:
    assert progress.needed_ms(None, 95) is None
    assert progress.progress_percent(10_000, None) is None
    assert not progress.is_complete(10_000, None, 0)


def test_a_minute_at_95_percent() -> None:
    assert progress.needed_ms(60_000, 95) == 56_050
    assert progress.is_complete(56_050, 60_000, 95)
    assert not progress.is_complete(56_049, 60_000, 95)


@pytest.mark.parametrize(
    ("coverage", "counts"),
    [
        (EMPTY, EMPTY),
        (Sections([0, 10_000]), Sections([0, 10_000])),
        (Sections([2_000, 10_000]), Sections([2_000, 10_000])),
        (Sections([2_001, 10_000]), EMPTY),
        (Sections([0, 5_000, 6_000, 9_000, 10_000, 20_000]), Sections([0, 5_000, 6_000, 9_000, 10_000, 20_000])),
        (Sections([0, 5_000, 6_000, 9_000, 10_001, 20_000]), Sections([0, 5_000, 6_000, 9_000])),
        (Sections([0, 5_000, 50_000, 60_000]), Sections([0, 5_000])),
    ],
)
def test_counted_stops_where_more_than_two_seconds_are_left_out(coverage: Sections, counts: Sections) -> None:
    assert progress.counted(coverage) == counts
    assert progress.counted_ms(coverage) == counts.length


@given(small_sections(0, 200))
def test_counted_against_single_milliseconds(small: Sections) -> None:
    # a hundred times as large, so that gaps reach two seconds
    coverage = Sections([100 * bound for bound in small.bounds])
    skipped, counts = 0, set()
    for step in range(250):
        if step not in milliseconds(small):
            skipped += 1
        elif 100 * skipped <= limits.NO_SKIP_SLACK_MS:
            counts.add(step)
    assert progress.counted_ms(coverage) == 100 * len(counts)


@pytest.mark.parametrize(
    ("duration_ms", "part", "measured_ms"),
    [
        (60_000, None, 60_000),
        (None, None, None),
        (60_000, (10_000, 30_000), 20_000),
        (60_000, (10_000, limits.VIDEO_MS), 50_000),
        (None, (10_000, 30_000), 20_000),
        (None, (10_000, limits.VIDEO_MS), None),
        (60_000, (70_000, 80_000), 1),
    ],
)
def test_progress_is_measured_over_the_part(
    duration_ms: int | None, part: tuple[int, int] | None, measured_ms: int | None
) -> None:
    assert progress.measured_ms(duration_ms, part) == measured_ms


def test_counting_without_skips_begins_where_the_part_begins() -> None:
    coverage = Sections.of([(0, 5_000), (20_000, 30_000), (31_000, 35_000), (50_000, 60_000)])
    assert progress.counted(coverage, start_ms=20_000).pairs() == [(20_000, 30_000), (31_000, 35_000)]
    assert progress.counted_ms(coverage, start_ms=20_000) == 14_000


@pytest.mark.parametrize(
    ("position_ms", "duration_ms", "go_on_ms"),
    [
        (0, 100_000, 0),
        (94_999, 100_000, 94_999),
        (95_000, 100_000, 0),
        (100_000, 100_000, 0),
        (7_000_000, None, 7_000_000),
    ],
)
def test_one_goes_on_where_one_stopped_but_not_at_the_end(
    position_ms: int, duration_ms: int | None, go_on_ms: int
) -> None:
    assert progress.resume_ms(position_ms, duration_ms) == go_on_ms
