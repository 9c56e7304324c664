"""Free SQL: what a teacher types reaches their own courses and nothing else, and ends in time."""

from collections.abc import Callable
from time import monotonic

import pyarrow as pa
import pytest
from django.conf import settings
from django.urls import reverse

from playhead.core.errors import Invalid
from playhead.lms.analysts import Analyst, analyst_of
from playhead.lms.models import Enrolment, Role, Video
from playhead.studio.asked import RefusedError, answer
from playhead.studio.asking import MEMORY_MB, ask, question_of
from tests.lms.conftest import School
from tests.lms.watching import watch
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

# Each tries to see or do what is not for this teacher. What it answers with, if anything, holds no secret.
HOSTILE = [
    # files
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd', header = false)",
    "SELECT * FROM read_json('/etc/os-release')",
    "SELECT * FROM read_parquet('{data}/lake/**/*.parquet')",
    "SELECT * FROM parquet_metadata('{data}/lake/events/x.parquet')",
    "SELECT * FROM glob('{data}/**')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM '{data}/site.sqlite3'",
    "SELECT * FROM sqlite_scan('{data}/tracking.sqlite3', 'recorder_journal')",
    # network
    "SELECT * FROM 'http://127.0.0.1:9/x.parquet'",
    "SELECT * FROM read_csv('https://example.org/x.csv')",
    "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 'auth_user')",
    # other databases and schemas
    "ATTACH '{data}/site.sqlite3' AS site (TYPE sqlite)",
    "ATTACH ':memory:' AS more",
    "DETACH memory",
    "USE information_schema",
    "SELECT * FROM site.lms_user",
    "SELECT * FROM main._recent_events",
    "SELECT * FROM _videos",
    "SELECT * FROM recorder_journal",
    # out of the database
    "COPY events TO '/tmp/playhead-stolen.csv'",
    "COPY (SELECT 1) TO '/tmp/playhead-stolen.parquet'",
    "COPY events FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/playhead-stolen'",
    "IMPORT DATABASE '/tmp'",
    # settings and extensions
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET enable_external_access",
    "SET GLOBAL memory_limit = '100GB'",
    "PRAGMA enable_external_access = true",
    "PRAGMA database_list",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '/tmp/evil.duckdb_extension'",
    "CALL pragma_version()",
    "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
    # changes
    "CREATE TABLE mine AS SELECT 1",
    "INSERT INTO events SELECT * FROM events",
    "UPDATE progress SET percent = 100",
    "DELETE FROM events",
    "DROP TABLE events",
    "CREATE MACRO f() AS 1",
    "CHECKPOINT",
    # several at once, and names of the program around it
    "SELECT 1; SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM seat",
    "SELECT * FROM analyst",
    "SELECT getenv('HOME')",
    "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
    "SELECT * FROM query_table('/etc/passwd')",
    "SELECT * FROM duckdb_secrets()",
]
ENDLESS = [
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3",
    "SELECT sum(hash(a.range || b.range)) FROM range(1000000000) a, range(1000000) b",
    "SELECT list(range) FROM range(100000000000)",
    "SELECT repeat('x', 1000000000) || range FROM range(1000)",
    "SELECT * FROM range(100000000000) ORDER BY hash(range)",
]


@pytest.fixture
def school(live_school: School, clock: HandClock) -> School:
    """Bob watched Alice's film; Charlie watched one of Olga's, in another course."""
    secret = Video.objects.create(course=live_school.other, title="Secret of Olga", file="x.mp4", duration_ms=60_000)
    Enrolment.objects.create(course=live_school.other, user=live_school.charlie, role=Role.STUDENT)
    for who, video in (("bob", live_school.film), ("charlie", secret)):
        address = reverse("open-playback")
        answer = live_school.client(who).post(address, {"video": video.key}, content_type="application/json")
        watch(answer.json(), clock, [(0, 10_000), (10_000, 25_000)])
    return live_school


@pytest.fixture
def seat_for(school: School) -> Callable[[str], Analyst | None]:
    def find(who: str) -> Analyst | None:
        return analyst_of({name: morsel.value for name, morsel in school.client(who).cookies.items()})

    return find


@pytest.fixture
def alice(seat_for: Callable[[str], Analyst]) -> Analyst:
    return seat_for("alice")


def test_a_seat_is_for_those_who_teach(seat_for: Callable[[str], Analyst | None]) -> None:
    seats = {who: seat_for(who) for who in ("anonymous", "charlie", "bob", "alice", "olga", "ada")}
    assert {who for who, seat in seats.items() if seat} == {"alice", "olga", "ada"}
    assert seats["alice"] is not None
    assert {video.title for video in seats["alice"].videos} == {"The first film", "The second film"}


def test_a_seat_is_lost_with_the_session_and_with_the_role(school: School) -> None:
    client = school.client("alice")
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    assert analyst_of(cookies) is not None
    Enrolment.objects.filter(user=school.alice).update(role=Role.STUDENT)
    assert analyst_of(cookies) is None
    Enrolment.objects.filter(user=school.alice).update(role=Role.TEACHER)
    assert analyst_of(cookies) is not None
    client.post(reverse("logout"))
    assert analyst_of(cookies) is None


def test_only_ones_own_courses_are_there(alice: Analyst, school: School) -> None:
    assert ask(alice, "SELECT DISTINCT video FROM sections").rows == [(school.film.key,)]
    assert ask(alice, "SELECT name, percent, covered_ms FROM progress JOIN students USING (viewer) "
                     f"WHERE video = '{school.film.key}'").rows == [("Bob Brown", 42, 25_000)]  # fmt: skip
    assert {row[0] for row in ask(alice, "SELECT title FROM videos").rows} == {"The first film", "The second film"}


def test_what_is_not_for_them_stays_shut(alice: Analyst, school: School) -> None:
    """In this process: fifty more would take their time to start. Nothing of it is answered, and nothing leaks by an
    error's words."""
    secrets = ("root:", "Secret of Olga", school.charlie.key, school.other.key, "argon2", "PRETTY_NAME")
    answered, leaked = [], []
    for hostile in HOSTILE:
        statement = hostile.format(data=settings.PLAYHEAD_DATA)
        try:
            told = answer(question_of(alice, None, statement, 600, 100))
            rows = pa.ipc.open_stream(told).read_all().to_pylist()
            answered += [statement] if rows else []
            told_in_words = str(rows)
        except RefusedError as refused:
            told_in_words = refused.refusal.detail
        leaked += [statement for secret in secrets if secret in told_in_words]
    assert (answered, leaked) == ([], [])


@pytest.mark.parametrize("statement", ENDLESS)
def test_what_would_never_end_is_ended(alice: Analyst, statement: str) -> None:
    begun = monotonic()
    with pytest.raises(Invalid) as refused:
        ask(alice, statement, seconds=1)
    assert refused.value.code in {"too_slow", "too_large", "refused"}
    assert monotonic() - begun < 30  # of the limit of a second: this machine may be busy
    assert ask(alice, "SELECT 1").rows == [(1,)]


def test_too_many_rows_are_cut_and_said(alice: Analyst) -> None:
    table = ask(alice, "SELECT range FROM range(1000)", most_rows=10)
    assert (len(table.rows), table.more) == (10, True)
    assert not ask(alice, "SELECT range FROM range(10)", most_rows=10).more


@pytest.mark.parametrize(
    ("statement", "code"),
    [("", "not_one_statement"), ("SELEC 1", "refused"), ("SELECT nothing", "refused"), ("x" * 30_000, "too_long")],
)
def test_what_is_wrong_is_said(alice: Analyst, statement: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(alice, statement)
    assert refused.value.code == code


def test_memory_is_bounded(alice: Analyst) -> None:
    [(limit,)] = ask(alice, "SELECT current_setting('memory_limit')").rows
    amount, unit = str(limit).split()
    assert unit == "MiB"
    assert float(amount) <= MEMORY_MB
