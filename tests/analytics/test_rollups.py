"""Rolled up in any steps, sums and tail are what a slow count over everything gives."""

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from random import Random

import pytest

from playhead.analytics.follower import Follower
from playhead.analytics.playback_sums import every
from playhead.analytics.rollups import RollUp, Sums, cursor, differences, next_turn, rebuild, tallied
from playhead.analytics.tally import Tally, added, counts
from playhead.core import limits
from playhead.core.sections import Sections
from playhead.recorder.databases import open_store
from playhead.recorder.store import Row, Store
from tests.analytics.watching import watch_a_lot, watch_in_every_way
from tests.world import World, section


@pytest.fixture
def store(world: World) -> Iterator[Store]:
    with closing(open_store(world.database)) as reading:
        yield reading


def slowly(world: World) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], int]]:
    """Viewers per second from the coverage of the progress rows, views from every ledger line, middle by middle."""
    viewers: dict[tuple[str, int], int] = {}
    views: dict[tuple[str, int], int] = {}
    students = "WHERE viewer_id IN (SELECT id FROM recorder_viewer WHERE key <> 'alice')"
    covered = world.rows(f"SELECT video, coverage FROM recorder_progress {students}")
    credited = world.rows(f"SELECT video, credit FROM recorder_ledgerline {students}")
    for rows, sums in ((covered, viewers), (credited, views)):
        for video, packed in rows:
            for second in range(60):
                if Sections.unpack(bytes(packed)) & Sections((second * 1000 + 500, second * 1000 + 501)):
                    sums[video, second] = sums.get((video, second), 0) + 1
    return viewers, views


def rolled(store: Store, measure: str) -> dict[tuple[str, int], int]:
    """What the table and the tail after its cursor say together."""
    tally = tallied(store, after=cursor(store), upto=store.horizon())
    sums: dict[tuple[str, int], int] = {}
    for video in ("film", "song"):
        rows = store.all(f"SELECT {measure} FROM analytics_secondcounts WHERE video = ? AND kind = 'credit'", [video])
        tail = tally.seconds.get((video, "credit"), {}).get(measure, {})  # type: ignore[call-overload]
        packed = added(bytes(rows[0][0]) if rows else b"", tail)
        sums |= {(video, second): times for second, times in enumerate(counts(packed)) if times}
    return sums


def everything(store: Store) -> list[list[Row]]:
    tables = ("cursor", "secondcounts", "daycounts", "eventcounts", "playbacksums")
    return [store.all(f"SELECT * FROM analytics_{table} ORDER BY 1, 2, 3") for table in tables]


@pytest.mark.parametrize("seed", range(4))
def test_sums_and_tail_are_what_the_ledger_says(
    world: World, store: Store, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    viewers, views = slowly(world)
    for _round in range(3):
        watch_a_lot(world, random, batches=25)
        monkeypatch.setattr(limits, "ROLLUP_ROWS", random.randrange(1, 30))
        for _turn in range(random.randrange(4)):
            if turn := next_turn(store, now_ms=world.clock.now_ms()):
                assert world.recorder.do(turn) is True
        viewers, views = slowly(world)
        assert rolled(store, "viewers") == viewers
        assert rolled(store, "views") == views
        assert differences(store) == []
    assert viewers
    assert any(views[key] > viewers[key] for key in views)
    assert world.differences() == []


def test_previews_count_nowhere(world: World, store: Store) -> None:
    opening = world.open("alice", preview=True)
    events = [{"type": "pause", "t": 1, "m": 5_000}]
    world.clock.forward(10_000)
    assert world.send(opening, section(0, 10_000, 0, 10_000), events=events).body["covered_ms"] == 10_000
    assert tallied(store, after=0, upto=store.horizon()) == Tally()


def test_a_slice_goes_in_once(world: World, store: Store) -> None:
    world.play(world.open(), 10_000, 0)
    turn = next_turn(store, now_ms=1)
    assert turn is not None
    assert [world.recorder.do(turn), world.recorder.do(turn)] == [True, False]
    assert next_turn(store, now_ms=2) is None
    assert differences(store) == []


def test_a_wrong_sum_is_named_and_a_rebuild_puts_it_right(world: World, store: Store) -> None:
    watch_a_lot(world, Random(5), batches=20)
    last = rebuild(store, now_ms=1)
    assert last == store.horizon() == cursor(store)
    kept = everything(store)
    store.begin()
    store.many("UPDATE analytics_secondcounts SET views = ? WHERE video = 'film'", [[b"\1\0\0\0"]])
    store.many("UPDATE analytics_eventcounts SET times = times + 1 WHERE video = 'song' AND type = 'play'", [[]])
    store.commit()
    found = differences(store)
    assert found[0] == "film credit views"
    assert found[1].startswith("song play on ")
    rebuild(store, now_ms=1)
    assert differences(store) == []
    assert everything(store) == kept


def test_playbacks_and_days_do_not_depend_on_slices(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch_in_every_way(world, Random(8), batches=80)
    monkeypatch.setattr(limits, "ROLLUP_ROWS", 3)
    while (turn := next_turn(store, now_ms=1)) is not None:
        assert world.recorder.do(turn) is True
    in_pieces = everything(store)
    assert differences(store) == []
    rebuild(store, now_ms=1)
    assert everything(store) == in_pieces
    states = every(store)
    assert sum(state.watched_ms for state in states.values()) == sum(
        row[0]
        for row in store.all(
            "SELECT watched_ms FROM recorder_progress WHERE viewer_id NOT IN "
            "(SELECT id FROM recorder_viewer WHERE key = 'alice')"
        )
    )
    assert {state.country for state in states.values()} == {"", "ES"}
    assert sum(state.waits for state in states.values()) > 0
    store.begin()
    store.many("UPDATE analytics_playbacksums SET waits = waits + 1 WHERE playback_id = ?", [[min(states)]])
    store.many("UPDATE analytics_daycounts SET views = ? WHERE video = 'song'", [[b""]])
    store.commit()
    assert [said.split(" on ")[0] for said in differences(store)] == [f"playback {min(states)}", "song views"]


def test_a_slice_that_fails_spoils_no_batch_of_its_group(world: World, store: Store) -> None:
    opening = world.open()
    broken = RollUp(0, 1, Sums([("film", "credit")], (), (), ()), 1)
    with pytest.raises(Exception, match="could not be recorded"):
        world.recorder.do(broken)
    assert world.play(opening, 10_000, 0).status == 200


def test_the_follower_comes_up_with_the_journal(world: World, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROLLUP_ROWS", 10)
    monkeypatch.setattr(limits, "ROLLUP_PAUSE_S", 0.01)
    watch_a_lot(world, Random(6), batches=40)
    with Follower(world.recorder, world.database):
        for _wait in count():
            if cursor(store) == store.horizon() or _wait > 500:
                break
            time.sleep(0.02)
    assert cursor(store) == store.horizon()
    assert differences(store) == []


def test_the_follower_outlives_trouble(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playhead.analytics.follower._AFTER_TROUBLE_S", 0.01)
    follower = Follower(world.recorder, world.database)
    calls = iter([RuntimeError("planted"), None])

    def planted(_store: object, **_more: object) -> None:
        if error := next(calls, None):
            raise error
        follower._over.set()

    monkeypatch.setattr("playhead.analytics.follower.next_turn", planted)
    with follower:
        follower._thread.join(20)
        assert not follower._thread.is_alive()
