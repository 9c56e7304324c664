"""Presence prompts: asked while something plays, answered by name, and what an unanswered one costs."""

from typing import Any

import pytest

from playhead.core import limits
from playhead.core.presence import due
from tests.world import Answer, Opening, World

ASKED: dict[str, Any] = {"presence_every_s": 60, "presence_seed": "5eed" * 4}
DUE_MS = next(ms for ms in range(0, 60_000, 10) if due("5eed" * 4, 60, ms))


def here(world: World, opening: Opening, prompt: object) -> dict[str, Any]:
    return {"type": "present", "t": world.clock.now_ms() - opening.opened_at, "m": 0, "prompt": prompt}


def asked(world: World, opening: Opening) -> Answer:
    """Watches until the first question comes."""
    assert world.play(opening, 20_000, 0).body["prompt"] is None
    return world.play(opening, DUE_MS - 20_000 + 10, 20_000)


def test_nobody_is_asked_unless_the_policy_says_so(world: World) -> None:
    opening = world.open()
    for minute in range(5):
        assert world.play(opening, 60_000, minute * 60_000).body["prompt"] is None


def test_an_answer_in_time_costs_nothing(world: World) -> None:
    opening = world.open(**ASKED)
    prompt = asked(world, opening).body["prompt"]
    assert prompt
    assert world.play(opening, 20_000, 60_000).body["prompt"] == prompt
    assert world.send(opening, events=[here(world, opening, prompt)]).body["prompt"] is None
    answered = world.play(opening, 30_000, 80_000).body
    assert (answered["credited_ms"], answered["refusals"]) == (30_000, [])
    assert world.differences() == []


def test_without_an_answer_nothing_counts_after_a_minute_until_there_is_one(world: World) -> None:
    opening = world.open(**ASKED)
    prompt = asked(world, opening).body["prompt"]
    assert world.play(opening, limits.PRESENCE_ANSWER_MS, 100_000).body["credited_ms"] == limits.PRESENCE_ANSWER_MS
    late = world.play(opening, 10_000, 200_000).body
    assert late["credited_ms"] == 0
    assert late["refusals"] == [{"section": 0, "reason": "not_present", "ms": 10_000}]
    assert late["prompt"] == prompt
    assert world.send(opening, events=[here(world, opening, "0" * 16)]).body["prompt"] == prompt
    assert world.send(opening, events=[here(world, opening, prompt)]).body["prompt"] is None
    assert world.play(opening, 10_000, 200_000).body["credited_ms"] == 10_000
    assert world.differences() == []


def test_who_does_not_play_is_not_asked(world: World) -> None:
    opening = world.open(**ASKED)
    world.clock.forward(600_000)
    assert world.send(opening).body["prompt"] is None
    assert world.play(opening, 10_000, 0).body["prompt"] is not None


def test_what_was_watched_before_the_minute_was_over_counts_however_late_it_comes(world: World) -> None:
    opening = world.open(**ASKED)
    asked(world, opening)
    t0 = world.clock.now_ms() - opening.opened_at
    world.clock.forward(3_600_000)
    kept = {"t0": t0, "t1": t0 + 50_000, "m0": 100_000, "m1": 150_000}
    assert world.send(opening, kept).body["credited_ms"] == 50_000


def test_the_question_outlives_a_restart(world: World) -> None:
    opening = world.open(**ASKED)
    prompt = asked(world, opening).body["prompt"]
    world.restart()
    assert world.send(opening).body["prompt"] == prompt


@pytest.mark.parametrize("spoiled", [{}, {"prompt": 7}, {"prompt": "a", "more": 1}])
def test_an_answer_that_is_none_is_refused(world: World, spoiled: dict[str, Any]) -> None:
    opening = world.open(**ASKED)
    assert world.send(opening, events=[{"type": "present", "t": 0, "m": 0, **spoiled}]).status == 400
