"""A teacher's first look: what changed since yesterday in each course, and who needs a look.

From the recorder's progress rows alone, a few questions for each course: nothing here reads ledger or journal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playhead.lms.clock import clock
from playhead.lms.matrix import rows_of
from playhead.lms.models import Course, Video
from playhead.lms.standings import NOTHING, Standing, Student, standings, students_of
from playhead.recorder.models import Playback, Progress, Viewer

MOST_LOOKS: Final = 8
_AWAY_DAYS: Final = 10
_DAY_MS: Final = 86_400_000
# Whoever was refused less than this may just have left a second player open.
_WORTH_A_LOOK_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Completion:
    student: Student
    video: Video


@dataclass(frozen=True, slots=True)
class Look:
    """A student who needs a look, and why in words; the more pressing, the higher `weight`."""

    student: Student
    course: Course
    why: str
    weight: int


@dataclass(frozen=True, slots=True)
class CourseNews:
    """Of one course since an instant: who was there, for the first time, who completed what, who was refused."""

    course: Course
    students: int
    videos: int
    average: int | None
    active: Sequence[Student]
    new: Sequence[Student]
    completions: Sequence[Completion]
    refused: Sequence[Student]
    looks: Sequence[Look]


def since_yesterday(now: datetime | None = None) -> datetime:
    """The beginning of yesterday, in the site's time zone."""
    today = timezone.localtime(now or timezone.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=1)


def course_news(course: Course, *, since: datetime, now: datetime | None = None) -> CourseNews:
    """`since` is when what counts as new begins."""
    since_ms, now_ms = (int(at.timestamp() * 1000) for at in (since, now or timezone.now()))
    videos, students = list(course.videos.all()), students_of(course)
    keys = [video.key for video in videos]
    found = standings(keys, {student.key for student in students}, since_ms=since_ms)
    shares = [row.share for row in rows_of(videos, students) if row.share is not None]
    active = [student for student in students if found.get(student.key, NOTHING).last_seen_at >= since_ms]
    seen_before = _seen_before([student.key for student in active], keys, since_ms)
    return CourseNews(
        course=course,
        students=len(students),
        videos=len(videos),
        average=sum(shares) // len(shares) if shares else None,
        active=active,
        new=[student for student in active if student.key not in seen_before],
        completions=_completions(active, videos, since_ms),
        refused=[student for student in active if found[student.key].refused_lately],
        looks=_looks(course, students, found, len(videos), now_ms=now_ms) if videos else [],
    )


def most_pressing(news: Iterable[CourseNews]) -> list[Look]:
    """Each student once, with the course in which it matters most."""
    ordered = sorted((look for each in news for look in each.looks), key=lambda look: look.weight)
    first = {look.student.key: look for look in ordered}
    return sorted(first.values(), key=lambda look: -look.weight)[:MOST_LOOKS]


def _seen_before(students: Sequence[str], videos: Sequence[str], since_ms: int) -> set[str]:
    """Of these students, those who had opened one of these videos before."""
    before = Playback.objects.filter(viewer=OuterRef("pk"), video__in=videos, opened_at__lt=since_ms)
    return set(Viewer.objects.filter(Exists(before), key__in=students).values_list("key", flat=True))


def _completions(students: Sequence[Student], videos: Sequence[Video], since_ms: int) -> list[Completion]:
    """In the order of the students, then of the videos."""
    rows = Progress.objects.filter(
        viewer__key__in=[student.key for student in students],
        video__in=[video.key for video in videos],
        completed_at__gte=since_ms,
    )
    completed = set(rows.values_list("viewer__key", "video"))
    return [
        Completion(student, video) for student in students for video in videos if (student.key, video.key) in completed
    ]


def _looks(
    course: Course, students: Sequence[Student], standings: Mapping[str, Standing], videos: int, *, now_ms: int
) -> list[Look]:
    begun = {key for key, standing in standings.items() if standing.is_begun}
    found = []
    for student in students:
        standing = standings.get(student.key, NOTHING)
        refused_ms, covered_ms = standing.refused_ms, standing.covered_ms
        away_days = (now_ms - standing.last_seen_at) // _DAY_MS
        is_done = standing.completed == videos
        if refused_ms >= max(_WORTH_A_LOOK_MS, covered_ms // 4):
            why = _("%(refused)s claimed and not credited, beside %(covered)s covered")
            told = why % {"refused": clock(refused_ms), "covered": clock(covered_ms)}
            found.append(Look(student, course, told, 1_000_000 + refused_ms // 1000))
        elif student.key in begun and not is_done and away_days >= _AWAY_DAYS:
            told = ngettext("not seen for %(days)d day", "not seen for %(days)d days", away_days) % {"days": away_days}
            found.append(Look(student, course, told, min(away_days, 999)))
        elif student.key not in begun and len(begun) * 2 >= len(students):
            found.append(Look(student, course, _("has not begun; most others have"), 1_000))
    return sorted(found, key=lambda look: -look.weight)[:MOST_LOOKS]
