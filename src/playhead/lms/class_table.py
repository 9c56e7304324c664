"""One video's students, in the order asked for: the whole class by its numbers, maps only for those on the page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from playhead.core.progress import progress_percent
from playhead.lms.models import Override, Video
from playhead.lms.standings import Student, students_of
from playhead.recorder.models import Progress


class Numbers(NamedTuple):
    """One student's progress row, without its maps."""

    percent: int | None
    covered_ms: int
    watched_ms: int
    completed_at: int
    last_seen_at: int
    refused_ms: int
    imported_ms: int


Row = tuple[Student, Numbers]

# The columns a click sorts by: name in the address, heading, key of a row. Largest first where that is what one asks.
COLUMNS: Final[dict[str, tuple[Any, Callable[[Row], Any]]]] = {
    "name": (_("Student"), lambda row: row[0].name.casefold()),
    "progress": (_("Progress"), lambda row: -1 if row[1].percent is None else row[1].percent),
    "covered": (_("Covered"), lambda row: row[1].covered_ms),
    "watched": (_("Watched"), lambda row: row[1].watched_ms),
    "completed": (_("Completed"), lambda row: row[1].completed_at),
    "seen": (_("Last seen"), lambda row: row[1].last_seen_at),
    "refused": (_("Not credited"), lambda row: row[1].refused_ms),
}


@dataclass(frozen=True, slots=True)
class ClassTable:
    """`rows` are those asked for; the counts are of everybody. `average` is the mean of the known percents."""

    students: Sequence[Student]
    rows: Sequence[Row]
    started: int
    completed: int
    refused: int
    average: int | None


def class_table(video: Video, *, column: str, descending: bool, named: str) -> ClassTable:
    """`column` is one of COLUMNS; `named` keeps the students whose name or username holds this text."""
    students, found = students_of(video.course), _numbers(video)
    nothing = Numbers(progress_percent(0, video.duration_ms), 0, 0, 0, 0, 0, 0)
    rows = [(student, found.get(student.key, nothing)) for student in students]
    standing = Override.objects.filter(video=video, withdrawn_at=None)
    by_word = set(standing.values_list("user__key", flat=True))
    wanted = named.casefold()
    shown = [row for row in rows if wanted in row[0].name.casefold() or wanted in row[0].username.casefold()]
    known = [numbers.percent for _student, numbers in rows if numbers.percent is not None]
    return ClassTable(
        students,
        sorted(shown, key=COLUMNS[column][1], reverse=descending),
        started=sum(_is_begun(numbers) or student.key in by_word for student, numbers in rows),
        completed=sum(bool(numbers.completed_at) or student.key in by_word for student, numbers in rows),
        refused=sum(bool(numbers.refused_ms) for _student, numbers in rows),
        average=sum(known) // len(known) if known else None,
    )


def _is_begun(numbers: Numbers) -> bool:
    return bool(numbers.covered_ms or numbers.refused_ms or numbers.imported_ms)


def _numbers(video: Video) -> dict[str, Numbers]:
    """By the student's key."""
    columns = ("progress", "covered_ms", "watched_ms", "completed_at", "last_seen_at", "refused_ms", "imported_ms")
    rows = Progress.objects.filter(video=video.key).values_list("viewer__key", *columns)
    return {
        key: Numbers(percent, covered, watched, done or 0, *rest)
        for key, percent, covered, watched, done, *rest in rows
    }
