"""A video's new version: what was earned of the old one is kept, once, and every number can still be recomputed."""

from contextlib import closing
from typing import Any

import pytest

from playhead.core.sections import Sections
from playhead.recorder.apply import Kept
from playhead.recorder.databases import open_store
from playhead.recorder.operations import KeepProgress, OpenPlayback, kept_body, kept_from
from playhead.recorder.policy import Policy
from tests.world import World, section

OLD = ((0, 10_000), (20_000, 25_000))


def keep(world: World, kept: Kept, *, duration_ms: int = 60_000, viewer: str = "bob") -> bool:
    now = world.clock.now_ms()
    opening = OpenPlayback(
        viewer=viewer,
        playback="k_1",
        video="film-2",
        organisation_id=1,
        session=None,
        opened_at=now,
        duration_ms=duration_ms,
        policy=Policy(),
        ticket_expires_at=0,
        kind="kept",
    )
    return bool(world.recorder.do(KeepProgress(opening, kept, now)))


def row(world: World, columns: str) -> Any:
    return world.rows(f"SELECT {columns} FROM recorder_progress WHERE video = 'film-2'")[0]


def test_what_was_watched_stays_watched_and_is_recomputed_the_same(world: World) -> None:
    assert keep(world, Kept("film", OLD, "clock", (7_000, 5), None))

    coverage, *numbers = row(world, "coverage, covered_ms, watched_ms, counted_ms, evidence, position_ms, completed_at")
    assert tuple(Sections.unpack(bytes(coverage)).pairs()) == OLD
    assert numbers == [15_000, 15_000, 15_000, "clock", 7_000, None]
    lines = world.rows("SELECT kind, credit_ms, fresh_ms, paid_ms FROM recorder_ledgerline ORDER BY idx")
    assert lines == [("credit", 10_000, 10_000, 0), ("credit", 5_000, 5_000, 0)]
    assert world.rows("SELECT spent FROM recorder_viewer") == [(b"",)]
    assert world.differences() == []


def test_once(world: World) -> None:
    kept = Kept("film", OLD, "clock")
    assert keep(world, kept)
    assert not keep(world, kept)

    assert row(world, "watched_ms") == (15_000,)
    assert world.differences() == []


def test_what_is_watched_afterwards_is_added_and_paid(world: World) -> None:
    keep(world, Kept("film", OLD, "clock"))
    opening = world.open(video="film-2", duration_ms=60_000)
    world.clock.forward(10_000)
    answer = world.send(opening, section(0, 10_000, 5_000, 15_000))

    assert answer.body["covered_ms"] == 20_000
    assert row(world, "covered_ms, watched_ms") == (20_000, 25_000)
    assert world.differences() == []


def test_what_lies_behind_the_end_of_a_shorter_version_is_gone(world: World) -> None:
    keep(world, Kept("film", OLD, "clock"), duration_ms=22_000)

    assert row(world, "covered_ms, progress") == (12_000, 57)
    assert world.differences() == []


def test_who_had_completed_it_completed_it_then(world: World) -> None:
    then = world.clock.now_ms() - 86_400_000
    keep(world, Kept("film", ((0, 60_000),), "clock+delivery", None, then))

    assert row(world, "completed_at, progress, evidence") == (then, 100, "clock+delivery")
    assert world.differences() == []


def test_a_damaged_number_is_noticed(world: World) -> None:
    """The planted bug: a kept second that no journal row backs."""
    keep(world, Kept("film", OLD, "clock"))
    world.recorder.stop()
    with closing(open_store(world.database)) as store:
        store.begin()
        store.many("UPDATE recorder_progress SET covered_ms = ? WHERE video = 'film-2'", [[16_000]])
        store.commit()

    assert [found.column for found in world.differences()] == ["covered_ms"]


@pytest.mark.parametrize("kept", [Kept("a", OLD, "clock"), Kept("a", (), "", (1, 2), 3)])
def test_the_journal_gives_back_what_it_was_given(kept: Kept) -> None:
    assert kept_from(kept_body(kept)) == kept
