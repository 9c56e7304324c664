"""Stretches of a video that a class treats unlike the rest: skipped, or where many leave for good.

From the seconds' counts alone, so that a page can ask at any time.
"""

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
    viewers = seconds.viewers
    before = list(accumulate(viewers, max))
    after = list(accumulate(reversed(viewers), max))[::-1]
    past = [min(left, right) for left, right in zip(before, after, strict=True)]
    found = []
    for is_skipped, group in groupby(range(len(viewers)), key=lambda at: _is_skipped(viewers[at], past[at])):
        span = list(group)
        if is_skipped and len(span) >= _LEAST_S:
            deepest = min(span, key=lambda at: viewers[at] - past[at])
            found.append(Skipped(span[0], span[-1] + 1, past[deepest] - viewers[deepest], past[deepest]))
    return found


def _is_skipped(viewers: int, past: int) -> bool:
    missing = past - viewers
    return missing >= _LEAST_VIEWERS and missing * _SKIPPED_SHARE >= past


def leavings(seconds: ClassMap, *, most: int = 3) -> list[Leaving]:
    """The ten seconds after which most left for good: at least a fifth of those still there; the last ones left out,
    where everybody leaves."""
    after = [*list(accumulate(reversed(seconds.viewers), max))[::-1], 0]
    found = []
    for start in range(0, seconds.seconds - 2 * _WINDOW_S, _WINDOW_S):
        before, left = after[start], after[start] - after[start + _WINDOW_S]
        if left >= _LEAST_VIEWERS and left * _LEAVING_SHARE >= before:
            found.append(Leaving(start, start + _WINDOW_S, left, before))
    strongest = sorted(found, key=lambda one: -one.left)[:most]
    return sorted(strongest, key=lambda one: one.start_s)
