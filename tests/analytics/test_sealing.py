"""Sealed in any steps, archive and lake together hold each journal row once, and every number can still be proved."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from playhead.analytics import archive, lake, rollups
from playhead.analytics.lake import open_lake
from playhead.analytics.parquet import engine
from playhead.analytics.sealer import Habits, Sealer
from playhead.core import limits
from playhead.recorder.databases import open_store
from playhead.recorder.replay import first_difference, rebuild, viewers
from playhead.recorder.store import Store
from tests.analytics.watching import watch_a_lot
from tests.world import World, section


@pytest.fixture
def store(world: World) -> Iterator[Store]:
    with closing(open_store(world.database)) as reading:
        yield reading


@pytest.fixture
def habits(tmp_path: Path) -> Habits:
    return Habits(archive=tmp_path / "archive", lake=tmp_path / "lake", rows=40, after_s=0)


@pytest.fixture
def sealer(world: World, habits: Habits) -> Sealer:
    return Sealer(world.recorder, world.database, habits)


def wrong(store: Store, habits: Habits) -> list[str]:
    """Everything that `verify` would name of archive and lake."""
    return [
        *archive.differences(store, habits.archive),
        *lake.differences(store, archive=habits.archive, lake=habits.lake),
    ]


def counted(store: Store, habits: Habits, *, fresh: bool = True) -> dict[str, int]:
    with open_lake(reader=store, folder=habits.lake, fresh=fresh) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
            for table in ("events", "sections", "playbacks")
        }


def test_sealed_and_fresh_are_the_whole_journal(world: World, store: Store, sealer: Sealer, habits: Habits) -> None:
    random = Random(1)
    watch_a_lot(world, random, batches=60)
    before = counted(store, habits)
    assert before["events"] > 30
    assert before["sections"] > 30
    while sealer.turn(store):
        assert counted(store, habits) == before
        assert wrong(store, habits) == []
    assert archive.sealed_upto(store) == store.horizon()
    assert counted(store, habits, fresh=False) == before
    watch_a_lot(world, random, batches=20)
    assert counted(store, habits, fresh=False) == before
    assert counted(store, habits)["sections"] > before["sections"]


def test_nothing_is_sealed_before_it_is_due(world: World, store: Store, habits: Habits) -> None:
    watch_a_lot(world, Random(2), batches=5)
    patient = Sealer(world.recorder, world.database, replace(habits, rows=1_000, after_s=3_600))
    assert not patient.turn(store)
    world.clock.forward(3_600_000)
    assert patient.turn(store)
    assert not patient.turn(store)


def test_days_that_are_over_become_one_file(world: World, store: Store, sealer: Sealer, habits: Habits) -> None:
    watch_a_lot(world, Random(3), batches=80)
    while sealer.turn(store):
        pass
    before = counted(store, habits)
    assert len([file for file in lake.files(store) if file.dataset == "events"]) > 1
    world.clock.forward(limits.DAY_MS)
    while sealer.turn(store):
        assert wrong(store, habits) == []
    days = [(file.dataset, file.day) for file in lake.files(store)]
    assert len(days) == len(set(days))
    assert counted(store, habits) == before


def test_bodies_leave_and_everything_can_still_be_proved(
    world: World, store: Store, habits: Habits, tmp_path: Path
) -> None:
    watch_a_lot(world, Random(4), batches=60)
    whole = world.rows("SELECT id, body FROM recorder_journal ORDER BY id")
    roll_up(world, store)
    world.clock.forward(3 * limits.DAY_MS)
    sealer = Sealer(world.recorder, world.database, replace(habits, keep_days=2))
    while sealer.turn(store):
        pass
    left = world.rows("SELECT id FROM recorder_journal WHERE body = ?", (b"",))
    assert len(left) == len(whole)
    assert [part.bodies_left for part in archive.parts(store)] == [True] * len(archive.parts(store))
    assert [(row[0], row[7]) for row in archive.whole_rows(store, habits.archive, after=0, upto=2**60)] == [
        (row[0], bytes(row[1])) for row in whole
    ]
    assert wrong(store, habits) == []
    assert (
        rollups.differences(
            store, count=rollups.alone(store, bodies=lambda ids: archive.bodies(store, habits.archive, ids))
        )
        == []
    )
    with archive.Bodies(store, habits.archive) as bodies:
        for viewer_id, key in viewers(store):
            assert first_difference(store, viewer_id, key, bodies=bodies) is None
        for viewer_id, key in reversed(viewers(store)):
            assert rebuild(store, [(viewer_id, key)], bodies=bodies)
            assert first_difference(store, viewer_id, key, bodies=bodies) is None


def test_bodies_stay_while_a_ticket_holds_or_they_are_not_in_the_sums(
    world: World, store: Store, habits: Habits
) -> None:
    opening = world.open("bob", "film")
    world.play(opening, 10_000, 0)
    world.clock.forward(2 * limits.DAY_MS)
    young = world.open("ann", "film")
    world.play(young, 10_000, 0)
    world.clock.forward(3_600_000)
    sealer = Sealer(world.recorder, world.database, replace(habits, keep_days=1, rows=2))
    while sealer.turn(store):
        pass
    assert world.rows("SELECT COUNT(*) FROM recorder_journal WHERE body = ?", (b"",)) == [(0,)]
    roll_up(world, store)
    while sealer.turn(store):
        pass
    assert world.rows("SELECT COUNT(*) FROM recorder_journal WHERE body = ?", (b"",)) == [(2,)]


def test_what_was_broken_off_is_swept_and_done_again(
    world: World, store: Store, sealer: Sealer, habits: Habits
) -> None:
    watch_a_lot(world, Random(5), batches=30)
    rows = archive.journal_rows(store, after=0, upto=20)
    lost = archive.write_part(habits.archive, rows, after=0, upto=20, sealed_at=0)
    (habits.lake / "events" / "day=2026-09-01").mkdir(parents=True)
    (habits.lake / "events" / "day=2026-09-01" / "half.parquet.12.unfinished").write_bytes(b"PAR1")
    sealer.tidy(store)
    assert not (habits.archive / lost.path).exists()
    assert [path for path in habits.lake.rglob("*") if path.is_file()] == []
    while sealer.turn(store):
        pass
    assert wrong(store, habits) == []


def test_an_archive_that_knows_more_than_the_database_is_left_alone(
    world: World, store: Store, sealer: Sealer, habits: Habits
) -> None:
    """As after a backup was restored: the rows after it are in the archive alone."""
    watch_a_lot(world, Random(6), batches=10)
    last = store.horizon()
    ahead = [(last + 7, "batch", 1, 1, 99, world.clock.now_ms(), 1, b"{}")]
    part = archive.write_part(habits.archive, ahead, after=last, upto=last + 7, sealed_at=0)
    sealer.tidy(store)
    assert (habits.archive / part.path).exists()


def test_two_sealers_seal_each_stretch_once(world: World, store: Store, sealer: Sealer, habits: Habits) -> None:
    watch_a_lot(world, Random(7), batches=20)
    assert sealer.seal(store, after=0, upto=10)
    assert not sealer.seal(store, after=0, upto=12)
    assert [part.upto for part in archive.parts(store)] == [10]
    assert wrong(store, habits) == []


@pytest.mark.parametrize("table", ["events", "sections", "playbacks"])
def test_planted_differences_are_found(world: World, store: Store, sealer: Sealer, habits: Habits, table: str) -> None:
    watch_a_lot(world, Random(8), batches=20)
    while sealer.turn(store):
        pass
    assert wrong(store, habits) == []
    twice = next(file for file in lake.files(store) if file.dataset == table)
    copy = habits.lake / twice.path.replace(".parquet", "-copy.parquet")
    copy.write_bytes((habits.lake / twice.path).read_bytes())
    store.many(lake.PUT_FILE, [replace(twice, path=str(copy.relative_to(habits.lake))).to_row()])
    assert any(f"lake: {table} has too much" in said for said in wrong(store, habits))
    store.many("DELETE FROM analytics_lakefile WHERE dataset = ?", [(table,)])
    assert any(f"lake: {table} lacks" in said for said in wrong(store, habits))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("WHERE journal_id <> {one}", "lake: events lacks rows of journal row {one}"),
        ("UNION ALL FROM held WHERE journal_id = {one}", "lake: events has too much rows of journal row {one}"),
        ("WHERE journal_id <> {one} UNION ALL SELECT * REPLACE (m_ms + 1 AS m_ms) FROM held WHERE journal_id = {one}",
         "lake: events lacks rows of journal row {one}"),
    ],
)  # fmt: skip
def test_one_row_that_is_missing_doubled_or_changed_is_named(
    world: World, store: Store, sealer: Sealer, habits: Habits, monkeypatch: pytest.MonkeyPatch, change: str, said: str
) -> None:
    monkeypatch.setattr(lake, "_STRETCH", 7)  # so that the row is one of few
    watch_a_lot(world, Random(11), batches=40)
    while sealer.turn(store):
        pass
    assert wrong(store, habits) == []
    file = next(file for file in lake.files(store) if file.dataset == "events" and file.rows)
    path = habits.lake / file.path
    with engine(habits.lake / "unfinished") as connection:
        connection.execute(f"CREATE TABLE held AS FROM read_parquet('{path}', hive_partitioning = false)")
        [(one,)] = connection.execute("SELECT journal_id FROM held GROUP BY 1 HAVING count(*) = 1 LIMIT 1").fetchall()
        connection.execute(f"COPY (FROM held {change.format(one=one)}) TO '{path}' (FORMAT parquet)")
    assert said.format(one=one) in wrong(store, habits)


def test_a_changed_archive_is_found(world: World, store: Store, sealer: Sealer, habits: Habits) -> None:
    watch_a_lot(world, Random(9), batches=20)
    while sealer.turn(store):
        pass
    [(third,)] = store.all("SELECT id FROM recorder_journal ORDER BY id LIMIT 1 OFFSET 2")  # ids need not begin at 1
    store.many("UPDATE recorder_journal SET body = ? WHERE id = ?", [(b'{"a": 1}', third)])
    assert any(f"journal row {third}:" in said for said in wrong(store, habits))
    part = archive.parts(store)[0]
    path = habits.archive / part.path
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert any("is not the file that was written" in said for said in wrong(store, habits))
    path.unlink()
    assert any("is missing" in said for said in wrong(store, habits))


def test_the_lake_is_made_again(world: World, store: Store, sealer: Sealer, habits: Habits) -> None:
    watch_a_lot(world, Random(10), batches=60)
    while sealer.turn(store):
        pass
    before = counted(store, habits)
    for path in habits.lake.rglob("*.parquet"):
        path.unlink()
    assert wrong(store, habits) != []
    lake.rebuild(store, archive=habits.archive, lake=habits.lake)
    assert wrong(store, habits) == []
    assert counted(store, habits) == before


def test_what_may_not_be_seen_is_not_there(world: World, store: Store, sealer: Sealer, habits: Habits) -> None:
    for viewer in ("ann", "bob"):
        for video in ("film", "talk"):
            opening = world.open(viewer, video)
            world.play(opening, 10_000, 0)
            world.send(opening, events=[{"type": "pause", "t": 10_000, "m": 10_000}])
    while sealer.turn(store):
        pass
    world.play(world.open("bob", "talk"), 10_000, 0)
    with open_lake(reader=store, folder=habits.lake, videos=["talk"], viewers=["bob"]) as connection:
        for table in ("events", "sections", "playbacks"):
            seen = connection.execute(f"SELECT DISTINCT video, viewer FROM {table}").fetchall()
            assert seen == [("talk", "bob")]
        assert connection.execute("SELECT count(*) FROM playbacks").fetchall() == [(2,)]
        path = habits.lake / lake.files(store)[0].path
        for statement in (
            f"SELECT * FROM read_parquet('{path}')",
            f"SELECT * FROM '{path}'",
            f"ATTACH '{world.database}' AS t (TYPE sqlite)",
            f"COPY events TO '{habits.lake}/out.csv'",
            "SET enable_external_access = true",
            "INSTALL httpfs",
            "SELECT * FROM read_text('/etc/passwd')",
        ):
            with pytest.raises(Exception, match=r"(?i)disabled|locked|permission|cannot"):
                connection.execute(statement)
    with open_lake(reader=store, folder=habits.lake) as connection:
        assert connection.execute("SELECT count(DISTINCT viewer) FROM sections").fetchall() == [(2,)]
        with pytest.raises(Exception, match=r"(?i)disabled|locked|permission|cannot"):
            connection.execute("SELECT * FROM read_text('/etc/passwd')")


def test_an_event_is_read_as_it_was_told(world: World, store: Store, habits: Habits) -> None:
    opening = world.open("bob", "film")
    world.play(opening, 10_000, 0)
    told = [
        {"type": "ratechange", "t": 4_000, "m": 4_000, "rate": 1500},
        {"type": "seeked", "t": 5_000, "m": 9_000, "from_ms": 5_000, "to_ms": 9_000},
        {"type": "visibilitychange", "t": 6_000, "m": 9_500, "visible": False},
    ]
    world.send(opening, section(10_000, 12_000, 10_000, 12_000), events=told)
    with open_lake(reader=store, folder=habits.lake) as connection:
        rows = connection.execute(
            "SELECT type, at_ms - $1, m_ms, rate, from_ms, to_ms, detail FROM events ORDER BY idx", [opening.opened_at]
        ).fetchall()
    assert rows == [
        ("ratechange", 4_000, 4_000, 1500, None, None, "{}"),
        ("seeked", 5_000, 9_000, None, 5_000, 9_000, "{}"),
        ("visibilitychange", 6_000, 9_500, None, None, None, '{"visible":false}'),
    ]


def roll_up(world: World, store: Store) -> None:
    while (turn := rollups.next_turn(store, now_ms=world.clock.now_ms())) is not None:
        world.recorder.do(turn)
