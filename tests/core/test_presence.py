"""Prompts are due once in each interval, in its second half, under names nobody can know before they are asked."""

from hypothesis import given
from hypothesis import strategies as st

from playhead.core import limits
from playhead.core.presence import Presence, due, name

SEEDS = st.text("0123456789abcdef", min_size=16, max_size=16)


@given(SEEDS, st.integers(60, 14_400), st.integers(0, 86_400_000))
def test_one_falls_into_the_second_half_of_each_interval(seed: str, every_s: int, at_ms: int) -> None:
    every_ms = every_s * 1000
    number = due(seed, every_s, at_ms)
    assert number in {at_ms // every_ms, at_ms // every_ms + 1}
    if at_ms % every_ms < every_ms // 2:
        assert number == at_ms // every_ms
    assert number <= due(seed, every_s, at_ms + 1)


def test_times_differ_from_playback_to_playback() -> None:
    first = {next(ms for ms in range(0, 60_000, 100) if due(f"{n:016x}", 60, ms)) for n in range(50)}
    assert len(first) > 30
    assert min(first) >= 30_000


def test_the_names_differ_and_tell_nothing_of_the_next() -> None:
    assert len({name("a" * 16, n) for n in range(100)}) == 100


def test_one_question_at_a_time_and_only_its_own_name_answers_it() -> None:
    presence = Presence().asking("s", 60, opened_at=0, now=61_000)
    assert (presence.asked, presence.waits, presence.until_ms(0)) == (1, True, 61_000 + limits.PRESENCE_ANSWER_MS)
    assert presence.asking("s", 60, opened_at=0, now=500_000) == presence
    assert presence.heard("s", [name("s", 2), ""]) == presence
    answered = presence.heard("s", [name("s", 1)])
    assert (answered.waits, answered.until_ms(0)) == (False, None)
    assert answered.asking("s", 60, opened_at=0, now=62_000) == answered
    assert answered.asking("s", 60, opened_at=0, now=601_000).asked == 10
