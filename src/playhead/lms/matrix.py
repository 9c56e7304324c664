"""A course at a glance: every student's progress in every video.

The numbers are those of the recorder's rows, as on every other page. A school may well have thirty thousand cells: so
the database puts a student's cells into one value, a cell is one number that says how it looks, and its text is made
once for all that look alike. A row, an object and a template tag for each would take seconds.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec
from django.db.models import Aggregate, Case, F, Max, TextField, Value, When
from django.db.models.functions import Coalesce, JSONArray, Least
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from playhead.core import limits
from playhead.core.progress import effective_duration_ms, measured_ms
from playhead.lms.models import Course, Override, Video
from playhead.lms.standings import Student, students_of, viewers_of
from playhead.lms.terms import terms_of_all
from playhead.recorder.models import Progress

# How a cell looks: 16 times the percent and one (0 while the length is unknown), and its marks; 0 for one not begun.
COVERED, REFUSED, IMPORTED, DONE = 1, 2, 4, 8
_LEVEL: Final = 16
_LOOK: Final = Case(
    When(covered_ms=0, refused_ms=0, imported_ms=0, then=Value(0)),
    default=(Coalesce(F("progress"), Value(-1)) + Value(1)) * Value(_LEVEL)
    + Case(When(covered_ms__gt=0, then=Value(COVERED)), default=Value(0))
    + Case(When(refused_ms__gt=0, then=Value(REFUSED)), default=Value(0))
    + Case(When(imported_ms__gt=0, then=Value(IMPORTED)), default=Value(0))
    + Case(When(completed_at__isnull=False, then=Value(DONE)), default=Value(0)),
)
# What progress is measured over, as `core.progress.measured_ms` has it: the length, or that of the part to be watched.
_MEASURED: Final = Case(
    When(part_start_ms=None, then=F("duration_ms")),
    When(duration_ms=None, part_end_ms__gte=limits.VIDEO_MS, then=None),
    default=Least(F("part_end_ms"), Coalesce(F("duration_ms"), F("part_end_ms"))) - F("part_start_ms"),
)
# The video's key, the look, counted ms, measured ms.
_decode: Final = msgspec.json.Decoder(list[tuple[str, int, int, int | None]]).decode


class _Listed(Aggregate):
    """The values of a group as one JSON text."""

    function = "JSON_GROUP_ARRAY"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="JSON_AGG(%(expressions)s)::text", **context)


_effective = lru_cache(maxsize=1024)(effective_duration_ms)

# What an address cannot hold by accident: taken out of a sample address, and replaced by each student's key.
_ANYBODY: Final = "u_anybody"


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """`share` is the percent of the course's video time that counts as watched; `looks` follow the videos."""

    student: Student
    looks: Sequence[int]
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
        page = _before_and_after("student", self.course.key)
        columns = [_Column(video) for video in self.videos]
        rows = (_row(row, columns, page, self._by_word(row)) for row in self.rows)
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
    rows = rows_of(videos, asked)
    sort = _sorted(rows, videos, sort)
    standing = Override.objects.filter(video__course=course, withdrawn_at=None)
    overridden = frozenset(standing.values_list("user__key", "video__key"))
    return Matrix(course, videos, rows, len(students), sort, named, overridden)


def table_rows(matrix: Matrix) -> Iterator[list[str | int]]:
    """The matrix for other programs: a heading, then a row for each student, in percent; empty where not begun."""
    yield ["name", "username", "course", *(video.title for video in matrix.videos)]
    for row in matrix.rows:
        shares = ["" if (percent := percent_of(look)) is None else percent for look in row.looks]
        yield [row.student.name, row.student.username, "" if row.share is None else row.share, *shares]


def percent_of(look: int) -> int | None:
    """None for a cell not begun, and while the length of the video is unknown."""
    return look // _LEVEL - 1 if look >= _LEVEL else None


def rows_of(videos: Sequence[Video], students: Sequence[Student]) -> list[MatrixRow]:
    """In the order of the students."""
    viewers = viewers_of([student.key for student in students])
    # By both parts of the key: the rows of one student lie side by side.
    rows = Progress.objects.filter(viewer__in=list(viewers), video__in=[video.key for video in videos])
    listed = rows.values_list("viewer_id").annotate(told=_Listed(JSONArray("video", _LOOK, "counted_ms", _MEASURED)))
    texts = {viewers[viewer]: text for viewer, text in listed}
    measured = [measured_ms(video.duration_ms, terms_of_all(video).part) for video in videos]
    lengths = [_effective(length_ms) if length_ms else 0 for length_ms in measured]
    columns = {video.key: (at, lengths[at], measured[at]) for at, video in enumerate(videos)}
    found, usual = [], sum(lengths)
    for student in students:
        looks, whole, counted = [0] * len(videos), usual, 0
        for key, look, counted_ms, told_ms in _decode(texts.get(student.key, "[]")):
            at, length_ms, usual_ms = columns[key]
            looks[at] = look
            if told_ms != usual_ms and told_ms:
                length_ms = _effective(told_ms)
                whole += length_ms - lengths[at]
            counted += counted_ms if counted_ms < length_ms else length_ms
        found.append(MatrixRow(student, looks, counted * 100 // whole if whole else None))
    return found


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
        rows.sort(key=lambda row: row.looks[columns[column]] // _LEVEL, reverse=descending)
    else:
        rows.sort(key=lambda row: (row.student.name.casefold(), row.student.username), reverse=sort == "-name")
        return sort if column == "name" else "name"
    return sort


def _seen(students: Sequence[str], videos: Sequence[str]) -> dict[str, int]:
    """When each was last seen in any of these videos (epoch ms)."""
    rows = Progress.objects.filter(viewer__key__in=students, video__in=videos)
    return dict(rows.values_list("viewer__key").annotate(Max("last_seen_at")))


def _before_and_after(route: str, key: str) -> tuple[str, str]:
    """An address with the student's key left out: resolving thirty thousand of them would take most of the time."""
    before, after = reverse(route, args=[key, _ANYBODY]).split(_ANYBODY)
    return escape(before), escape(after)


# Where the student's key goes in a cell's text: no text of ours and no address holds it.
_KEY: Final = "\0"


class _Column(dict[int, str]):
    """The texts of one video's cells by their looks, each made when it is first asked for."""

    def __init__(self, video: Video) -> None:
        super().__init__({0: "<td>·</td>"})
        self._address = _KEY.join(_before_and_after("explain", video.key))

    def __missing__(self, look: int) -> str:
        before, after = _around(look)
        self[look] = text = f"{before}{self._address}{after}"
        return text

    def by_word(self, look: int) -> str:
        return f'<td class="done word"><a href="{self._address}">{percent_of(look) or 0}✓</a></td>'


@lru_cache(maxsize=2048)
def _around(look: int) -> tuple[str, str]:
    """A cell's text before and after the address that it links to."""
    percent = percent_of(look)
    full = "done" if look & DONE else f"p{min(percent or 0, 99) // 10}"
    marks = (" cut" if look & REFUSED else "") + (" got" if look & IMPORTED and not look & COVERED else "")
    number = "?" if percent is None else f"{percent}✓" if look & DONE else f"{percent}"
    return f'<td class="{full}{marks}"><a href="', f'">{number}</a></td>'


def _row(row: MatrixRow, columns: Sequence[_Column], page: tuple[str, str], by_word: Collection[int]) -> str:
    key, name = escape(row.student.key), escape(row.student.name)
    cells = [column[look] for column, look in zip(columns, row.looks, strict=True)]
    for at in by_word:
        cells[at] = columns[at].by_word(row.looks[at])
    return (
        f'<tr role="row"><th scope="row" role="rowheader"><a href="{page[0]}{key}{page[1]}">{name}</a></th>'
        f'<td class="all">{"–" if row.share is None else row.share}</td>{"".join(cells).replace(_KEY, key)}</tr>'
    )
