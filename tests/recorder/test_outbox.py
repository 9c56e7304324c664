"""What other systems are told: written with what it is about, once, at the right moment, and by no rebuild."""

import json
from contextlib import closing
from typing import Any

import pytest

from playhead.core import limits
from playhead.recorder.databases import open_store
from playhead.recorder.replay import rebuild, viewers
from tests.world import World, section

LISTENED = {"integration": "i_moodle", "progress_every_s": 10, "external_viewer": "7", "environment": '{"os":"Linux"}'}


def told(world: World) -> list[dict[str, Any]]:
    rows = world.rows("SELECT type, body FROM recorder_outbox ORDER BY id")
    bodies = [json.loads(bytes(body)) for _type, body in rows]
    assert [body["type"] for body in bodies] == [type for type, _body in rows]
    return bodies


def types(world: World) -> list[str]:
    return [body["type"] for body in told(world)]


def updates(world: World) -> list[dict[str, Any]]:
    return [body["data"] for body in told(world) if body["type"] == "progress.updated"]


def test_nothing_is_written_where_nobody_listens(world: World) -> None:
    world.play(world.open(), 10_000, 0)
    assert told(world) == []


def test_continuous_play_is_told_at_the_interval_from_where_the_last_message_left_it(world: World) -> None:
    """The second source's first example: start 0, current 10; then from there, current 20."""
    opening = world.open(listeners=LISTENED)
    world.play(opening, 10_000, 0)
    world.play(opening, 10_000, 10_000)
    assert types(world) == ["playback.started", "progress.updated", "progress.updated"]
    first, second = updates(world)
    assert (first["section"], first["new_sections"]) == ([0, 10_000], [[0, 10_000]])
    assert (second["section"], second["new_sections"]) == ([10_000, 20_000], [[10_000, 20_000]])
    assert (second["covered_ms"], second["watched_ms"], second["progress"]) == (20_000, 20_000, 3)
    assert second["because"] == "interval"
    assert second["viewer"] == {"key": "bob", "external_id": "7"}
    assert second["evidence"] == "clock"


def test_what_was_skipped_is_in_no_message(world: World) -> None:
    """The second example: watched 10 to 13 s, then a jump to 20 s: start 10, current 13; 13 to 20 s never told."""
    opening = world.open(listeners=LISTENED)
    world.clock.forward(3_000)
    world.send(opening, section(0, 3_000, 10_000, 13_000, end="seeking"))
    world.clock.forward(5_000)
    world.send(opening, section(3_000, 8_000, 20_000, 25_000, end="pause"))
    first, second = updates(world)
    assert (first["section"], first["because"]) == ([10_000, 13_000], "seek")
    assert (second["section"], second["because"]) == ([20_000, 25_000], "pause")
    assert [*first["new_sections"], *second["new_sections"]] == [[10_000, 13_000], [20_000, 25_000]]


def test_at_double_speed_positions_in_the_video_are_told(world: World) -> None:
    opening = world.open(listeners=LISTENED)
    world.clock.forward(10_000)
    world.send(opening, section(0, 10_000, 0, 20_000, rate=2000))
    [update] = updates(world)
    assert (update["section"], update["rate"], update["position_ms"]) == ([0, 20_000], 2000, 20_000)


@pytest.mark.parametrize(
    ("end", "because"), [("pause", "pause"), ("ended", "ended"), ("pagehide", "closed"), ("seeking", "seek")]
)
def test_pause_end_leaving_and_skip_are_told_at_once(world: World, end: str, because: str) -> None:
    opening = world.open(listeners=LISTENED)
    world.clock.forward(3_000)
    world.send(opening, section(0, 3_000, 0, 3_000, end=end))
    [update] = updates(world)
    assert (update["because"], update["section"]) == (because, [0, 3_000])


def test_a_batch_before_the_interval_is_over_waits_for_the_next_message(world: World) -> None:
    opening = world.open(listeners=LISTENED)
    world.play(opening, 4_000, 0)
    assert types(world) == ["playback.started"]
    world.play(opening, 6_000, 4_000)
    [update] = updates(world)
    assert update["section"] == [0, 10_000]


def test_watching_again_is_told_and_is_not_new(world: World) -> None:
    opening = world.open(listeners=LISTENED)
    world.play(opening, 10_000, 0)
    world.play(opening, 10_000, 0)
    again = updates(world)[1]
    assert (again["section"], again["new_sections"]) == ([0, 10_000], [])
    assert (again["covered_ms"], again["watched_ms"]) == (10_000, 20_000)


def test_the_same_batch_again_is_told_once(world: World) -> None:
    opening = world.open(listeners=LISTENED)
    world.play(opening, 10_000, 0)
    before = told(world)
    world.post(opening.ticket, opening.sent[0])
    assert told(world) == before


def test_completion_is_told_once(world: World) -> None:
    opening = world.open(duration_ms=20_000, listeners=LISTENED)
    world.play(opening, 10_000, 0)
    world.play(opening, 10_000, 10_000)
    world.play(opening, 10_000, 0)
    completed = [body["data"] for body in told(world) if body["type"] == "video.completed"]
    assert len(completed) == 1
    assert (completed[0]["completed"], completed[0]["progress"]) == (True, 100)
    again = world.open(duration_ms=20_000, listeners=LISTENED)
    world.play(again, 10_000, 0)
    assert types(world).count("video.completed") == 1


def test_a_lower_share_completes_at_the_next_opening(world: World) -> None:
    world.play(world.open(duration_ms=20_000), 10_000, 0)
    world.open(duration_ms=20_000, threshold_percent=40, listeners=LISTENED)
    assert types(world) == ["video.completed"]


def test_closing_tells_what_was_not_told_yet(world: World) -> None:
    opening = world.open(listeners=LISTENED)
    world.play(opening, 4_000, 0)
    world.close("bob")
    world.close("bob")
    [update] = updates(world)
    assert (update["because"], update["new_sections"]) == ("closed", [[0, 4_000]])


def test_a_long_queue_is_told_in_messages_of_a_bounded_size(world: World) -> None:
    opening = world.open(duration_ms=10_000_000, listeners=LISTENED)
    world.clock.forward(2_000_000)
    claims = [section(n * 1_000, n * 1_000 + 500, n * 4_000, n * 4_000 + 500) for n in range(1_000)]
    for start in range(0, 1_000, 200):
        world.send(opening, *claims[start : start + 200])
    world.close("bob")
    rows = world.rows("SELECT body FROM recorder_outbox")
    assert max(len(bytes(body)) for (body,) in rows) < limits.CALLBACK_BODY_BYTES
    new = [tuple(pair) for update in updates(world) for pair in update["new_sections"]]
    assert len(new) == len(set(new)) == 1_000


def test_a_rebuild_tells_nobody(world: World) -> None:
    opening = world.open(listeners=LISTENED)
    world.play(opening, 10_000, 0)
    world.play(opening, 4_000, 10_000)
    kept = "SELECT reported_at, untold, section_start_ms, section_end_ms FROM recorder_playback"
    before, waiting = told(world), world.rows(kept)
    with closing(open_store(world.database)) as store:
        store.many("UPDATE recorder_progress SET covered_ms = 1", [()])
        assert all(difference is not None for _lines, difference in rebuild(store, viewers(store)))
    assert told(world) == before
    assert world.rows(kept) == waiting
    assert world.differences() == []


def test_a_new_process_goes_on_where_the_last_message_was(world: World) -> None:
    opening = world.open(listeners=LISTENED)
    world.play(opening, 10_000, 0)
    world.play(opening, 4_000, 10_000)
    world.restart()
    world.play(opening, 6_000, 14_000)
    assert updates(world)[-1]["section"] == [10_000, 20_000]
    assert updates(world)[-1]["new_sections"] == [[10_000, 20_000]]


@pytest.mark.parametrize("length_ms", [500, 3_000])
def test_the_interval_counts_from_the_beginning_of_playing(world: World, length_ms: int) -> None:
    opening = world.open(listeners=LISTENED)
    world.clock.forward(60_000)
    world.play(opening, length_ms, 0)
    assert types(world) == ["playback.started"]
