"""Every table that can be exported: what a row is, its columns, its rows: of some courses, or of one student in them.

Instants are UTC, ISO 8601; lengths and positions are media milliseconds. `viewer` is a person's key; names and
addresses stand in `progress` alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from playhead.analytics.lake import open_lake
from playhead.analytics.shape import TABLES as LAKE
from playhead.core.errors import Missing
from playhead.lms.class_table import class_table
from playhead.lms.models import Course, Enrolment, Role, User, Video
from playhead.lms.progress import watched_by
from playhead.lms.standings import students_of
from playhead.recorder.ledger import as_row, lines_of
from playhead.recorder.models import Playback, Viewer

Row = Sequence[Any]
_ROWS_A_FETCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which courses; with `student` that one person alone."""

    courses: Sequence[Course]
    student: User | None = None

    def videos(self) -> list[Video]:
        found = Video.objects.select_related("course").filter(course__in=self.courses)
        return list(found.order_by("course", "position", "pk"))


@dataclass(frozen=True, slots=True)
class Table:
    """`columns`: name to DuckDB's type, in the order of a row's values."""

    name: str
    title: Promise
    about: Promise
    columns: Mapping[str, str]
    rows: Callable[[Scope], Iterator[Row]]


def table_of(name: str) -> Table:
    """Raises Missing."""
    if name not in TABLES:
        raise Missing("no_such_table", f"There is no such table: it is one of {', '.join(TABLES)}.")
    return TABLES[name]


def _courses(scope: Scope) -> Iterator[Row]:
    for course in scope.courses:
        tables = [class_table(video, column="name", descending=False, named="") for video in _of(course)]
        percents = [row.percent for table in tables for _student, row in table.rows if row.percent is not None]
        yield (
            course.key, course.title, _instant(course.created_at), _instant(course.archived_at),
            len(students_of(course)), len(tables), sum(table.started for table in tables),
            sum(table.completed for table in tables), sum(percents) // len(percents) if percents else None,
        )  # fmt: skip


def _of(course: Course) -> Sequence[Video]:
    return list(course.videos.select_related("course"))


def _videos(scope: Scope) -> Iterator[Row]:
    for video in scope.videos():
        table = class_table(video, column="name", descending=False, named="")
        numbers = [row for _student, row in table.rows]
        yield (
            video.course.key, video.key, video.title, video.source, video.duration_ms, len(table.students),
            table.started, table.completed, table.average, sum(one.covered_ms for one in numbers),
            sum(one.watched_ms for one in numbers), sum(one.refused_ms for one in numbers),
            sum(one.imported_ms for one in numbers),
        )  # fmt: skip


def _progress(scope: Scope) -> Iterator[Row]:
    """A row for each student and video, begun or not; the numbers are the pages' own (`lms.progress`)."""
    for course in scope.courses:
        if scope.student and not Enrolment.objects.filter(course=course, user=scope.student).exists():
            continue
        videos = _of(course)
        people = User.objects.filter(enrolments__course=course, enrolments__role=Role.STUDENT)
        for user in [scope.student] if scope.student else people.order_by("name", "username").iterator():
            for one in watched_by(user, videos):
                yield (
                    course.key, one.video.key, one.video.title, user.key, str(user), user.username, user.email,
                    one.state, one.percent, one.covered_ms, one.watched_ms, one.counted_ms, one.refused_ms,
                    one.imported_ms, one.duration_ms, one.needed_ms, one.evidence, _instant(one.completed_at),
                    _instant(one.last_seen_at), one.override is not None,
                )  # fmt: skip


def _ledger(scope: Scope) -> Iterator[Row]:
    for video in scope.videos():
        known = Playback.objects.filter(video=video.key, preview=False)
        if scope.student is not None:
            known = known.filter(viewer__key=scope.student.key)
        for viewer_id in sorted(set(known.values_list("viewer_id", flat=True))):
            key = Viewer.objects.values_list("key", flat=True).get(pk=viewer_id)
            for line in lines_of(viewer_id, video.key):
                yield video.key, key, *as_row(line).values()


def _lake(name: str) -> Callable[[Scope], Iterator[Row]]:
    def rows(scope: Scope) -> Iterator[Row]:
        videos = [video.key for video in scope.videos()]
        viewers = None if scope.student is None else [scope.student.key]
        with open_lake(videos=videos, viewers=viewers, memory_mb=512) as connection:
            found = connection.execute(f"SELECT * FROM {name} ORDER BY journal_id")  # noqa: S608 - our own names
            while some := found.fetchmany(_ROWS_A_FETCH):
                yield from ([_plain(value) for value in row] for row in some)

    return rows


def _of_lake(name: str, title: Promise, about: Promise) -> Table:
    return Table(name, title, about, LAKE[name], _lake(name))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at else None


_LEDGER_TEXTS: Final = frozenset(
    {"kind", "playback", "opened_at", "received_at", "began_at", "credited", "fresh", "paid", "refused"}
)
_LEDGER: Final = (
    "journal", "line", "kind", "playback", "opened_at", "received_at", "began_at", "wall_from_ms", "wall_to_ms",
    "media_from_ms", "media_to_ms", "rate", "credited_ms", "fresh_ms", "paid_ms", "lateness_ms", "credited", "fresh",
    "paid", "refused",
)  # fmt: skip

TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        Table(
            "courses",
            _("Courses"),
            _("A row for each course: students, videos, how many were begun and done, mean percent."),
            {
                "course": "VARCHAR", "title": "VARCHAR", "created_at": "VARCHAR", "archived_at": "VARCHAR",
                "students": "BIGINT", "videos": "BIGINT", "begun": "BIGINT", "done": "BIGINT", "mean_percent": "BIGINT",
            },
            _courses,
        ),
        Table(
            "videos",
            _("Videos"),
            _("A row for each video: length, how many began and finished it, what was covered and watched."),
            {
                "course": "VARCHAR", "video": "VARCHAR", "title": "VARCHAR", "source": "VARCHAR",
                "duration_ms": "BIGINT", "students": "BIGINT", "begun": "BIGINT", "done": "BIGINT",
                "mean_percent": "BIGINT", "covered_ms": "BIGINT", "watched_ms": "BIGINT", "refused_ms": "BIGINT",
                "imported_ms": "BIGINT",
            },
            _videos,
        ),
        Table(
            "progress",
            _("Progress of students"),
            _("A row for each student and video, with names: percent, covered, watched, not credited, done when."),
            {
                "course": "VARCHAR", "video": "VARCHAR", "title": "VARCHAR", "viewer": "VARCHAR", "name": "VARCHAR",
                "username": "VARCHAR", "email": "VARCHAR", "state": "VARCHAR", "percent": "BIGINT",
                "covered_ms": "BIGINT", "watched_ms": "BIGINT", "counted_ms": "BIGINT", "refused_ms": "BIGINT",
                "imported_ms": "BIGINT", "duration_ms": "BIGINT", "needed_ms": "BIGINT", "evidence": "VARCHAR",
                "completed_at": "VARCHAR", "last_seen_at": "VARCHAR", "by_word": "BOOLEAN",
            },
            _progress,
        ),
        Table(
            "ledger",
            _("Ledger lines"),
            _("A row for each claim: what was credited of it, with which time it was paid, what not and why."),
            {"video": "VARCHAR", "viewer": "VARCHAR"}
            | {name: "VARCHAR" if name in _LEDGER_TEXTS else "BIGINT" for name in _LEDGER},
            _ledger,
        ),
        _of_lake("sections", _("Sections"), _("A row for each stretch that was credited, or refused.")),
        _of_lake("playbacks", _("Playbacks"), _("A row for each opening of a video.")),
        _of_lake("events", _("Events"), _("A row for each thing a player did.")),
    )
}  # fmt: skip
