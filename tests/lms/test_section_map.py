"""The section map: exact, in percent of the duration, and told in words."""

import re

from playhead.core.sections import EMPTY, Sections
from playhead.lms.section_map import SPOKEN_STRETCHES, section_map


def rects(svg: str, layer: str) -> list[tuple[str, str]]:
    group = re.search(rf'<g class="map-{layer}">(.*?)</g>', svg)
    return re.findall(r'<rect x="([\d.]+)%" y="0" width="([\d.]+)%"', group[1]) if group else []


def label(svg: str) -> str:
    found = re.search(r'aria-label="([^"]*)"', svg)
    assert found
    return found[1]


def test_stretches_lie_where_they_were_watched() -> None:
    svg = section_map(duration_ms=80_000, coverage=Sections.of([(0, 10_000), (20_000, 80_000)]))
    assert rects(svg, "watched") == [("0.0000", "12.5000"), ("25.0000", "75.0000")]


def test_a_millisecond_of_a_day_is_still_there() -> None:
    svg = section_map(duration_ms=86_400_000, coverage=Sections.of([(43_200_000, 43_200_864)]))
    assert rects(svg, "watched") == [("50.0000", "0.0010")]


def test_again_lies_over_watched_and_refused_only_where_nothing_was_credited() -> None:
    svg = section_map(
        duration_ms=100_000,
        coverage=Sections.of([(0, 50_000)]),
        again=Sections.of([(10_000, 20_000)]),
        refused=Sections.of([(40_000, 70_000)]),
    )
    assert rects(svg, "watched") == [("0.0000", "50.0000")]
    assert rects(svg, "again") == [("10.0000", "10.0000")]
    assert rects(svg, "refused") == [("50.0000", "20.0000")]
    assert re.findall(r"url\((#[\w-]+)\)", svg) == ["#map-dots", "#map-hatch"]


def test_imported_is_a_layer_of_its_own() -> None:
    svg = section_map(duration_ms=100_000, coverage=EMPTY, imported=Sections.of([(0, 50_000)]))
    assert rects(svg, "imported") == [("0.0000", "50.0000")]
    assert not rects(svg, "watched")


def test_each_stretch_says_what_it_is() -> None:
    svg = section_map(duration_ms=7_200_000, coverage=Sections.of([(10_000, 62_999), (3_600_000, 3_725_000)]))
    assert "<title>watched 0:10 to 1:02</title>" in svg
    assert "<title>watched 1:00:00 to 1:02:05</title>" in svg


def test_without_a_duration_the_bar_ends_with_the_last_stretch() -> None:
    svg = section_map(duration_ms=None, coverage=Sections.of([(0, 10_000)]), refused=Sections.of([(10_000, 40_000)]))
    assert rects(svg, "watched") == [("0.0000", "25.0000")]
    assert rects(section_map(duration_ms=None, coverage=EMPTY), "watched") == []


def test_a_small_map_joins_what_nobody_could_see() -> None:
    many = Sections.of([(at, at + 500) for at in range(0, 1_000_000, 1_000)])
    assert len(rects(section_map(duration_ms=1_000_000, coverage=many), "watched")) == 1000
    assert len(rects(section_map(duration_ms=1_000_000, coverage=many, most=400), "watched")) == 400


def test_it_is_told_in_words() -> None:
    svg = section_map(
        duration_ms=100_000,
        coverage=Sections.of([(0, 50_000)]),
        again=Sections.of([(10_000, 20_000)]),
        refused=Sections.of([(60_000, 70_000)]),
    )
    assert label(svg) == (
        "0:50 of 1:40 watched. watched: 0:00 to 0:50. watched again: 0:10 to 0:20. claimed, not credited: 1:00 to 1:10."
    )
    assert label(section_map(duration_ms=100_000, coverage=EMPTY)) == "Nothing watched yet."


def test_words_end_where_nobody_listens_any_more() -> None:
    many = Sections.of([(at, at + 500) for at in range(0, 20_000, 1_000)])
    told = label(section_map(duration_ms=20_000, coverage=many))
    assert told.count(" to ") == SPOKEN_STRETCHES
    assert told.endswith("and 8 more.")


def test_no_style_is_written_into_it() -> None:
    svg = section_map(duration_ms=100_000, coverage=Sections.of([(0, 50_000)]))
    assert "style" not in svg
