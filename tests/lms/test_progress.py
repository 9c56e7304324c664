"""How a course sums up its videos."""

from datetime import UTC, datetime

import pytest

from playhead.core.sections import EMPTY
from playhead.lms.models import Video
from playhead.lms.progress import Watched, course_percent
from playhead.lms.terms import Terms


def watched(duration_ms: int | None, counted_ms: int, *, position_ms: int = 0, done: bool = False) -> Watched:
    return Watched(
        video=Video(),
        duration_ms=duration_ms,
        needed_ms=None,
        measured_ms=duration_ms,
        covered_ms=counted_ms,
        counted_ms=counted_ms,
        position_ms=position_ms,
        completed_at=datetime(2026, 9, 1, tzinfo=UTC) if done else None,
        coverage=EMPTY,
        terms=Terms(max_rate=2_000, threshold_percent=95, no_skip=False, due_at=None),
    )


def test_a_course_counts_the_time_of_all_its_videos() -> None:
    assert course_percent([watched(101_000, 100_000), watched(301_000, 0)]) == 25


def test_more_than_is_needed_does_not_make_up_for_another() -> None:
    assert course_percent([watched(101_000, 101_000), watched(101_000, 0)]) == 50


def test_videos_of_unknown_length_are_left_out() -> None:
    assert course_percent([watched(101_000, 50_000), watched(None, 50_000)]) == 50
    assert course_percent([watched(None, 50_000)]) is None
    assert course_percent([]) is None


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (watched(100_000, 0), "untouched"),
        (watched(100_000, 1), "partly"),
        (watched(100_000, 99_000, done=True), "done"),
    ],
)
def test_the_state_of_a_video(one: Watched, state: str) -> None:
    assert one.state == state


@pytest.mark.parametrize(("position_ms", "resume_ms"), [(0, 0), (50_000, 50_000), (96_000, 0), (100_000, 0)])
def test_one_goes_on_where_one_stopped_but_not_at_the_end(position_ms: int, resume_ms: int) -> None:
    assert watched(100_000, 1, position_ms=position_ms).resume_ms == resume_ms
