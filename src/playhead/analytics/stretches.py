"""Stretches of a video that a class treats unlike the rest: skipped, or where many leave for good.

From the seconds' counts alone, so that a page can ask at any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Final

from playhead.analytics.class_map import ClassMap

_LEAST_S: Final = 5
_LEAST_VIEWERS: Final = 3
_SKIPPED_SHARE: Final = 4  # a quarter
_LEAVING_SHARE: Final = 5  # a fifth
_WINDOW_S: Final = 10


@dataclass(frozen=True, slots=True)
class Skipped:
    """`missing` of the viewers who came past, `around` many, did not see the least seen second of it."""

    start_s: int
    end_s: int
    missing: int
    around: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """So many of those who were still there, `before` many, saw nothing after these ten seconds."""

    start_s: int
    end_s: int
    left: int
    before: int


def skipped(seconds: ClassMap) -> list[Skipped]:
    """Where at least a quarter of those who saw something before and after it saw nothing of it, in its order.

    Of each second, those who came past are at least as many as saw any one second before, and any one after.
    """
    past = _came_past(seconds.viewers)
    if not any(past):
        return []
    missing = [around - many if around else 0 for many, around in zip(seconds.viewers, past, strict=True)]
    flags = [
        many >= _LEAST_VIEWERS and many * _SKIPPED_SHARE >= around for many, around in zip(missing, past, strict=True)
    ]
    found, start = [], 0
    for is_skipped, group in groupby(flags):
        end = start + len(list(group))
        if is_skipped and end - start >= _LEAST_S:
            deepest = max(range(start, end), key=missing.__getitem__)
            found.append(Skipped(start, end, missing[deepest], past[deepest]))
        start = end
    return found


def _came_past(viewers: Sequence[int]) -> list[int]:
    """Of each second, how many saw one before and one after it, or it; 0 in windows of which nobody skipped anything,
    which is most of a video."""
    starts = range(0, len(viewers), _WINDOW_S)
    most_in = [max(viewers[start : start + _WINDOW_S]) for start in starts]
    before, after = [0, *accumulate(most_in, max)], [*list(accumulate(reversed(most_in), max))[::-1], 0]
    past = [0] * len(viewers)
    for window, start in enumerate(starts):
        some = viewers[start : start + _WINDOW_S]
        if min(before[window + 1], after[window]) - min(some) >= _LEAST_VIEWERS:
            left = list(accumulate(some, max, initial=before[window]))[1:]
            right = list(accumulate(reversed(some), max, initial=after[window + 1]))[:0:-1]
            past[start : start + len(some)] = map(min, left, right)
    return past


def leavings(seconds: ClassMap, *, most: int = 3) -> list[Leaving]:
    """The ten seconds after which most left for good: at least a fifth of those still there; the last ones left out,
    where everybody leaves."""
    starts = range(0, seconds.seconds, _WINDOW_S)
    most_in = [max(seconds.viewers[start : start + _WINDOW_S]) for start in starts]
    after = list(accumulate(reversed(most_in), max))[::-1]  # of each window and all that follow it
    found = []
    for start, before, still in zip(starts, after, after[1:], strict=False):
        left, is_end = before - still, start >= seconds.seconds - 2 * _WINDOW_S
        if not is_end and left >= _LEAST_VIEWERS and left * _LEAVING_SHARE >= before:
            found.append(Leaving(start, start + _WINDOW_S, left, before))
    strongest = sorted(found, key=lambda one: -one.left)[:most]
    return sorted(strongest, key=lambda one: one.start_s)
