"""One playback's story, told in claims and events, and what it adds up to."""

from typing import Any

import pytest

from playhead.analytics.playback_sums import PlaybackSums, Point, settle
from playhead.analytics.tally import Claimed, Event, Tally, Told


def begun(duration_ms: int | None = 60_000) -> PlaybackSums:
    return PlaybackSums(1, 2, "film", 0, duration_ms)


def told(state: PlaybackSums, *events: tuple[str, int, int], earned: bool = True, **more: Any) -> list[Point]:
    return list(state.take(Told(0, [Event(kind, m, t, **more) for kind, t, m in events], earned)))


def test_the_start_is_from_asking_to_the_first_picture() -> None:
    state = begun()
    told(state, ("play", 900, 0), ("waiting", 910, 0))
    before = state.startup_ms
    assert before is None
    told(state, ("playing", 2_400, 0), ("play", 9_000, 5_000), ("playing", 9_001, 5_000))
    assert state.startup_ms == 1_500
    assert state.waits == 0


def test_a_start_of_more_than_a_minute_is_none() -> None:
    state = begun()
    told(state, ("play", 0, 0), ("playing", 60_001, 0))
    assert state.startup_ms is None


def test_waiting_counts_once_it_plays_and_not_in_a_seek() -> None:
    state = begun()
    told(state, ("play", 0, 0), ("playing", 100, 0))
    assert told(state, ("waiting", 5_000, 4_900), ("stalled", 5_100, 4_900)) == [Point("waits", 4_900)]
    told(state, ("canplay", 7_000, 4_900), ("playing", 7_001, 4_900))
    assert (state.waits, state.waited_ms) == (1, 2_000)
    assert told(state, ("seeking", 9_000, 30_000), ("waiting", 9_010, 30_000), ("seeked", 9_500, 30_000)) == []
    told(state, ("playing", 9_600, 30_000))
    assert (state.waits, state.waited_ms) == (1, 2_000)
    assert told(state, ("waiting", 20_000, 41_000), earned=False) == []  # counted for the playback, not as a moment
    assert state.waits == 2


def test_speed_is_raised_or_lowered_against_what_it_was() -> None:
    state = begun()
    assert told(state, ("ratechange", 1, 1_000), rate=2000) == [Point("faster", 1_000)]
    assert told(state, ("ratechange", 2, 2_000), rate=1500) == [Point("slower", 2_000)]
    assert told(state, ("ratechange", 3, 3_000), rate=1500) == []
    assert told(state, ("ratechange", 4, -5), rate=750) == []
    assert state.rate == 750


def test_claims_and_the_longest_time_without_a_pause() -> None:
    state = begun()
    for at, wall_ms in enumerate((10_000, 10_000, 10_000, 9_998)):
        list(state.take(Claimed(1_000 + at, wall_ms, 9_000, 8_000, 500 * at)))
    told(state, ("pause", 40_000, 59_500))  # by itself, at the end
    assert (state.run_ms, state.pauses) == (32_000, 0)
    told(state, ("pause", 40_000, 20_000))
    list(state.take(Claimed(2_000, 5_000, 5_000, 5_000, 0)))
    assert (state.claims, state.even_claims, state.contested_ms) == (5, 2, 3_000)
    assert (state.pauses, state.run_ms, state.longest_run_ms) == (1, 5_000, 32_000)
    assert (state.first_at, state.last_at, state.watched_ms, state.paid_ms) == (1_000, 2_000, 41_000, 37_000)


@pytest.mark.parametrize("turned", [False, True])
def test_settled_in_the_order_of_the_journal(turned: bool) -> None:
    noted = [(5, Told(86_400_000, [Event("playing", 0, 700)], earned=True)),
        (3, Told(0, [Event("play", 0, 200), Event("ratechange", 5_200, 300, 1500)], earned=True))]  # fmt: skip
    tally, states = Tally(), {1: begun()}
    tally.noted[1] += noted[::-1] if turned else noted
    tally.noted[9].append((4, Claimed(0, 1, 1, 1, 0)))  # nobody knows it
    points = settle(tally, states)
    assert states[1].startup_ms == 500
    assert dict(points.days["film", "1970-01-01"]["faster"]) == {5: 1, 6: -1}
    assert points.days.keys() == {("film", "1970-01-01")}
    assert points.seconds["film", "credit"]["faster"] == points.days["film", "1970-01-01"]["faster"]
