"""What to watch next: parts that this student has not seen, first those to which classmates went back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from playhead.analytics.class_map import class_map
from playhead.core.sections import Sections
from playhead.lms.models import Video
from playhead.lms.progress import Watched

_LEAST_MS: Final = 3_000
_LEAST_REPEATS: Final = 3
"""Fewer would tell of one classmate what should only be told of a class."""


@dataclass(frozen=True, slots=True)
class NextPart:
    """A missing stretch of a video that was begun. `repeats` is how often classmates watched its most repeated second
    again; 0 where that is rare."""

    video: Video
    start_ms: int
    end_ms: int
    repeats: int


def next_parts(all_watched: Iterable[Watched], *, most: int = 3) -> list[NextPart]:
    """Of the videos that are begun and not done: what classmates came back to first, then in the course's order."""
    found = []
    for one in all_watched:
        if one.state == "partly" and one.duration_ms and one.covered_ms:
            found += _missing(one.video, one.coverage, one.duration_ms)
    return sorted(found, key=lambda part: -part.repeats)[:most]


def _missing(video: Video, coverage: Sections, duration_ms: int) -> list[NextPart]:
    repeats = class_map(video.key, duration_ms=duration_ms).repeats
    missing = Sections.one(0, duration_ms) - coverage
    return [
        NextPart(video, start, end, times if times >= _LEAST_REPEATS else 0)
        for start, end in missing.pairs()
        if end - start >= _LEAST_MS
        for times in [max(repeats[start // 1000 : max(end // 1000, start // 1000 + 1)], default=0)]
    ]
