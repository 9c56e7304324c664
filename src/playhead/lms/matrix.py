"""A course at a glance: every student's progress in every video, from one look at the recorder's rows.

The numbers are those of the rows themselves, as on every other page. Cells are plain text put together by hand: a
school may well have thirty thousand of them, and a template tag for each would take seconds.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from playhead.core.progress import effective_duration_ms
from playhead.lms.models import Course, Override, Role, User, Video
from playhead.recorder.models import Progress, Viewer

_COLUMNS: Final = (
    "viewer_id", "video", "progress", "completed_at", "covered_ms", "counted_ms", "refused_ms", "imported_ms",
    "duration_ms", "last_seen_at",
)  # fmt: skip
# What an address cannot hold by accident: taken out of a sample address, and replaced by each student's key.
_ANYBODY: Final = "u_anybody"

effective = lru_cache(maxsize=1024)(effective_duration_ms)


class Standing(NamedTuple):
    """One student in one video. `percent` is None while the length is unknown."""

    percent: int | None
    completed_at: int | None
    covered_ms: int
    counted_ms: int
    refused_ms: int
    imported_ms: int
    duration_ms: int | None
    last_seen_at: int


class Student(NamedTuple):
    key: str
    name: str
    username: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """`share` is the percent of the course's video time that counts as watched; `cells` follow the videos."""

    student: Student
    cells: Sequence[Standing | None]
    share: int | None

    @property
    def last_seen_at(self) -> int:
        return max((cell.last_seen_at for cell in self.cells if cell), default=0)


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

    @property
    def seen_heading(self) -> dict[str, str]:
        return self._heading("seen")

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
        words = [
            {number for number, video in enumerate(self.videos) if (row.student.key, video.key) in self.overridden}
            if self.overridden
            else ()
            for row in self.rows
        ]
        rows = (_row(row, explain, page, done) for row, done in zip(self.rows, words, strict=True))
        return mark_safe("".join(rows))  # noqa: S308  escaped piece by piece


def matrix_of(course: Course, *, sort: str = "name", named: str = "") -> Matrix:
    """The course's matrix; `named` keeps the students whose name or username holds this text."""
    videos = list(course.videos.all())
    students = students_of(course)
    found = standings([video.key for video in videos], {student.key for student in students})
    wanted = named.casefold()
    rows = [
        _matrix_row(student, videos, found.get(student.key, {}))
        for student in students
        if wanted in student.name.casefold() or wanted in student.username.casefold()
    ]
    columns = {video.key: position for position, video in enumerate(videos)}
    column = sort.removeprefix("-")
    if column not in {"name", "share", "seen", *columns}:
        column = sort = "name"
    rows.sort(key=lambda row: _sort_key(row, column, columns.get(column)), reverse=sort.startswith("-"))
    standing = Override.objects.filter(video__course=course, withdrawn_at=None)
    overridden = frozenset(standing.values_list("user__key", "video__key"))
    return Matrix(course, videos, rows, len(students), sort, named, overridden)


def students_of(course: Course) -> list[Student]:
    """In the order of their names."""
    people = User.objects.filter(enrolments__course=course, enrolments__role=Role.STUDENT)
    named = people.values_list("key", "name", "username")
    listed = [Student(key, name or username, username) for key, name, username in named]
    return sorted(listed, key=lambda student: (student.name.casefold(), student.username))


def standings(videos: Sequence[str], students: Collection[str]) -> dict[str, dict[str, Standing]]:
    """Of these students, by key and video: what their progress rows say."""
    viewers = dict(Viewer.objects.filter(key__in=students).values_list("pk", "key"))
    found: dict[str, dict[str, Standing]] = {key: {} for key in students}
    by_id = {number: found[key] for number, key in viewers.items()}
    # By both parts of the key: the rows of one student lie side by side.
    rows = Progress.objects.filter(viewer__in=list(viewers), video__in=videos).values_list(*_COLUMNS)
    standing = Standing._make
    for row in rows:
        by_id[row[0]][row[1]] = standing(row[2:])
    return found


def share_of(cells: Sequence[Standing | None], videos: Sequence[Video]) -> int | None:
    """Percent of the videos' time that counts as watched, floored; None while no length is known."""
    whole = counted = 0
    for cell, video in zip(cells, videos, strict=True):
        duration_ms = cell.duration_ms or video.duration_ms if cell else video.duration_ms
        if duration_ms:
            length_ms = effective(duration_ms)
            whole += length_ms
            if cell:
                counted += min(cell.counted_ms, length_ms)
    return counted * 100 // whole if whole else None


def table_rows(matrix: Matrix) -> Iterator[list[str | int]]:
    """The matrix for other programs: a heading, then a row for each student, in percent; empty where not begun."""
    yield ["name", "username", "course", *(video.title for video in matrix.videos)]
    for row in matrix.rows:
        shares = [_plain(cell) for cell in row.cells]
        yield [row.student.name, row.student.username, "" if row.share is None else row.share, *shares]


def _plain(cell: Standing | None) -> str | int:
    return "" if cell is None or cell.percent is None or not is_begun(cell) else cell.percent


def is_begun(cell: Standing) -> bool:
    return bool(cell.covered_ms or cell.refused_ms or cell.imported_ms)


def _matrix_row(student: Student, videos: Sequence[Video], found: Mapping[str, Standing]) -> MatrixRow:
    cells = [found.get(video.key) for video in videos]
    return MatrixRow(student, cells, share_of(cells, videos))


def _sort_key(row: MatrixRow, column: str, position: int | None) -> Any:
    if position is not None:
        cell = row.cells[position]
        return (0, 0) if cell is None or not is_begun(cell) else (1, -1 if cell.percent is None else cell.percent)
    if column == "share":
        return -1 if row.share is None else row.share
    return row.last_seen_at if column == "seen" else (row.student.name.casefold(), row.student.username)


def _before_and_after(route: str, key: str) -> tuple[str, str]:
    """An address with the student's key left out: resolving thirty thousand of them would take most of the time."""
    before, after = reverse(route, args=[key, _ANYBODY]).split(_ANYBODY)
    return escape(before), escape(after)


def _row(row: MatrixRow, explain: Sequence[tuple[str, str]], page: tuple[str, str], overridden: Collection[int]) -> str:
    key, name = escape(row.student.key), escape(row.student.name)
    share = "–" if row.share is None else f"{row.share}"
    parts = [
        (
            f'<tr role="row"><th scope="row" role="rowheader"><a href="{page[0]}{key}{page[1]}">{name}</a></th>'
            f'<td class="all">{share}</td>'
        )
    ]
    for position, (cell, (before, after)) in enumerate(zip(row.cells, explain, strict=True)):
        if position in overridden:
            number = cell.percent or 0 if cell else 0
            parts.append(f'<td class="done word"><a href="{before}{key}{after}">{number}✓</a></td>')
            continue
        if cell is None:
            parts.append("<td>·</td>")
            continue
        percent, completed_at, covered_ms, _counted, refused_ms, imported_ms, _duration, _seen = cell
        kind, text = _look(percent, completed_at is not None, covered_ms > 0, refused_ms > 0, imported_ms > 0)
        parts.append(f'<td class="{kind}"><a href="{before}{key}{after}">{text}</a></td>' if kind else "<td>·</td>")
    parts.append("</tr>")
    return "".join(parts)


@lru_cache(maxsize=2048)
def _look(percent: int | None, done: bool, covered: bool, refused: bool, imported: bool) -> tuple[str, str]:  # noqa: FBT001  called thirty thousand times
    """Classes and text of a cell: how full, in tens of percent, with marks for what was not credited and what was
    imported. No classes for a video not begun."""
    if not (covered or refused or imported):
        return "", ""
    full = "done" if done else f"p{min(percent or 0, 99) // 10}"
    marks = (" cut" if refused else "") + (" got" if imported and not covered else "")
    return full + marks, "?" if percent is None else f"{percent}✓" if done else f"{percent}"
