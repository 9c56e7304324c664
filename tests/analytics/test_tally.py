"""Counting: a second is seen when its middle was, and sums do not depend on order or on how time was cut up."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from playhead.analytics.tally import Tally, added, counts, second_of_middle
from playhead.core.sections import EMPTY, Sections

POSITIONS = st.integers(min_value=0, max_value=30_000)


def seen(sections: Sections, seconds: int) -> list[int]:
    """The same by looking at each second's middle."""
    return [int(bool(sections & Sections((s * 1000 + 500, s * 1000 + 501)))) for s in range(seconds)]


def packed(tally: Tally, measure: str) -> list[int]:
    [measured] = tally.seconds.values()
    return counts(added(b"", measured[measure]))  # type: ignore[index]


@given(st.lists(POSITIONS, min_size=2, max_size=9, unique=True))
def test_cut_into_pieces_it_counts_the_same(cuts: list[int]) -> None:
    edges = sorted(cuts)
    whole, pieces = Sections((edges[0], edges[-1])), [Sections(pair) for pair in pairwise(edges)]
    tally = Tally()
    for piece in pieces:
        tally.add_line("film", "credit", received_at=0, credit=piece, fresh=piece)
    length = second_of_middle(edges[-1]) + 1
    assert (packed(tally, "views") + [0] * length)[:length] == seen(whole, length)


@given(st.lists(st.tuples(POSITIONS, POSITIONS), max_size=8), st.integers(min_value=0, max_value=8))
def test_added_in_two_steps_it_is_the_same(pairs: list[tuple[int, int]], cut: int) -> None:
    sections = [Sections((min(a, b), max(a, b) + 1)) for a, b in pairs]
    together, first, second = Tally(), Tally(), Tally()
    for number, one in enumerate(sections):
        for tally in (together, first if number < cut else second):
            tally.add_line("film", "credit", received_at=0, credit=one, fresh=EMPTY)
    once = added(b"", _views(together))
    twice = added(added(b"", _views(first)), _views(second))
    length = max(len(counts(once)), len(counts(twice)))
    assert (counts(once) + [0] * length)[:length] == (counts(twice) + [0] * length)[:length]
    first.add(second)
    assert _views(first) == _views(together)


def _views(tally: Tally) -> dict[int, int]:
    return dict(tally.seconds.get(("film", "credit"), {}).get("views", {}))


def test_events_by_day_and_pauses_where_they_were() -> None:
    tally = Tally()
    events = [
        {"type": "play", "t": 0, "m": 0},
        {"type": "pause", "t": 1, "m": 2_999},
        {"type": "pause", "t": 2, "m": 9_000, "scrubbing": True},
        {"type": "pause", "t": 3, "m": -5},
    ]
    body = json.dumps({"seq": 0, "sent": 0, "sections": [], "events": events}).encode()
    tally.add_batch("film", 86_400_000, body, earned=True)
    assert tally.events == {("film", "1970-01-02", "play"): 1, ("film", "1970-01-02", "pause"): 3}
    assert packed(tally, "pauses") == [0, 0, 1, 0]


def test_a_batch_that_cannot_be_read_counts_nothing() -> None:
    tally = Tally()
    for body in (b"", b"\xff", b'{"events": 3}', b"[1]"):
        tally.add_batch("film", 0, body, earned=True)
    assert tally == Tally()


def test_pauses_of_a_batch_that_earned_nothing_are_no_pauses() -> None:
    tally = Tally()
    tally.add_batch("film", 0, b'{"events":[{"type":"pause","m":0}]}', earned=False)
    assert tally.seconds == {}
    assert tally.events.total() == 1
