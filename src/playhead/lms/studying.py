"""What a student comes for: where to go on, what is due, and how far each course is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from playhead.lms.access import courses_taken_by
from playhead.lms.models import Course, User, Video
from playhead.lms.progress import Watched, course_percent, last_watched, watched_by

# How many dates the first page shows; the others are on the pages of their courses.
DUE_SHOWN = 6


@dataclass(frozen=True, slots=True)
class CourseCard:
    course: Course
    watched: list[Watched]
    percent: int | None

    @property
    def videos(self) -> int:
        return len(self.watched)

    @property
    def done(self) -> int:
        return sum(one.state == "done" for one in self.watched)

    @property
    def overdue(self) -> int:
        return sum(one.due is not None and one.due.state == "overdue" for one in self.watched)


def studying(user: User) -> dict[str, Any]:
    """For the template of the first page; archived courses only by name."""
    every = courses_taken_by(user)
    taken = list(every.filter(archived_at=None))
    watched = _watched(user, taken)
    cards = [CourseCard(course, watched[course.pk], course_percent(watched[course.pk])) for course in taken]
    due = _due(cards)
    return {
        "go_on": last_watched(one for card in cards for one in card.watched),
        "taken": cards,
        "due": due[:DUE_SHOWN],
        "due_more": max(len(due) - DUE_SHOWN, 0),
        "taken_before": list(every.exclude(archived_at=None)),
    }


def _watched(user: User, courses: list[Course]) -> dict[int, list[Watched]]:
    """By the course's primary key, in the order of its videos; a handful of queries for all courses together."""
    found: dict[int, list[Watched]] = {course.pk: [] for course in courses}
    for one in watched_by(user, Video.objects.filter(course__in=courses).select_related("course")):
        found[one.video.course_id].append(one)
    return found


def _due(cards: Iterable[CourseCard]) -> list[Watched]:
    """What is left to do and has a date, the earliest first: so what is overdue stands on top."""
    left = [one for card in cards for one in card.watched if one.due is not None]
    return sorted(left, key=lambda one: (one.terms.due_at, one.video.pk))
