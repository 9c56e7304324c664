"""What leaves: the tables' figures are the pages', a formula stays a name, and nobody gets another course's rows."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from django.urls import reverse

from playhead.cli import main
from playhead.exports.formats import FORMATS, write_file
from playhead.exports.models import Run, Schedule
from playhead.lms.class_table import class_table
from playhead.lms.leaving import making, scheduled
from playhead.lms.leaving.tables import TABLES, Scope
from playhead.lms.models import Enrolment, Role, Video
from tests.exports.sheets import cells_of
from tests.lms.conftest import School
from tests.lms.watching import watch
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
DAY_MS = 86_400_000


@pytest.fixture
def school(live_school: School, clock: HandClock) -> School:
    """Bob watched Alice's film; Charlie watched one of Olga's."""
    secret = Video.objects.create(course=live_school.other, title="Secret of Olga", file="x.mp4", duration_ms=60_000)
    Enrolment.objects.create(course=live_school.other, user=live_school.charlie, role=Role.STUDENT)
    for who, video in (("bob", live_school.film), ("charlie", secret)):
        address = reverse("open-playback")
        answer = live_school.client(who).post(address, {"video": video.key}, content_type="application/json")
        watch(answer.json(), clock, [(0, 10_000), (10_000, 25_000), (0, 5_000)])
    return live_school


def got(school: School, table: str, form: str = "csv", who: str = "alice") -> bytes:
    answer = school.client(who).get(reverse("export-file", args=[school.course.key, table, form]))
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_figures_are_the_pages(school: School) -> None:
    [bob] = [row for row in rows(got(school, "progress")) if row["video"] == school.film.key]
    [(student, numbers)] = class_table(school.film, column="name", descending=False, named="").rows
    assert bob["viewer"] == student.key
    assert (bob["percent"], bob["covered_ms"], bob["watched_ms"]) == (
        str(numbers.percent), str(numbers.covered_ms), str(numbers.watched_ms)
    )  # fmt: skip
    assert (bob["name"], bob["state"]) == ("Bob Brown", "partly")
    [video] = [row for row in rows(got(school, "videos")) if row["video"] == school.film.key]
    assert (video["begun"], video["covered_ms"], video["watched_ms"]) == ("1", "25000", "30000")
    [course] = rows(got(school, "courses"))
    assert (course["course"], course["students"], course["videos"]) == (school.course.key, "1", "2")
    ledger = rows(got(school, "ledger"))
    assert sum(int(line["fresh_ms"]) for line in ledger) == 25_000
    assert sum(int(line["credited_ms"]) for line in ledger) == 30_000
    sections = rows(got(school, "sections"))
    assert sum(int(row["end_ms"]) - int(row["start_ms"]) for row in sections if row["fresh"] == "True") == 25_000
    assert len(rows(got(school, "playbacks"))) == 1


@pytest.mark.parametrize("table", TABLES)
def test_every_format_says_the_same(school: School, table: str, tmp_path: Path) -> None:
    told = rows(got(school, table))
    (tmp_path / "x.xlsx").write_bytes(got(school, table, "xlsx"))
    heading, *cells = cells_of(tmp_path / "x.xlsx")
    assert heading == list(TABLES[table].columns)
    assert [["" if cell is None else str(cell) for cell in row] for row in cells] == [
        [value.removeprefix("'") for value in row.values()] for row in told
    ]
    path = tmp_path / "x.parquet"
    path.write_bytes(got(school, table, "parquet"))
    found = duckdb.execute(f"SELECT * FROM '{path}'").fetchall()
    assert [["" if value is None else str(value) for value in row] for row in found] == [
        [value.removeprefix("'") for value in row.values()] for row in told
    ]


@pytest.mark.parametrize("table", TABLES)
def test_only_ones_own_course(school: School, table: str) -> None:
    for form in FORMATS:
        content = got(school, table, form)
        for foreign in ("Secret of Olga", school.charlie.key, "Charlie", school.other.key):
            assert foreign.encode() not in content
    for who, status in (("bob", 403), ("olga", 403), ("charlie", 403), ("ada", 200)):
        address = reverse("export-file", args=[school.course.key, table, "csv"])
        assert school.client(who).get(address).status_code == status


EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://evil","x")', "http://evil.example")


@pytest.mark.parametrize("name", EVIL)
def test_a_name_stays_a_name(name: str, tmp_path: Path) -> None:
    columns = {"name": "VARCHAR"}
    for form in FORMATS:
        write_file(form, tmp_path / f"x.{form}", columns, iter([[name]]))
    [told] = rows((tmp_path / "x.csv").read_bytes())
    assert not told["name"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert isinstance(cells_of(tmp_path / "x.xlsx")[1][0], str)


def test_numbers_that_a_spreadsheet_cannot_hold_stay_exact(tmp_path: Path) -> None:
    columns, numbers = {"n": "BIGINT", "t": "VARCHAR"}, (2**60, 7, None, True)
    write_file("xlsx", tmp_path / "x.xlsx", columns, iter([number, "there"] for number in numbers))
    assert [row[0] for row in cells_of(tmp_path / "x.xlsx")[1:]] == [str(2**60), 7, None, True]


@pytest.mark.parametrize("form", FORMATS)
def test_a_long_table_takes_no_more_memory(form: str, tmp_path: Path) -> None:
    import tracemalloc

    def many(count: int) -> Iterator[list[Any]]:
        for number in range(count):
            yield [number, f"row {number}"]

    def peak(count: int) -> int:
        tracemalloc.start()
        assert write_file(form, tmp_path / f"x.{form}", {"n": "BIGINT", "t": "VARCHAR"}, many(count)) == count
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(20_000) < peak(2_000) + 3_000_000


def test_a_students_record(school: School) -> None:
    for who, address in (
        ("alice", reverse("student-record", args=[school.course.key, school.bob.key])),
        ("bob", reverse("own-record")),
    ):
        answer = school.client(who).get(address)
        assert answer.status_code == 200
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as record:  # type: ignore[attr-defined]
            about = json.loads(record.read("student.json"))
            assert (about["username"], about["key"]) == ("bob", school.bob.key)
            assert [one["course"] for one in about["enrolments"]] == [school.course.key]
            for table in ("progress", "ledger", "sections", "playbacks", "events"):
                told = rows(record.read(f"{table}.csv"))
                lines = [json.loads(line) for line in record.read(f"{table}.jsonl").splitlines()]
                assert len(told) == len(lines)
                assert {line["viewer"] for line in lines} <= {school.bob.key}
            assert sum(int(line["fresh_ms"]) for line in rows(record.read("ledger.csv"))) == 25_000
            everything = b"".join(record.read(name) for name in record.namelist())
        assert school.charlie.key.encode() not in everything


def test_others_get_no_record(school: School) -> None:
    address = reverse("student-record", args=[school.course.key, school.bob.key])
    for who, status in (("bob", 403), ("olga", 403), ("charlie", 403)):
        assert school.client(who).get(address).status_code == status
    mine = school.client("alice").get(reverse("student-record", args=[school.course.key, school.charlie.key]))
    assert mine.status_code == 404


def test_few_at_a_time(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setattr(making, "_free", threading.BoundedSemaphore(1))
    making._free.acquire()
    answer = school.client("alice").get(reverse("export-file", args=[school.course.key, "videos", "csv"]))
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    making._free.release()
    got(school, "videos")
    got(school, "videos")


def test_the_command(school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def ran(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["export", *words])
        return done.exit_code, done.output

    assert ran("progress", "--course", "Film basics") == (0, "2 rows in playhead-progress.csv.\n")
    assert ran("ledger", "--student", "bob", "--format", "parquet", "-o", "x.parquet") == (0, "3 rows in x.parquet.\n")
    assert ran("record", "--student", "bob")[0] == 0
    assert zipfile.is_zipfile(tmp_path / "playhead-bob.zip")
    assert ran("record")[0] == 2
    assert ran("progress", "--course", "no such")[0] == 1
    assert ran("record", "--student", "nobody")[0] == 1


# --- scheduled


@pytest.fixture
def schedule(school: School) -> Schedule:
    return Schedule.objects.create(
        organisation_id=school.course.organisation_id, table="progress", course=school.course.key, format="csv",
        every="day", created_at=0, next_at=1_000,
    )  # fmt: skip


def test_it_is_made_again_and_again(schedule: Schedule, settings: Any, tmp_path: Path) -> None:
    settings.PLAYHEAD_EXPORTS = str(tmp_path / "out")
    assert scheduled.due(now_ms=999) == []
    assert scheduled.due(now_ms=1_000) == [schedule]
    made = scheduled.run(schedule, now_ms=2_000)
    assert (made.rows, made.error) == (2, "")
    assert rows((tmp_path / "out" / made.file).read_bytes())[0]["name"] == "Bob Brown"
    assert scheduled.due(now_ms=2_000) == []
    schedule.refresh_from_db()
    assert schedule.next_at == 1_000 + DAY_MS
    # A worker that was away makes what it missed once, and keeps the hour.
    scheduled.run(schedule, now_ms=1_000 + 5 * DAY_MS)
    assert schedule.next_at == 1_000 + 6 * DAY_MS
    assert len(list((tmp_path / "out").rglob("*.csv"))) == 2


def test_what_fails_says_why_and_goes_on(schedule: Schedule, settings: Any, tmp_path: Path, school: School) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.PLAYHEAD_EXPORTS = str(tmp_path / "file")
    made = scheduled.run(schedule, now_ms=2_000)
    assert "NotADirectoryError" in made.error or "FileExistsError" in made.error
    said = school.client("ada").get(reverse("schedules")).content.decode()
    assert "failed" in said
    assert "Error" in said
    settings.PLAYHEAD_EXPORTS = str(tmp_path / "out")
    assert scheduled.run(schedule, now_ms=3_000).error == ""


def test_the_page(school: School, settings: Any, tmp_path: Path) -> None:
    ada, address = school.client("ada"), reverse("schedules")
    assert "PLAYHEAD_EXPORTS" in ada.get(address).content.decode()
    settings.PLAYHEAD_EXPORTS = str(tmp_path)
    form = {"table": "videos", "course": "", "format": "xlsx", "every": "week"}
    assert ada.post(address, form).status_code == 302
    one = Schedule.objects.get()
    assert (one.table, one.format, one.every) == ("videos", "xlsx", "week")
    ada.post(reverse("schedule-do", args=[one.key, "now"]))
    run = Run.objects.get()
    assert run.error == ""
    assert run.file in ada.get(address).content.decode()
    ada.post(reverse("schedule-do", args=[one.key, "off"]))
    assert scheduled.due(now_ms=10**15) == []
    ada.post(reverse("schedule-do", args=[one.key, "remove"]))
    assert not Schedule.objects.exists()
    assert ada.post(address, form | {"table": "secrets"}).status_code == 400


def test_a_scope_of_nothing_is_empty(school: School) -> None:
    assert [list(table.rows(Scope([]))) for table in TABLES.values()] == [[]] * len(TABLES)
