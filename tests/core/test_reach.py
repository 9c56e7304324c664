"""How far somebody may come who may not skip ahead."""

from hypothesis import given
from hypothesis import strategies as st

from playhead.core import limits
from playhead.core.reach import is_within_reach, reached_ms
from playhead.core.sections import EMPTY, Sections
from tests.core.naive import small_sections


def test_at_first_only_the_beginning_is_within_reach() -> None:
    assert reached_ms(EMPTY, EMPTY) == 0
    assert is_within_reach(0, EMPTY, EMPTY)
    assert not is_within_reach(6_000, EMPTY, EMPTY)


def test_the_beginning_is_where_the_part_begins() -> None:
    assert is_within_reach(60_000, EMPTY, EMPTY, start_ms=60_000)
    assert not is_within_reach(66_000, EMPTY, EMPTY, start_ms=60_000)


def test_what_was_delivered_leads_on_from_what_is_covered() -> None:
    coverage, delivered = Sections.of([(0, 30_000)]), Sections.of([(30_000, 42_000)])
    assert reached_ms(coverage, delivered) == 42_000
    assert reached_ms(coverage, Sections.of([(36_000, 42_000)])) == 30_000


def test_what_lies_behind_a_gap_is_out_of_reach_though_it_was_watched() -> None:
    coverage = Sections.of([(0, 30_000), (40_000, 60_000)])
    assert is_within_reach(29_000, coverage, EMPTY)
    assert not is_within_reach(40_000, coverage, EMPTY)


@given(small_sections(), small_sections(), st.integers(0, 200))
def test_all_that_is_covered_without_a_gap_can_be_gone_back_to(
    coverage: Sections, delivered: Sections, at_ms: int
) -> None:
    reach_ms = reached_ms(coverage, delivered)
    assert is_within_reach(min(at_ms, reach_ms), coverage, delivered)
    assert not is_within_reach(reach_ms + limits.NO_SKIP_SLACK_MS + 1, coverage, delivered)
