"""A teacher's pages over EVENTS events (10,000,000 unless set), beside asking the raw events in three other ways.

Lake, progress rows and sums are written directly, as a year would have left them: classes of 200 students and ten
videos, twenty thousand students at ten million events. Times are medians: of the whole answer's processor time for
pages, of the wall for queries. The page's data must cost the same at ten times the events: ask with EVENTS=100000000.
With MADE=folder what was made stays there, and is measured again the next time; QUERIES=0 measures pages alone.
"""

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from bench.kit.processes import environment
from bench.kit.rows import Row
from bench.load import seeding
from bench.load.truth import database_of
from playhead.analytics.lake import PUT_FILE
from playhead.analytics.queries import catalogue
from playhead.analytics.tally import added
from playhead.core.sections import Sections

EVENTS = int(os.environ.get("EVENTS", "10000000"))
CLASS, VIDEOS = 200, 10
EVENTS_A_STUDENT = 500
GOAL_MS = 200
_ROUNDS = 9
_QUERIES_S = 5.0  # a query is asked again until that long has gone by
_HOUR_MS = 3_600_000
_BEGAN_MS = 1_788_249_600_000
_DAYS = 90
_DISTINCT_DAYS = 18  # what happened on these is made; the others' files are copies of them
_FRAME_ROWS = 1_000_000  # what can be selected whole without running out of memory
Rows = Iterator[tuple[Any, ...]]


def measure() -> list[Row]:
    with _made() as folder:
        size = sum(path.stat().st_size for path in (folder / "lake").rglob("*.parquet"))
        pages = _pages(folder)
        wanted = os.environ.get("QUERIES") != "0"
        queries = [*_queries(folder), *_clickhouse(folder), _frame(folder)] if wanted else []
    told = f"{EVENTS:,} events of {_students():,} students, {size / 1e6:,.0f} MB of Parquet"
    return [
        Row("events in the lake", EVENTS, "events", peer=told),
        *(_page_row(name, taken) for name, taken in pages.items()),
        *queries,
    ]


@contextmanager
def _made() -> Iterator[Path]:
    """A folder with a year in it."""
    with tempfile.TemporaryDirectory(prefix="ph-analytics-") as name:
        folder = Path(os.environ.get("MADE") or name)
        done = folder / f"made-{EVENTS}"
        if not done.exists():
            folder.mkdir(parents=True, exist_ok=True)
            seeding.migrate(folder)
            _write_lake(folder)
            _write_rows(Path(database_of(folder)))
            _inside(folder, "school")
            done.touch()
        yield folder


def _page_row(name: str, taken: list[float]) -> Row:
    ms = statistics.median(taken)
    said = f"{min(taken):.0f} to {max(taken):.0f} in {len(taken)} rounds"
    return Row(name, ms, "ms", f"< {GOAL_MS}", ms < GOAL_MS, said)


def _students() -> int:
    return max(CLASS, EVENTS // EVENTS_A_STUDENT // CLASS * CLASS)


# --- what a year left


def _write_lake(folder: Path) -> None:
    """Events and sections, a file for each day: by DuckDB alone, made in the order in which the sealer sorts, so that
    nothing has to be: on each day each video has its share, and in it one student after the other. Only the first days
    are made, the others are copied: what is asked of the lake takes as long for it.
    """
    lake = folder / "lake"
    listed = []
    each, courses = EVENTS // _DAYS, _students() // CLASS
    places = courses * VIDEOS
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 2,
        "temp_directory": str(folder),
        "memory_limit": "2GB",
    }
    with duckdb.connect(":memory:", config=config) as connection:
        for day in range(_DAYS):
            began_ms = _BEGAN_MS + day * 86_400_000
            base = (
                f"(SELECT i, n * {places} // {each} AS place, n * {places} * {CLASS} // {each} % {CLASS} AS seat, "
                f"(hash(i, 3) % {_HOUR_MS})::BIGINT AS m, {began_ms} + (hash(i, 4) % 86400000)::BIGINT AS seen_ms "
                f"FROM (SELECT i, i - {day * each} AS n FROM range({day * each}, {(day + 1) * each}) AS numbers(i)))"
            )
            video = (
                f"'v_' || (place // {VIDEOS}) || '_' || (place % {VIDEOS}) AS video, "
                f"'u_' || (place // {VIDEOS} + seat * {courses}) AS viewer"
            )
            date = f"DATE '2026-09-01' + {day} AS day"
            shapes = {
                "events": f"SELECT {date}, seen_ms AS received_ms, seen_ms AS at_ms, {video}, "
                "'p_' || (i // 36) AS playback, "
                "['play', 'pause', 'seeked', 'timeupdate', 'waiting'][1 + (hash(i, 5) % 5)::INT] AS type, "
                "m AS m_ms, 1000::BIGINT AS rate, NULL::BIGINT AS from_ms, NULL::BIGINT AS to_ms, true AS earned, "
                f"'{{}}' AS detail, i AS journal_id, 0 AS idx FROM {base}",
                "sections": f"SELECT {date}, seen_ms AS received_ms, seen_ms AS began_ms, {video}, "
                "'p_' || (i // 36) AS playback, 'credit' AS kind, m AS start_ms, m + 10000 AS end_ms, "
                "hash(i, 6) % 3 > 0 AS fresh, 1000::BIGINT AS rate, 10000::BIGINT AS claimed_ms, "
                "10000::BIGINT AS paid_ms, 0::BIGINT AS refused_ms, "
                f"'' AS reasons, i AS journal_id, 0 AS line, 0 AS piece FROM {base}",
            }
            for table, query in shapes.items():
                path = lake / table / f"day={day:03}" / "joined.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                first = lake / table / f"day={day % _DISTINCT_DAYS:03}" / path.name
                if not path.exists():  # a making that was broken off goes on
                    unfinished = path.with_suffix(".unfinished")
                    if first.exists():
                        shutil.copyfile(first, unfinished)
                    else:
                        connection.execute(f"COPY ({query}) TO '{unfinished}' (FORMAT parquet, COMPRESSION zstd)")
                    unfinished.rename(path)
                listed.append((str(path.relative_to(lake)), table, f"{day:03}", each, path.stat().st_size))
    with closing(sqlite3.connect(database_of(folder))) as file, file:
        file.executemany(PUT_FILE, listed)


def _write_rows(path: Path) -> None:
    """Progress of everybody in every video of their class, and the class's sums."""
    columns = (
        "viewer_id, video, coverage, again, refused, covered_ms, watched_ms, counted_ms, refused_ms, refusals, "
        "duration_ms, threshold_percent, no_skip, progress, completed_at, evidence, position_ms, position_at, "
        "last_seen_at, imported, imported_ms, imported_watched_ms"
    )
    seconds = _HOUR_MS // 1000
    counts = [added(b"", {at: (CLASS if at == 0 else (-1) ** at) for at in range(seconds)}) for _measure in range(3)]
    courses = _students() // CLASS
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("PRAGMA synchronous = OFF")
        viewers = ((n + 1, f"u_{n}", 1, b"", b"") for n in range(_students()))
        file.executemany(
            "INSERT INTO recorder_viewer (id, key, organisation_id, spent, runs) VALUES (?, ?, ?, ?, ?)", viewers
        )
        file.executemany(
            f"INSERT INTO recorder_progress ({columns}) VALUES ({', '.join('?' * 22)})", _progress(courses)
        )
        file.executemany(
            "INSERT INTO analytics_secondcounts (video, kind, viewers, views, pauses) VALUES (?, 'credit', ?, ?, ?)",
            ((f"v_{course}_{number}", *counts) for course in range(courses) for number in range(VIDEOS)),
        )
        file.execute(_PLAYBACK_SUMS)
        file.executemany(
            "INSERT INTO analytics_eventcounts (video, day, type, times) VALUES (?, ?, ?, ?)",
            (
                (f"v_{course}_{number}", f"2026-09-{day:02}", kind, 100)
                for course in range(min(courses, 200))
                for number in range(VIDEOS)
                for day in range(1, 31)
                for kind in ("play", "pause", "seeked")
            ),
        )


# A playback for each progress row, as the follower would have left it.
_PLAYBACK_SUMS = """
INSERT INTO analytics_playbacksums
SELECT row_number() OVER (), viewer_id, video, last_seen_at, duration_ms,
       CASE viewer_id % 3 WHEN 0 THEN 'phone' ELSE 'desktop' END, 'Chrome 141', 'Windows', 'wifi', 'ES',
       last_seen_at, last_seen_at, 30, 3, 10000, watched_ms, watched_ms, 0, 2, 0, 90000, 0, viewer_id % 900, 1, 400,
       NULL, 0, 1000
FROM recorder_progress
"""


def _progress(courses: int) -> Rows:
    parts = [
        Sections.of([(at * 300_000, at * 300_000 + 3_000 * part) for at in range(12) if part]) for part in range(101)
    ]
    packed = [(coverage.pack(), coverage.length) for coverage in parts]
    for student in range(_students()):
        for number in range(VIDEOS):
            part = (student * 7 + number * 13) % 101
            coverage, covered_ms = packed[part]
            seen_at = _BEGAN_MS + part * 86_400_000
            yield (
                student + 1, f"v_{student % courses}_{number}", coverage, b"", b"", covered_ms, covered_ms * 2,
                covered_ms, 0, "{}", _HOUR_MS, 95, 0, part, seen_at if part > 94 else None, "clock", 0, 0, seen_at,
                b"", 0, 0,
            )  # fmt: skip


# --- the pages


def _pages(folder: Path) -> dict[str, list[float]]:
    return dict(json.loads(_inside(folder, "pages").splitlines()[-1]))


def _inside(folder: Path, what: str) -> str:
    """What a process with the site's settings on this folder prints."""
    command = [sys.executable, "-m", "bench.analytics", what]
    return subprocess.run(command, env=environment(folder), check=True, stdout=subprocess.PIPE, text=True).stdout


def _make_school() -> None:
    from playhead.lms.models import Course, Enrolment, Role, User, Video, default_organisation

    organisation, courses = default_organisation(), _students() // CLASS
    course = Course.objects.create(title="A class", organisation_id=organisation)
    teacher = User.objects.create(username="teacher", organisation_id=organisation)
    Enrolment.objects.create(course=course, user=teacher, role=Role.TEACHER)
    people = User.objects.bulk_create(
        User(key=f"u_{n * courses}", username=f"student{n}", name=f"Student {n}", organisation_id=organisation)
        for n in range(CLASS)
    )
    Enrolment.objects.bulk_create(Enrolment(course=course, user=user) for user in people)
    Video.objects.bulk_create(
        Video(
            course=course, key=f"v_0_{n}", title=f"Lecture {n + 1}", position=n, file="none.mp4", duration_ms=_HOUR_MS
        )
        for n in range(VIDEOS)
    )


def _measure_pages() -> dict[str, list[float]]:
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from playhead.lms.models import Course, User

    settings.ALLOWED_HOSTS = ["testserver"]
    course, teacher = Course.objects.get(title="A class"), User.objects.get(username="teacher")
    client = Client()
    client.force_login(teacher, backend=settings.AUTHENTICATION_BACKENDS[1])
    addresses = {
        "page: course": reverse("course", args=[course.key]),
        "page: video": reverse("video", args=["v_0_0"]),
        "page: video, those on a phone": reverse("video", args=["v_0_0"]) + "?who=phone",
        "page: two videos compared": reverse("compare-video", args=["v_0_0"]) + "?with=v_0_1",
        "page: what stands out": reverse("insights", args=[course.key]),
        "page: student": reverse("student", args=[course.key, "u_0"]),
    }
    for address in addresses.values():
        assert client.get(address).status_code == 200, address
    taken: dict[str, list[float]] = {name: [] for name in addresses}
    for _round in range(_ROUNDS):
        for name, address in addresses.items():
            started = time.process_time()
            client.get(address)
            taken[name].append((time.process_time() - started) * 1000)
    return taken


# --- the raw events, asked in other ways


def _files(folder: Path, table: str) -> str:
    return str(folder / "lake" / table / "*" / "*.parquet")


_ASKED = {
    "second_counts": {"video": "v_0_0", "kind": "credit"},
    "viewer_progress": {"video": "v_0_0", "kind": "credit"},
    "pauses": {"video": "v_0_0"},
    "event_types": {},
}


def _queries(folder: Path) -> list[Row]:
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        for table in ("events", "sections"):
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{_files(folder, table)}')")
        return [
            Row(f"DuckDB over the lake: {name}", _median_ms(_asking(connection, name, values)), "ms")
            for name, values in _ASKED.items()
        ]


def _asking(connection: duckdb.DuckDBPyConnection, name: str, values: dict[str, str]) -> Callable[[], object]:
    return lambda: connection.execute(catalogue()[name].for_duckdb, values or None).fetchall()


def _clickhouse(folder: Path) -> list[Row]:
    with suppress(ImportError):
        import clickhouse_connect

        from playhead.analytics import clickhouse

        client = clickhouse_connect.get_client(interface="chdb")
        for table in ("events", "sections"):
            client.command(
                f"CREATE OR REPLACE VIEW {table} AS SELECT * FROM file('{_files(folder, table)}', 'Parquet')"
            )
        return [
            Row(
                f"chDB over the same files: {name}",
                _median_ms(lambda name=name, values=values: clickhouse.run(client, name, **values)),  # type: ignore[misc]
                "ms",
            )
            for name, values in _ASKED.items()
        ]
    return []


def _frame(folder: Path) -> Row:
    """The third source's way: select all columns, carry them as JSON, and group them in pandas."""
    import pandas

    with duckdb.connect(":memory:") as connection:
        wanted = f"SELECT type, video, viewer, m_ms, at_ms FROM read_parquet('{_files(folder, 'events')}')"
        started = time.perf_counter()
        rows = connection.execute(f"{wanted} LIMIT {_FRAME_ROWS}").fetchall()
        names = ["type", "video", "viewer", "m_ms", "at_ms"]
        carried = json.loads(json.dumps([dict(zip(names, row, strict=True)) for row in rows]))
        frame = pandas.DataFrame(carried)
        frame[frame["video"] == "v_0_0"].groupby(frame["m_ms"] // 1000).size()
        ms = (time.perf_counter() - started) * 1000
    told = f"of the first {len(rows):,} events only; all {EVENTS:,} would be {EVENTS / len(rows):,.0f} times that"
    return Row("select everything as JSON, then pandas: one video by second", ms, "ms", peer=told)


def _median_ms(work: Callable[[], object]) -> float:
    work()
    taken: list[float] = []
    while len(taken) < _ROUNDS and sum(taken) < _QUERIES_S * 1000:
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    import django

    django.setup()
    if sys.argv[1] == "school":
        _make_school()
    else:
        print(json.dumps(_measure_pages()))
