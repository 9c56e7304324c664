"""Two videos beside one another, or two runs of a course: what was watched of the one and of the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db.models import Count, Sum
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playhead.analytics.class_map import ClassMap, class_map, playbacks_of, retention
from playhead.analytics.figures import compared_figure
from playhead.analytics.quality import Quality, quality
from playhead.lms.access import courses_taught_by
from playhead.lms.models import Course, User, Video
from playhead.lms.shown_figure import ShownFigure, share
from playhead.lms.standings import students_of, viewers_of
from playhead.lms.stretch_map import class_section_map
from playhead.recorder.models import Progress

_PARTS: Final = 100
_ROWS: Final = 10


class Numbers(NamedTuple):
    """A class in one video: out of `students`, who began it and completed it; the means are of those who began."""

    students: int
    started: int = 0
    completed: int = 0
    percent: int | None = None
    watched_ms: int | None = None

    @property
    def completed_percent(self) -> int | None:
        """Of those who began."""
        return self.completed * 100 // self.started if self.started else None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two videos, with what its class did."""

    video: Video
    numbers: Numbers
    quality: Quality
    seconds: ClassMap
    section_map: SafeString

    @property
    def name(self) -> str:
        return f"{self.video.title} · {self.video.course.title}"

    @property
    def audience(self) -> int:
        return max(self.numbers.started, self.seconds.most_viewers)


@dataclass(frozen=True, slots=True)
class Pair:
    """The same video in two runs of a course; one of them may lack it."""

    one: Video | None
    other: Video | None
    numbers: Numbers | None
    other_numbers: Numbers | None


def side(video: Video) -> Side:
    numbers = numbers_of(video.course, [video])[video.key]
    seconds = class_map(video.key, duration_ms=video.duration_ms)
    audience = max(numbers.started, seconds.most_viewers)
    drawn = class_section_map(seconds.viewers, seconds.views, audience) if any(seconds.views) else SafeString("")
    return Side(video, numbers, quality(playbacks_of(video.key)), seconds, drawn)


def comparison(one: Side, other: Side) -> ShownFigure:
    """Their retention on one axis."""
    shares = [_in_parts(retention(each.seconds, each.audience)) for each in (one, other)]
    step = _PARTS // _ROWS
    rows = [
        [f"{at}–{at + step} %", *(share(sum(each[at : at + step]) / step) for each in shares)]
        for at in range(0, _PARTS, step)
    ]
    return ShownFigure(
        "compared",
        _("Retention of both"),
        _("Which share of those who watched saw each part, from the beginning of each video to its end."),
        compared_figure((one.name, shares[0]), (other.name, shares[1]), parts=_PARTS),
        [_("Part"), one.name, other.name],
        rows,
    )


def _in_parts(shares: Sequence[float]) -> list[float]:
    """As many values as there are parts, each that of the second in its middle."""
    if not shares:
        return [0.0] * _PARTS
    return [shares[(2 * at + 1) * len(shares) // (2 * _PARTS)] for at in range(_PARTS)]


def numbers_of(course: Course, videos: Sequence[Video]) -> dict[str, Numbers]:
    """By the video's key, of those enrolled as students."""
    viewers = viewers_of([student.key for student in students_of(course)])
    students = course.enrolments.filter(role="student").count()
    rows = (
        Progress.objects.filter(viewer__in=list(viewers), video__in=[video.key for video in videos], covered_ms__gt=0)
        .values_list("video")
        .annotate(Count("pk"), Count("completed_at"), Sum("progress"), Count("progress"), Sum("watched_ms"))
    )
    found = {video.key: Numbers(students) for video in videos}
    for video, started, completed, percents, known, watched_ms in rows:
        percent = percents // known if known else None
        found[video] = Numbers(students, started, completed, percent, watched_ms // started)
    return found


def pairs(one: Course, other: Course) -> list[Pair]:
    """In the order of the first; what only the other has comes last."""
    mine, theirs = list(one.videos.all()), list(other.videos.all())
    my_numbers, their_numbers = numbers_of(one, mine), numbers_of(other, theirs)
    left = {video.pk: video for video in theirs}
    found = []
    for video in mine:
        same = _same(video, left.values())
        if same is not None:
            del left[same.pk]
        found.append(Pair(video, same, my_numbers[video.key], their_numbers[same.key] if same else None))
    return found + [Pair(None, video, None, their_numbers[video.key]) for video in left.values()]


def _same(video: Video, others: Iterable[Video]) -> Video | None:
    """The video that shows the same, or else has the same title."""
    listed = list(others)
    same = [one for one in listed if _shown(one) == _shown(video)]
    return next(iter([one for one in same if one.title == video.title] + same), None) or next(
        (one for one in listed if one.title == video.title), None
    )


def _shown(video: Video) -> tuple[object, ...]:
    return (video.source, video.asset_id, video.file, video.url)


def choices(user: User, *, but: Video) -> Mapping[Course, list[Video]]:
    """The videos that this person may see the class of, by course; first those that show the same."""
    videos = Video.objects.filter(course__in=courses_taught_by(user)).exclude(pk=but.pk).select_related("course")
    same = _shown(but)
    ordered = sorted(videos, key=lambda one: (_shown(one) != same, one.course.title, one.position, one.pk))
    grouped: dict[Course, list[Video]] = {}
    for one in ordered:
        grouped.setdefault(one.course, []).append(one)
    return grouped


def other_runs(user: User, course: Course) -> list[Course]:
    """Courses to compare this one with: first those that share a video with it."""
    mine = {_shown(video) for video in course.videos.all()}
    taught = list(courses_taught_by(user).exclude(pk=course.pk))
    sharing = {video.course_id for video in Video.objects.filter(course__in=taught) if _shown(video) in mine}
    return sorted(taught, key=lambda one: (one.pk not in sharing, one.title))
