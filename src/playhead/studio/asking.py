"""Free SQL over what one person may see: read-only, bounded in time, memory and rows, and closed to everything else.

Each statement runs in a process of its own (`asked`): some can neither be interrupted nor held by DuckDB's own memory
limit, and none of them may take the server with it.
"""

import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import pyarrow as pa
from django.conf import settings

from playhead.core.errors import Invalid
from playhead.studio.seat import Seat

MOST_ROWS: Final = 100_000
MOST_SECONDS: Final = 20.0
MEMORY_MB: Final = 512
MOST_LETTERS: Final = 20_000
# An answer with longer cells than a table can show is no answer for a page.
MOST_BYTES: Final = 200_000_000
# Beyond the statement's own time, for reading the lake: it may be large, and the machine busy.
LOADING_SECONDS: Final = 120.0
TOO_SLOW: Final = 3  # the exit code of a process that ended itself
REFUSED: Final = 4  # of one that says why, as JSON


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """All that the process needs: no session, no secrets, no site."""

    statement: str
    database: str
    lake: str
    videos: list[tuple[str, str, str, str, int | None]]
    students: list[tuple[str, str, str]]
    progress: list[tuple[str, str, int | None, int, int, int | None]]
    seconds: float
    most_rows: int


class Refusal(msgspec.Struct, frozen=True):
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`more` says that there were more rows than asked for."""

    table: pa.Table
    more: bool

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.table.to_pylist()]


def ask(
    seat: Seat,
    statement: str,
    *,
    course: str | None = None,
    seconds: float = MOST_SECONDS,
    most_rows: int = MOST_ROWS,
) -> Answer:
    """Over all courses of the seat, or one. Raises Invalid, in words for the one who asked, for anything but one SELECT
    that ends in time. Its tables: `lake.TABLES`, and `videos`, `students` and `progress`."""
    if len(statement) > MOST_LETTERS:
        raise Invalid("too_long", f"A statement may have {MOST_LETTERS} letters.")
    asked = [sys.executable, "-m", "playhead.studio.asked"]
    question = question_of(seat, course, statement, seconds, most_rows)
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            told, _ = process.communicate(msgspec.json.encode(question), timeout=seconds + LOADING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise _too_slow(seconds) from None
    if process.returncode == TOO_SLOW:
        raise _too_slow(seconds)
    if process.returncode == REFUSED:
        refusal = msgspec.json.decode(told, type=Refusal)
        raise Invalid(refusal.code, refusal.detail)
    if process.returncode:
        raise Invalid("too_large", f"It needs more memory than there is for one statement ({MEMORY_MB} MB).")
    table = pa.ipc.open_stream(told).read_all()
    return Answer(table[:most_rows], table.num_rows > most_rows)


def question_of(seat: Seat, course: str | None, statement: str, seconds: float, most_rows: int) -> Question:
    videos = [video for video in seat.videos if course in (None, video.course)]
    students = [student for student in seat.students if course in (None, student.course)]
    known, viewers = {video.key for video in videos}, {student.key for student in students}
    return Question(
        statement=statement,
        database=settings.TRACKING_DATABASE,
        lake=str(settings.PLAYHEAD_LAKE),
        videos=[(one.key, one.title, one.course, one.course_title, one.duration_ms) for one in videos],
        students=[(one.key, one.name, one.course) for one in students],
        progress=[row for row in seat.progress() if row[0] in known and row[1] in viewers],
        seconds=seconds,
        most_rows=most_rows,
    )


def _too_slow(seconds: float) -> Invalid:
    return Invalid("too_slow", f"It took longer than {seconds:.0f} seconds and was stopped.")
