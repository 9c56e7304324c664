"""A course at a glance: every student's progress in every video.

The numbers are those of the recorder's rows, as on every other page. A school may well have thirty thousand cells: so
the database counts out what a cell shows, rows stay the tuples they come as, and cells are text put together by hand. A
model, an object and a template tag for each would take seconds.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, Max, Value, When
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from playhead.lms.models import Course, Override, Video
from playhead.lms.standings import Student, effective, students_of, viewers_of
from playhead.recorder.models import Progress

# The viewer's number, the video's key, percent (None while the length is unknown), marks, counted ms, duration ms.
Cell = tuple[int, str, int | None, int, int, int | None]

COVERED, REFUSED, IMPORTED, DONE = 1, 2, 4, 8
_MARKS: Final = (
    Case(When(covered_ms__gt=0, then=Value(COVERED)), default=Value(0))
    + Case(When(refused_ms__gt=0, then=Value(REFUSED)), default=Value(0))
    + Case(When(imported_ms__gt=0, then=Value(IMPORTED)), default=Value(0))
    + Case(When(completed_at__isnull=False, then=Value(DONE)), default=Value(0))
)
_BEGUN: Final = COVERED | REFUSED | IMPORTED
# What an address cannot hold by accident: taken out of a sample address, and replaced by each student's key.
_ANYBODY: Final = "u_anybody"


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """`share` is the percent of the course's video time that counts as watched; `cells` follow the videos."""

    student: Student
    cells: Sequence[Cell | None]
    share: int | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """`rows` are those asked for, in the order asked for; `students` is how many there are."""

    course: Course
    videos: Sequence[Video]
    rows: Sequence[MatrixRow]
    students: int
    sort: str
    named: str
    overridden: frozenset[tuple[str, str]] = frozenset()  # student and video, by a teacher's word

    @property
    def order(self) -> tuple[str, bool]:
        """The column it is sorted by, and whether the largest come first."""
        return self.sort.removeprefix("-"), self.sort.startswith("-")

    @property
    def headings(self) -> list[dict[str, Any]]:
        """One for each video: a click sorts by it, the largest first, and the other way round next time."""
        return [{"video": video, **self._heading(video.key)} for video in self.videos]

    @property
    def name_heading(self) -> dict[str, str]:
        return self._heading("name", first="")

    @property
    def share_heading(self) -> dict[str, str]:
        return self._heading("share")

    def _heading(self, column: str, *, first: str = "-") -> dict[str, str]:
        current, descending = self.order
        if column != current:
            return {"sort": first + column, "aria": "none"}
        return {"sort": column if descending else f"-{column}", "aria": "descending" if descending else "ascending"}

    @property
    def html(self) -> SafeString:
        """The rows of the table."""
        explain = [_before_and_after("explain", video.key) for video in self.videos]
        page = _before_and_after("student", self.course.key)
        looks: dict[tuple[int | None, int], tuple[str, str]] = {}
        rows = (_row(row, explain, page, looks, self._by_word(row)) for row in self.rows)
        return mark_safe("".join(rows))  # noqa: S308  escaped piece by piece

    def _by_word(self, row: MatrixRow) -> Collection[int]:
        """The columns that a teacher's word completes."""
        if not self.overridden:
            return ()
        key = row.student.key
        return {number for number, video in enumerate(self.videos) if (key, video.key) in self.overridden}


def matrix_of(course: Course, *, sort: str = "name", named: str = "") -> Matrix:
    """The course's matrix; `named` keeps the students whose name or username holds this text."""
    videos, students, wanted = list(course.videos.all()), students_of(course), named.casefold()
    asked = [
        student for student in students if wanted in student.name.casefold() or wanted in student.username.casefold()
    ]
    cells = _cells([video.key for video in videos], asked)
    rows = [MatrixRow(student, cells[student.key], _share(cells[student.key], videos)) for student in asked]
    sort = _sorted(rows, videos, sort)
    standing = Override.objects.filter(video__course=course, withdrawn_at=None)
    overridden = frozenset(standing.values_list("user__key", "video__key"))
    return Matrix(course, videos, rows, len(students), sort, named, overridden)


def table_rows(matrix: Matrix) -> Iterator[list[str | int]]:
    """The matrix for other programs: a heading, then a row for each student, in percent; empty where not begun."""
    yield ["name", "username", "course", *(video.title for video in matrix.videos)]
    for row in matrix.rows:
        shares = ["" if cell is None or cell[2] is None or not cell[3] & _BEGUN else cell[2] for cell in row.cells]
        yield [row.student.name, row.student.username, "" if row.share is None else row.share, *shares]


def _cells(videos: Sequence[str], students: Sequence[Student]) -> dict[str, list[Cell | None]]:
    """By the student's key. Asked for by both parts of the key: the rows of one student lie side by side."""
    found: dict[str, list[Cell | None]] = {student.key: [None] * len(videos) for student in students}
    by_id = {number: found[key] for number, key in viewers_of(list(found)).items()}
    columns = {key: number for number, key in enumerate(videos)}
    rows = Progress.objects.filter(viewer__in=list(by_id), video__in=videos)
    for row in rows.values_list("viewer_id", "video", "progress", _MARKS, "counted_ms", "duration_ms"):
        by_id[row[0]][columns[row[1]]] = row
    return found


def _share(cells: Sequence[Cell | None], videos: Sequence[Video]) -> int | None:
    """As `standings.share_of` has it."""
    whole = counted = 0
    for cell, video in zip(cells, videos, strict=True):
        duration_ms = cell[5] or video.duration_ms if cell else video.duration_ms
        if duration_ms:
            length_ms = effective(duration_ms)
            whole += length_ms
            if cell:
                counted += cell[4] if cell[4] < length_ms else length_ms
    return counted * 100 // whole if whole else None


def _sorted(rows: list[MatrixRow], videos: Sequence[Video], sort: str) -> str:
    """Sort the rows in place; returns the order that they are in, by name where another was asked for in vain."""
    columns = {video.key: position for position, video in enumerate(videos)}
    column, descending = sort.removeprefix("-"), sort.startswith("-")
    if column == "share":
        rows.sort(key=lambda row: -1 if row.share is None else row.share, reverse=descending)
    elif column == "seen":
        seen = _seen([row.student.key for row in rows], list(columns))
        rows.sort(key=lambda row: seen.get(row.student.key, 0), reverse=descending)
    elif column in columns:
        rows.sort(key=lambda row: _reached(row.cells[columns[column]]), reverse=descending)
    else:
        rows.sort(key=lambda row: (row.student.name.casefold(), row.student.username), reverse=sort == "-name")
        return sort if column == "name" else "name"
    return sort


def _reached(cell: Cell | None) -> tuple[bool, int]:
    if cell is None or not cell[3] & _BEGUN:
        return False, 0
    return True, -1 if cell[2] is None else cell[2]


def _seen(students: Sequence[str], videos: Sequence[str]) -> dict[str, int]:
    """When each was last seen in any of these videos (epoch ms)."""
    rows = Progress.objects.filter(viewer__key__in=students, video__in=videos)
    return dict(rows.values_list("viewer__key").annotate(Max("last_seen_at")))


def _before_and_after(route: str, key: str) -> tuple[str, str]:
    """An address with the student's key left out: resolving thirty thousand of them would take most of the time."""
    before, after = reverse(route, args=[key, _ANYBODY]).split(_ANYBODY)
    return escape(before), escape(after)


def _row(
    row: MatrixRow,
    explain: Sequence[tuple[str, str]],
    page: tuple[str, str],
    looks: dict[tuple[int | None, int], tuple[str, str]],
    overridden: Collection[int],
) -> str:
    key, name = escape(row.student.key), escape(row.student.name)
    share = "–" if row.share is None else f"{row.share}"
    parts = [f'<tr role="row"><th scope="row" role="rowheader"><a href="{page[0]}{key}{page[1]}">{name}</a></th>']
    parts.append(f'<td class="all">{share}</td>')
    for position, cell in enumerate(row.cells):
        if overridden and position in overridden:
            number = cell[2] or 0 if cell else 0
            opening, closing = '<td class="done word"><a href="', f'">{number}✓</a></td>'
        elif cell is None or not cell[3] & _BEGUN:
            parts.append("<td>·</td>")
            continue
        else:
            look = (cell[2], cell[3])
            if look not in looks:
                looks[look] = _look(*look)
            opening, closing = looks[look]
        before, after = explain[position]
        parts.append(f"{opening}{before}{key}{after}{closing}")
    parts.append("</tr>")
    return "".join(parts)


def _look(percent: int | None, marks: int) -> tuple[str, str]:
    """What stands around the address of a cell: how full, in tens of percent, what was not credited or imported."""
    full = "done" if marks & DONE else f"p{min(percent or 0, 99) // 10}"
    classes = full + (" cut" if marks & REFUSED else "") + (" got" if marks & IMPORTED and not marks & COVERED else "")
    number = "?" if percent is None else f"{percent}✓" if marks & DONE else f"{percent}"
    return f'<td class="{classes}"><a href="', f'">{number}</a></td>'
