"""Who may work in the studio, and with what: teachers and admins, with the courses they teach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest
from django.utils.translation import gettext as _

from playhead.lms.access import courses_taught_by
from playhead.lms.class_reading import class_reading
from playhead.lms.class_table import ClassTable, class_table
from playhead.lms.models import Course, User, Video
from playhead.lms.shown_figure import ShownFigure
from playhead.lms.standings import students_of


@dataclass(frozen=True, slots=True)
class AnalystVideo:
    key: str
    title: str
    course: str
    course_title: str
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class AnalystStudent:
    key: str
    name: str
    course: str


@dataclass(frozen=True)
class Analyst:
    """A teacher at the workbench."""

    name: str
    courses: Sequence[Course]
    videos: Sequence[AnalystVideo]
    students: Sequence[AnalystStudent]

    def progress(self) -> list[tuple[str, str, int | None, int, int, int | None]]:
        return [
            (
                video.key,
                student.key,
                numbers.percent,
                numbers.covered_ms,
                numbers.watched_ms,
                numbers.completed_at or None,
            )
            for video in self._shown()
            for student, numbers in _table(video).rows
        ]

    def figures(self, video: str) -> Sequence[ShownFigure]:
        found = [one for one in self._shown() if one.key == video]
        if not found:
            return []
        table = _table(found[0])
        students = {one.key for one in table.students}
        return class_reading(found[0], students=students, started=table.started).figures

    def _shown(self) -> list[Video]:
        return list(Video.objects.select_related("course").filter(course__in=self.courses))


def _table(video: Video) -> ClassTable:
    return class_table(video, column="name", descending=False, named="")


def analyst_of(cookies: Mapping[str, str]) -> Analyst | None:
    """The person whose session these cookies hold, if they teach anything now."""
    close_old_connections()
    request = HttpRequest()
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(cookies.get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)
    if not isinstance(user, User):
        return None
    courses = list(courses_taught_by(user).order_by("title", "pk"))
    return _seat(str(user), courses) if courses else None


def everybody(_cookies: Mapping[str, str]) -> Analyst:
    """A seat with every course there is: for a machine of one's own, where whoever reaches the port may see it all."""
    close_old_connections()
    return _seat(_("this machine, every course"), list(Course.objects.order_by("title", "pk")))


def _seat(name: str, courses: Sequence[Course]) -> Analyst:
    videos = [
        AnalystVideo(video.key, video.title, course.key, course.title, video.duration_ms)
        for course in courses
        for video in course.videos.all()
    ]
    students = [
        AnalystStudent(student.key, student.name, course.key) for course in courses for student in students_of(course)
    ]
    return Analyst(name, courses, videos, students)
