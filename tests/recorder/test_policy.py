"""What a playback is opened under goes into its row and into the journal, and comes back from both."""

import json
from typing import Any

import pytest

from playhead.recorder.policy import Policy
from tests.world import World

UNUSUAL: dict[str, Any] = {
    "max_rate": 1_500,
    "threshold_percent": 80,
    "no_skip": True,
    "part": (1_000, 9_000),
    "window": (1, 2**45),
    "needs_visible": True,
    "delivery_is_evidence": True,
    "preview": True,
    "seeking": "covered",
    "rates": (1_000, 1_500),
    "plays": 3,
    "concurrent": "oldest",
    "watermark": True,
    "positions_inferred": True,
    "presence_every_s": 600,
    "presence_seed": "a" * 16,
}


def test_every_field_is_tried_here() -> None:
    assert UNUSUAL.keys() == Policy().as_json().keys()


@pytest.mark.parametrize("name", UNUSUAL)
def test_the_journal_gives_back_what_was_put_in(name: str) -> None:
    policy = Policy(**{name: UNUSUAL[name]})
    assert Policy.from_json(json.loads(json.dumps(policy.as_json()))) == policy
    assert policy != Policy()


@pytest.mark.parametrize(
    "name", ["preview", "seeking", "rates", "plays", "concurrent", "watermark", "presence_every_s"]
)
def test_a_journal_from_before_there_was_such_a_term(name: str) -> None:
    kept = Policy().as_json()
    del kept[name]
    assert Policy.from_json(kept) == Policy()


def test_the_row_holds_all_of_it_and_the_replay_agrees(world: World) -> None:
    opening = world.open(**UNUSUAL)
    world.deliver(opening, 0, 60_000)
    world.play(opening, 5_000, 2_000)
    [row] = world.rows(
        "SELECT max_rate, threshold_percent, no_skip, part_start_ms, part_end_ms, window_from, window_until, "
        "needs_visible, delivery_is_evidence, preview, seeking, concurrent FROM recorder_playback"
    )
    assert row == (1_500, 80, True, 1_000, 9_000, 1, 2**45, True, True, True, "covered", "oldest")
    [(body,)] = world.rows("SELECT body FROM recorder_journal WHERE kind = 'opened'")
    assert json.loads(bytes(body))["policy"]["preview"] is True
    assert world.differences() == []


def test_where_positions_are_inferred_the_evidence_says_so_and_stays_the_weaker_one(world: World) -> None:
    told = world.play(world.open(positions_inferred=True), 5_000, 0).body
    assert told["evidence"] == "inferred"
    assert world.play(world.open(), 5_000, 5_000).body["evidence"] == "clock"
    assert world.rows("SELECT evidence FROM recorder_progress") == [("inferred",)]
    assert world.differences() == []
