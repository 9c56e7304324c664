"""Where every student of a course stands: one row for each, summed up by the database over the course's videos."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from django.db.models import Count, Max, Q, Sum

from playhead.lms.models import Course, Role, User
from playhead.recorder.models import Progress, Viewer


class Standing(NamedTuple):
    """One student in all videos of a course. `refused_lately` says that something was refused in a video they were
    last seen in since the instant asked about."""

    covered_ms: int = 0
    refused_ms: int = 0
    imported_ms: int = 0
    completed: int = 0
    last_seen_at: int = 0
    refused_lately: bool = False

    @property
    def is_begun(self) -> bool:
        return bool(self.covered_ms or self.refused_ms or self.imported_ms)


NOTHING: Final = Standing()


class Student(NamedTuple):
    key: str
    name: str
    username: str


def students_of(course: Course) -> list[Student]:
    """In the order of their names."""
    people = User.objects.filter(enrolments__course=course, enrolments__role=Role.STUDENT)
    named = people.values_list("key", "name", "username")
    listed = [Student(key, name or username, username) for key, name, username in named]
    return sorted(listed, key=lambda student: (student.name.casefold(), student.username))


def viewers_of(students: Collection[str]) -> dict[int, str]:
    """Those of these students whom the recorder knows: their keys by its own numbers."""
    return dict(Viewer.objects.filter(key__in=students).values_list("pk", "key"))


def standings(videos: Sequence[str], students: Collection[str], *, since_ms: int) -> dict[str, Standing]:
    """By the student's key, of those who have begun anything."""
    viewers = viewers_of(students)
    # By both parts of the key: the rows of one student lie side by side.
    rows = Progress.objects.filter(viewer__in=list(viewers), video__in=videos).values_list("viewer_id")
    sums = rows.annotate(
        Sum("covered_ms"),
        Sum("refused_ms"),
        Sum("imported_ms"),
        Count("completed_at"),
        Max("last_seen_at"),
        lately=Count("pk", filter=Q(last_seen_at__gte=since_ms, refused_ms__gt=0)),
    )
    return {viewers[viewer]: Standing._make((*rest, bool(lately))) for viewer, *rest, lately in sums}
