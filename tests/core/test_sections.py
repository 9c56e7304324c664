"""The algebra against sets of single milliseconds."""

from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playhead.core import sections as module
from playhead.core.sections import EMPTY, Sections
from tests.core.naive import milliseconds, sections_of, small_pairs, small_sections

instants = st.integers(-50, 100)


def well_formed(sections: Sections) -> Sections:
    bounds = sections.bounds
    assert len(bounds) % 2 == 0
    assert list(bounds) == sorted(set(bounds))
    return sections


@given(st.lists(small_pairs()))
def test_of_is_the_union(pairs: list[tuple[int, int]]) -> None:
    made = well_formed(Sections.of(pairs))
    assert milliseconds(made) == {ms for start, end in pairs for ms in range(start, end)}


@given(small_sections(), small_sections())
def test_union_intersection_difference(left: Sections, right: Sections) -> None:
    assert milliseconds(well_formed(left | right)) == milliseconds(left) | milliseconds(right)
    assert milliseconds(well_formed(left & right)) == milliseconds(left) & milliseconds(right)
    assert milliseconds(well_formed(left - right)) == milliseconds(left) - milliseconds(right)


@given(small_sections(), small_pairs())
def test_add(sections: Sections, pair: tuple[int, int]) -> None:
    before = sections.bounds
    assert milliseconds(well_formed(sections.add(*pair))) == milliseconds(sections) | set(range(*pair))
    assert sections.bounds == before


@given(small_sections(), instants, instants)
def test_clip_since_and_gaps(sections: Sections, start: int, end: int) -> None:
    inside = set(range(start, end))
    assert milliseconds(well_formed(sections.clip(start, end))) == milliseconds(sections) & inside
    assert milliseconds(well_formed(sections.gaps(start, end))) == inside - milliseconds(sections)
    assert milliseconds(well_formed(sections.since(start))) == {ms for ms in milliseconds(sections) if ms >= start}


@given(small_sections(), st.integers(-3, 130))
def test_first_takes_the_lowest(sections: Sections, length_ms: int) -> None:
    lowest = sorted(milliseconds(sections))[: max(0, length_ms)]
    assert milliseconds(well_formed(sections.first(length_ms))) == set(lowest)


@given(small_sections(), instants, instants, st.integers(-3, 130))
def test_first_gaps_are_the_first_of_the_gaps(sections: Sections, start: int, end: int, length_ms: int) -> None:
    assert sections.first_gaps(start, end, length_ms) == sections.gaps(start, end).first(length_ms)


@given(small_sections(), small_pairs())
def test_grown_is_the_union_and_what_is_new_of_it(sections: Sections, pair: tuple[int, int]) -> None:
    before, by = sections.bounds, Sections.one(*pair)
    union, fresh = sections.grown(by)
    assert well_formed(union) == sections | by
    assert well_formed(fresh) == by - sections
    assert (sections.bounds, by.bounds) == (before, pair)


@given(small_sections(), instants, instants, st.integers(-3, 130), st.integers(0, 12))
def test_filled_is_the_first_gaps_and_the_union_with_them(
    sections: Sections, start: int, end: int, length_ms: int, reach_ms: int
) -> None:
    before = sections.bounds
    union, found = sections.filled(start, end, length_ms, reach_ms=reach_ms)
    assert well_formed(found) == sections.first_gaps(start, end, length_ms)
    assert well_formed(union) == sections.close_gaps(reach_ms, around=found)
    assert sections.bounds == before


@given(small_sections(), instants, st.integers(1, 12))
def test_recent_forgets_then_limits(sections: Sections, start: int, most: int) -> None:
    assert well_formed(sections.recent(start, most)) == sections.since(start).limited(most)


@given(small_sections(), small_sections(most=3), st.integers(0, 12))
def test_close_gaps_beside_what_came(sections: Sections, around: Sections, below_ms: int) -> None:
    closed = well_formed(sections.close_gaps(below_ms, around=around))
    came = milliseconds(around)
    joined = milliseconds(sections) | came
    pairs = sections_of(joined).pairs()
    for (_, end), (start, _) in pairwise(pairs):
        # the whole stretch that came reaches over, also where it lies inside or at the edge of what was there
        beside = [piece for piece in around.pairs() if piece[1] == end or piece[0] == start]
        if beside and start - end < below_ms:
            joined |= set(range(end, start))
    assert milliseconds(closed) >= joined
    assert milliseconds(closed) <= joined | {
        ms for start, end in around.pairs() for ms in range(start - below_ms, end + below_ms)
    }


@given(small_sections(most=12), st.integers(1, 12))
def test_limited_closes_the_smallest_gaps_earliest_first(sections: Sections, most: int) -> None:
    expected = sections.pairs()
    while len(expected) > most:
        gaps = [expected[i + 1][0] - expected[i][1] for i in range(len(expected) - 1)]
        i = gaps.index(min(gaps))
        expected[i : i + 2] = [(expected[i][0], expected[i + 1][1])]
    assert well_formed(sections.limited(most)).pairs() == expected


@given(small_sections(), small_sections())
def test_length_count_truth_equality_and_hash(left: Sections, right: Sections) -> None:
    assert left.length == len(milliseconds(left))
    assert len(left) == len(left.pairs())
    assert bool(left) == (left != EMPTY)
    assert (left == right) == (milliseconds(left) == milliseconds(right))
    assert left != right or hash(left) == hash(right)
    assert left != left.pairs()


@given(st.lists(st.integers(-(2**63), 2**63 - 1), unique=True).map(lambda some: sorted(some)[: len(some) // 2 * 2]))
def test_packed_and_unpacked(bounds: list[int]) -> None:
    made = Sections(bounds)
    assert Sections.unpack(made.pack()) == made
    assert len(made.pack()) == 16 * len(made)
    assert made.bounds == tuple(bounds)


@given(st.binary(max_size=64))
def test_unpack_takes_what_pack_writes_and_raises_nothing_but_value_error(packed: bytes) -> None:
    try:
        assert Sections.unpack(packed).pack() == packed
    except ValueError:
        bounds = array("q")
        bounds.frombytes(packed[: len(packed) // 8 * 8])
        assert len(packed) % 16 or list(bounds) != sorted(set(bounds))


def test_packed_bytes_are_little_endian_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Sections([1, 258]).pack() == bytes([1, *[0] * 7, 2, 1, *[0] * 6])
    monkeypatch.setattr(module, "_LITTLE_ENDIAN", False)
    assert Sections([1, 258]).pack() == bytes([*[0] * 7, 1, *[0] * 6, 1, 2])


def test_touching_intervals_are_one() -> None:
    assert Sections.of([(10, 20), (0, 10)]) == Sections([0, 20])
    assert Sections([0, 10]).add(10, 20) == Sections([0, 20])
    assert Sections([10, 20]).add(0, 10) == Sections([0, 20])
    assert Sections([0, 10, 20, 30]).add(10, 20) == Sections([0, 30])


def test_what_is_inside_already_costs_no_copy() -> None:
    sections = Sections([0, 10, 20, 30])
    assert sections.add(22, 28) is sections
    assert sections | EMPTY is sections
    assert sections - Sections([40, 50]) == sections
    assert Sections([40, 50]) - sections == Sections([40, 50])


def test_it_can_be_read() -> None:
    assert repr(Sections([0, 10, 20, 30])) == "Sections.of([(0, 10), (20, 30)])"
    assert Sections.one(3, 5) == Sections([3, 5])


@pytest.mark.parametrize("bounds", [[1], [2, 1], [1, 1], [1, 3, 3, 4], [0, 2**63], ["0", "1"], [0.0, 1.0]])
def test_bounds_that_are_none(bounds: list[int]) -> None:
    with pytest.raises(ValueError, match="bounds"):
        Sections(bounds)


@pytest.mark.parametrize("pair", [(1, 1), (2, 1)])
def test_an_interval_ends_after_its_start(pair: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not an interval"):
        Sections.of([pair])
    with pytest.raises(ValueError, match="not an interval"):
        EMPTY.add(*pair)


def test_of_refuses_more_than_64_bits() -> None:
    with pytest.raises(ValueError, match="64-bit"):
        Sections.of([(0, 2**63)])
