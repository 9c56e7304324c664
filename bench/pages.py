"""The teachers' pages over a large school: the matrix of 500 students and 60 videos, a video with a million lines.

Rows are written straight into the tables, as a term would have left them. A page's time is the processor time of the
whole answer, from the request through session and access to the last byte, SQLite's reading included: other programs
are running too. STUDENTS, VIDEOS and LINES set the size.
"""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.kit.processes import environment
from bench.kit.rows import Row
from bench.load import seeding
from bench.load.truth import database_of
from bench.load.viewers import body_of
from playhead.analytics.tally import added
from playhead.core.sections import Sections

STUDENTS = int(os.environ.get("STUDENTS", "500"))
VIDEOS = int(os.environ.get("VIDEOS", "60"))
LINES = int(os.environ.get("LINES", "1000000"))
MATRIX_GOAL_MS, VIDEO_GOAL_MS = 300, 200
_ROUNDS = 15
_HOURS_2 = 7_200_000
_BEAT_MS = 10_000
_OPENED_AT = 1_788_249_600_000
_EMPTY = b""

Rows = Iterator[tuple[Any, ...]]


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ph-pages-") as name:
        folder = Path(name)
        seeding.migrate(folder)
        _write_tracking(Path(database_of(folder)))
        command = [sys.executable, "-m", "bench.pages", str(folder)]
        told = subprocess.run(command, env=environment(folder), check=True, stdout=subprocess.PIPE, text=True)
        size_mb = Path(database_of(folder)).stat().st_size / 1e6
    taken = json.loads(told.stdout.splitlines()[-1])
    goals = {"matrix": MATRIX_GOAL_MS, "video": VIDEO_GOAL_MS}
    names = {
        "matrix": f"course, {STUDENTS:,} students x {VIDEOS:,} videos",
        "csv": "the same as CSV",
        "video": f"video, {LINES:,} ledger lines ({size_mb:,.0f} MB)",
        "student": f"student, {VIDEOS:,} videos and the newest events",
        "explain": f"one number, explained by {LINES // STUDENTS:,} lines",
        "home": "a teacher's home",
    }
    return [_row(names[page], taken[page], goals.get(page)) for page in names]


def _row(name: str, taken: dict[str, Any], goal_ms: int | None) -> Row:
    middle_ms, most_ms = statistics.median(taken["ms"]), max(taken["ms"])
    said = f"at most {most_ms:,.0f} ms in {_ROUNDS} rounds, {taken['bytes'] / 1000:,.0f} kB"
    if goal_ms is None:
        return Row(name, round(middle_ms, 1), "ms", peer=said)
    return Row(name, round(middle_ms, 1), "ms", f"< {goal_ms}", middle_ms < goal_ms, said)


# --- the tracking tables, as a term leaves them


def _write_tracking(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA synchronous = OFF")
        _insert(file, "recorder_viewer", ("id", "key", "organisation_id", "spent", "runs"), _viewers())
        _insert(file, "recorder_playback", _PLAYBACK, _playbacks())
        _insert(file, "recorder_progress", _PROGRESS, _progress())
        _insert(file, "recorder_journal", _JOURNAL, _journal())
        _insert(file, "recorder_ledgerline", _LINE, _lines())
        _write_sums(file)
        file.commit()
        file.execute("ANALYZE")


def _insert(file: sqlite3.Connection, table: str, columns: tuple[str, ...], rows: Rows) -> None:
    """What a row must have beside these columns is empty: these pages are not about it."""
    known = file.execute(f"PRAGMA table_info({table})").fetchall()
    rest = {name: kind for _id, name, kind, needed, _default, key in known if needed and not key}
    empty = {name: _nothing(kind.upper()) for name, kind in rest.items()}
    others = [name for name in empty if name not in columns]
    names, marks = (
        ", ".join((*columns, *others)),
        ", ".join(("?",) * len(columns) + tuple(empty[one] for one in others)),
    )
    file.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def _nothing(kind: str) -> str:
    """Of this type of column, as SQL."""
    if kind.startswith("BLOB"):
        return "x''"
    return "''" if kind.startswith(("VARCHAR", "TEXT")) else "0"


def _viewers() -> Rows:
    for student in range(STUDENTS):
        yield student + 1, f"u_{student}", 1, _EMPTY, _EMPTY


_PLAYBACK = (
    "id", "key", "organisation_id", "viewer_id", "video", "kind", "opened_at", "duration_ms", "max_rate",
    "threshold_percent", "no_skip", "delivery_is_evidence", "needs_visible", "preview", "ticket_expires_at",
    "delivered",
)  # fmt: skip


def _playbacks() -> Rows:
    for student in range(STUDENTS):
        yield (
            student + 1, f"p_{student}", 1, student + 1, "v_0", "live", _OPENED_AT, _HOURS_2, 2000, 95, 0, 0, 0, 0,
            _OPENED_AT + 43_200_000, _EMPTY,
        )  # fmt: skip


_PROGRESS = (
    "viewer_id", "video", "coverage", "again", "refused", "covered_ms", "watched_ms", "counted_ms", "refused_ms",
    "refusals", "duration_ms", "threshold_percent", "no_skip", "progress", "completed_at", "evidence", "position_ms",
    "position_at", "last_seen_at", "imported", "imported_ms", "imported_watched_ms",
)  # fmt: skip


def _progress() -> Rows:
    """Everybody has begun everything: some watched all, some a part in a dozen stretches."""
    for student in range(STUDENTS):
        for video in range(VIDEOS):
            part = (student * 7 + video * 13) % 101 if video else 60 + student % 41
            pieces = [(at * 600_000, at * 600_000 + 6_000 * part) for at in range(12) if part]
            coverage = Sections.of(pieces)
            covered_ms = coverage.length
            done = _OPENED_AT + 9_000_000 if part >= 95 else None
            refused_ms = 90_000 if (student + video) % 17 == 0 else 0
            yield (
                student + 1, f"v_{video}", coverage.pack(), coverage.clip(0, 900_000).pack(), _EMPTY, covered_ms,
                covered_ms * 2, covered_ms, refused_ms, json.dumps({"too_fast": refused_ms} if refused_ms else {}),
                _HOURS_2, 95, 0, part, done, "clock", 0, 0, _OPENED_AT + 9_000_000, _EMPTY, 0, 0,
            )  # fmt: skip


_JOURNAL = ("id", "kind", "viewer_id", "playback_id", "seq", "received_at", "rule_version", "body")


def _claims() -> Iterator[tuple[int, int, int, int, int]]:
    """Journal id, student, sequence number, wall and media ms: they watch side by side, over and over."""
    each = LINES // STUDENTS
    for seq in range(each):
        for student in range(STUDENTS):
            yield seq * STUDENTS + student + 1, student, seq, seq * _BEAT_MS, seq * _BEAT_MS % _HOURS_2


def _journal() -> Rows:
    for number, student, seq, t0, m0 in _claims():
        body = body_of(seq=seq, sent=t0 + _BEAT_MS, t0=t0, t1=t0 + _BEAT_MS, m0=m0)
        yield number, "batch", student + 1, student + 1, seq, _OPENED_AT + t0 + _BEAT_MS, 1, body


_LINE = (
    "journal_id", "idx", "kind", "viewer_id", "video", "playback_id", "received_at", "t0", "t1", "m0", "m1", "rate",
    "credit", "fresh", "paid", "credit_ms", "fresh_ms", "paid_ms", "lateness_ms", "reasons",
)  # fmt: skip


def _lines() -> Rows:
    for number, student, _seq, t0, m0 in _claims():
        at, first = _OPENED_AT + t0, t0 < _HOURS_2
        credit = Sections.one(m0, m0 + _BEAT_MS).pack()
        yield (
            number, 0, "credit", student + 1, "v_0", student + 1, at + _BEAT_MS, t0, t0 + _BEAT_MS, m0, m0 + _BEAT_MS,
            1000, credit, credit if first else _EMPTY, Sections.one(at, at + _BEAT_MS).pack(), _BEAT_MS,
            _BEAT_MS if first else 0, _BEAT_MS, 0, "",
        )  # fmt: skip


def _write_sums(file: sqlite3.Connection) -> None:
    """As the follower would: changes in every second, so that no line of a figure can be left out."""
    seconds = _HOURS_2 // 1000
    viewers = added(_EMPTY, {at: (STUDENTS if at == 0 else (-1) ** at) for at in range(seconds)})
    views = added(_EMPTY, {at: (STUDENTS * 3 if at == 0 else 2 * (-1) ** at) for at in range(seconds)})
    pauses = added(_EMPTY, {at: (-1) ** (at // 7) if at % 7 == 0 else 0 for at in range(seconds)})
    counts = [("v_0", "credit", viewers, views, pauses)]
    _insert(file, "analytics_secondcounts", ("video", "kind", "viewers", "views", "pauses"), iter(counts))
    days = [
        ("v_0", f"2026-09-{day:02}", kind, 1_000 * day) for day in range(1, 31) for kind in ("play", "pause", "seeked")
    ]
    _insert(file, "analytics_eventcounts", ("video", "day", "type", "times"), iter(days))
    _insert(file, "analytics_cursor", ("id", "journal_id", "rolled_at"), iter([(1, LINES, _OPENED_AT)]))


# --- in a process of its own, with the site's settings on this folder


def _school() -> Any:
    from playhead.lms.models import Course, Enrolment, Role, User, Video, default_organisation

    organisation = default_organisation()
    course = Course.objects.create(title="A large course", organisation_id=organisation)
    teacher = User.objects.create(username="teacher", organisation_id=organisation)
    Enrolment.objects.create(course=course, user=teacher, role=Role.TEACHER)
    people = User.objects.bulk_create(
        User(key=f"u_{n}", username=f"student{n}", name=f"Student {n * 37 % STUDENTS:03}", organisation_id=organisation)
        for n in range(STUDENTS)
    )
    Enrolment.objects.bulk_create(Enrolment(course=course, user=user) for user in people)
    Video.objects.bulk_create(
        Video(course=course, key=f"v_{n}", title=f"Lecture {n + 1}", position=n, file="none.mp4", duration_ms=_HOURS_2)
        for n in range(VIDEOS)
    )
    return course, teacher


def _measure_pages() -> dict[str, dict[str, Any]]:
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    settings.ALLOWED_HOSTS = ["testserver"]
    course, teacher = _school()
    client = Client()
    client.force_login(teacher, backend=settings.AUTHENTICATION_BACKENDS[1])
    addresses = {
        "matrix": reverse("course", args=[course.key]),
        "csv": reverse("course-csv", args=[course.key]),
        "video": reverse("video", args=["v_0"]),
        "student": reverse("student", args=[course.key, "u_7"]),
        "explain": reverse("explain", args=["v_0", "u_7"]),
        "home": reverse("home"),
    }
    for address in addresses.values():
        assert client.get(address).status_code == 200, address
    taken: dict[str, dict[str, Any]] = {name: {"ms": [], "bytes": 0} for name in addresses}
    for _ in range(_ROUNDS):
        for name, address in addresses.items():
            started = time.process_time()
            taken[name]["bytes"] = len(client.get(address).content)
            taken[name]["ms"].append((time.process_time() - started) * 1000)
    return taken


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_measure_pages()))
