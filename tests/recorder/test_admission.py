"""What a policy lets be opened, and which media leaves."""

import pytest

from playhead.core import limits
from playhead.core.errors import Forbidden, PlayheadError, TooMany
from tests.world import START_MS, Opening, World

MINUTE = 60_000


def refused(error: pytest.ExceptionInfo[PlayheadError]) -> str:
    return error.value.code


# --- the window of time


def test_nothing_is_opened_before_or_after_the_window(world: World) -> None:
    window = (START_MS + MINUTE, START_MS + 3 * MINUTE)
    with pytest.raises(Forbidden) as early:
        world.open(window=window)
    world.clock.forward(MINUTE)
    opening = world.open(window=window)
    world.deliver(opening, 0, 6_000)
    world.clock.forward(2 * MINUTE)
    with pytest.raises(Forbidden) as late:
        world.open(window=window)
    with pytest.raises(Forbidden) as undelivered:
        world.deliver(opening, 6_000, 12_000)
    assert (refused(early), refused(late), refused(undelivered)) == ("not_open_yet", "open_no_more", "open_no_more")
    assert early.value.extra == {"opens_at": window[0]}


# --- the number of plays


def watched(world: World, *, plays: int = 2) -> Opening:
    opening = world.open(plays=plays)
    assert world.play(opening, 10_000, 0).status == 200
    return opening


def test_a_video_may_be_watched_so_often(world: World) -> None:
    for _ in range(2):
        watched(world)
        world.clock.forward(limits.PLAY_GOES_ON_MS + 1)
    with pytest.raises(Forbidden) as error:
        world.open(plays=2)
    assert refused(error) == "no_plays_left"
    world.open("alice", plays=2)
    world.open(video="another film", plays=2)


def test_openings_that_earned_nothing_and_reloads_and_crashes_cost_no_play(world: World) -> None:
    for _ in range(5):
        world.open(plays=1)
    watched(world, plays=1)
    for _ in range(3):  # each goes on with the play before it
        world.clock.forward(limits.PLAY_GOES_ON_MS - MINUTE)
        watched(world, plays=1)
    world.clock.forward(limits.PLAY_GOES_ON_MS + 1)
    with pytest.raises(Forbidden):
        world.open(plays=1)


# --- one place at a time


def test_the_oldest_wins_where_the_policy_says_so(world: World) -> None:
    first = world.open(concurrent="oldest")
    world.play(first, 10_000, 0)
    with pytest.raises(Forbidden) as error:
        world.open(video="another film", concurrent="oldest")
    assert refused(error) == "playing_already"
    assert error.value.extra == {"free_in_ms": limits.RUN_GAP_MS}
    world.clock.forward(limits.RUN_GAP_MS + 1)
    world.open(concurrent="oldest")


def test_a_page_that_was_left_holds_nobody_up(world: World) -> None:
    first = world.open(concurrent="oldest")
    world.play(first, 10_000, 0)
    world.send(first, events=[{"type": "pagehide", "t": 10_000, "m": 10_000}])
    world.open(concurrent="oldest")


def test_nor_does_one_that_was_closed(world: World) -> None:
    world.play(world.open(concurrent="oldest"), 10_000, 0)
    world.close("bob")
    world.open(concurrent="oldest")


def test_of_two_that_were_opened_before_either_played_the_first_to_play_goes_on(world: World) -> None:
    first, second = world.open(concurrent="oldest"), world.open(concurrent="oldest")
    assert not world.play(first, 10_000, 0).body["playing_elsewhere"]
    assert world.play(second, 1_000, 0).body["playing_elsewhere"]
    with pytest.raises(Forbidden) as error:
        world.deliver(second, 0, 6_000)
    assert refused(error) == "playing_elsewhere"
    world.deliver(first, 0, 6_000)


def test_who_hides_that_they_play_gets_no_media_while_another_plays(world: World) -> None:
    """Sending `pagehide` after every batch lets a second place be opened; only one of the two is fed."""
    first = world.open(concurrent="oldest")
    world.play(first, 10_000, 0)
    world.send(first, events=[{"type": "pagehide", "t": 10_000, "m": 10_000}])
    world.play(world.open(concurrent="oldest"), 1_000, 0)
    with pytest.raises(Forbidden):
        world.deliver(first, 12_000, 18_000)


def test_the_newest_wins_otherwise_and_what_the_other_has_queued_still_earns(world: World) -> None:
    first = world.open()
    world.play(first, 10_000, 0)
    second = world.open()
    world.deliver(second, 0, 6_000)
    world.play(second, 5_000, 0)
    with pytest.raises(Forbidden):
        world.deliver(first, 12_000, 18_000)
    assert world.play(first, 5_000, 10_000).body["credited"] == [[10_000, 15_000]]
    world.clock.forward(limits.RUN_GAP_MS + 1)
    world.deliver(first, 12_000, 18_000)


# --- a part, and seeking


def test_only_the_part_leaves_and_only_the_part_is_measured(world: World) -> None:
    opening = world.open(part=(60_000, 90_000))
    for start_ms in (48_000, 54_000, 90_000):
        with pytest.raises(Forbidden) as error:
            world.deliver(opening, start_ms, start_ms + 6_000)
        assert refused(error) == "not_in_part"
    world.deliver(opening, 57_000, 63_000)
    answer = world.play(opening, 30_000, 60_000)
    assert (answer.body["progress"], answer.body["completed"]) == (100, True)
    assert answer.body["needed_ms"] == 27_550
    assert world.differences() == []


@pytest.mark.parametrize("seeking", ["covered", "none"])
def test_who_may_not_skip_gets_what_follows_and_what_was_covered(world: World, seeking: str) -> None:
    opening = world.open(seeking=seeking, no_skip=True)
    with pytest.raises(TooMany) as error:
        world.deliver(opening, 6_000, 12_000)
    assert refused(error) == "not_reached"
    for start_ms in (0, 6_000, 12_000, 0):
        world.deliver(opening, start_ms, start_ms + 6_000)
    world.play(opening, 15_000, 0)
    again = world.open(seeking=seeking, no_skip=True)  # after a crash: nothing was delivered to this one
    world.deliver(again, 12_000, 18_000)
    with pytest.raises(TooMany):
        world.deliver(again, 24_000, 30_000)
    world.deliver(again, 0, 6_000)


def test_in_a_part_nobody_has_to_watch_what_lies_before_it(world: World) -> None:
    opening = world.open(seeking="covered", no_skip=True, part=(60_000, 120_000))
    world.deliver(opening, 57_000, 63_000)
    with pytest.raises(TooMany):
        world.deliver(opening, 66_000, 72_000)
    world.deliver(opening, 63_000, 69_000)
