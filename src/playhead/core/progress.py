"""From covered milliseconds to progress and completion. Derived every time, never posted by anybody."""

from playhead.core import limits
from playhead.core.sections import Sections


def effective_duration_ms(duration_ms: int) -> int:
    """What must be covered for 100 %: players stop short and providers round up, so min(1 s, 5 %) is not asked for."""
    cut_ms = duration_ms * limits.EFFECTIVE_CUT_PERCENT // 100
    return duration_ms - (cut_ms if cut_ms < limits.EFFECTIVE_CUT_MS else limits.EFFECTIVE_CUT_MS)


def measured_ms(duration_ms: int | None, part: tuple[int, int] | None) -> int | None:
    """The length that progress is measured over: the part that is to be watched, or the whole. None: unknown."""
    if part is None:
        return duration_ms
    start, end = part
    if duration_ms is None and end >= limits.VIDEO_MS:
        return None
    return max(1, min(end, duration_ms or end) - start)


def needed_ms(duration_ms: int | None, threshold_percent: int) -> int | None:
    """Covered (or counted) ms that complete a video: ceil(threshold x effective). None: duration unknown."""
    if duration_ms is None:
        return None
    return -(-threshold_percent * effective_duration_ms(duration_ms) // 100)


def progress_percent(covered_ms: int, duration_ms: int | None) -> int | None:
    """Whole percent of the effective duration, floored, at most 100. None: duration unknown."""
    if duration_ms is None:
        return None
    percent = covered_ms * 100 // effective_duration_ms(duration_ms)
    return percent if percent < 100 else 100


def is_complete(covered_ms: int, duration_ms: int | None, threshold_percent: int) -> bool:
    """Whether enough is covered (or counted); never while the duration is unknown."""
    enough_ms = needed_ms(duration_ms, threshold_percent)
    return enough_ms is not None and covered_ms >= enough_ms


def resume_ms(position_ms: int, duration_ms: int | None) -> int:
    """Where to go on: where the viewer stopped, or the start when that is the end."""
    end_ms = (duration_ms or limits.VIDEO_MS) - limits.RESUME_END_MS
    return position_ms if position_ms < end_ms else 0


def counted(coverage: Sections, *, start_ms: int = 0) -> Sections:
    """What counts under a no-skip policy: all that is covered before more than 2 s in total are left out, from where
    the video, or the part of it that is to be watched, begins. What is covered before that does not count.

    A reading of coverage, not a rule of credit: batches that arrive out of order lose nothing.
    """
    skipped_ms = 0
    frontier_ms = start_ms
    coverage = coverage.clip(start_ms, limits.VIDEO_MS) if start_ms else coverage
    for start, end in coverage.pairs():
        skipped_ms += start - frontier_ms
        if skipped_ms > limits.NO_SKIP_SLACK_MS:
            return coverage.clip(start_ms, frontier_ms)
        frontier_ms = end
    return coverage


def counted_ms(coverage: Sections, *, start_ms: int = 0) -> int:
    """The length of `counted`."""
    return counted(coverage, start_ms=start_ms).length
