"""What to watch next: parts that this student has not seen, first those to which classmates went back; chapter by
chapter where a video has chapters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from playhead.analytics.class_map import class_map
from playhead.core.sections import Sections
from playhead.lms.models import Video
from playhead.lms.progress import Watched
from playhead.media.models import Asset

_LEAST_MS: Final = 3_000
_LEAST_REPEATS: Final = 3
"""Fewer would tell of one classmate what should only be told of a class."""
Chapters = Sequence[tuple[int, str]]
"""Where each begins, in ms, and its title; in order."""


@dataclass(frozen=True, slots=True)
class NextPart:
    """A missing stretch of a video that was begun, within one chapter. `repeats` is how often classmates watched its
    most repeated second again; 0 where that is rare."""

    video: Video
    chapter: str
    start_ms: int
    end_ms: int
    repeats: int

    @property
    def start_s(self) -> int:
        """Where a link begins: no later than the part does."""
        return self.start_ms // 1000


def next_parts(all_watched: Iterable[Watched], *, most: int = 5) -> list[NextPart]:
    """Of the videos that are begun and not done: the chapter with what classmates came back to most first, then in
    the course's order; in a chapter, as the video goes."""
    begun = [one for one in all_watched if one.state == "partly" and one.duration_ms and one.covered_ms]
    chapters = _chapters([one.video for one in begun])
    found: list[list[NextPart]] = []
    for one in begun:
        found += _missing(one.video, one.coverage, one.duration_ms or 0, chapters.get(one.video.pk, ()))
    found.sort(key=lambda parts: -max(part.repeats for part in parts))
    return [part for parts in found for part in parts][:most]


def _chapters(videos: Sequence[Video]) -> Mapping[int, Chapters]:
    """By the video's number, of those that have any."""
    known: dict[Any, Any] = dict(
        Asset.objects.filter(pk__in=[video.asset_id for video in videos]).values_list("pk", "chapters")
    )
    return {
        video.pk: [(chapter["start_ms"], chapter["title"]) for chapter in known.get(video.asset_id) or ()]
        for video in videos
    }


def _missing(video: Video, coverage: Sections, duration_ms: int, chapters: Chapters) -> list[list[NextPart]]:
    """What is missing of each chapter; without chapters, each stretch for itself."""
    repeats = class_map(video.key, duration_ms=duration_ms).repeats
    missing = Sections.one(0, duration_ms) - coverage
    bounds = [(0, ""), *chapters, (duration_ms, "")]
    found = []
    for (start_ms, title), (end_ms, _title) in pairwise(bounds):
        parts = [
            _part(video, title, part, repeats)
            for part in missing.clip(start_ms, end_ms).pairs()
            if part[1] - part[0] >= _LEAST_MS
        ]
        found += [parts] if chapters else [[part] for part in parts]
    return [parts for parts in found if parts]


def _part(video: Video, chapter: str, span: tuple[int, int], repeats: Sequence[int]) -> NextPart:
    start, end = span
    times = max(repeats[start // 1000 : max(end // 1000, start // 1000 + 1)], default=0)
    return NextPart(video, chapter, start, end, times if times >= _LEAST_REPEATS else 0)
