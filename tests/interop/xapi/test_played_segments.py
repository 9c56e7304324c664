"""`played-segments` strings become exact milliseconds, or one clear error."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playhead.core.errors import Invalid
from playhead.interop.xapi.played_segments import decimal_to_ms, parse, seconds_to_ms

PAIRS = st.lists(st.tuples(st.integers(0, 86_400_000), st.integers(0, 86_400_000)).map(lambda p: (min(p), max(p))))


@pytest.mark.parametrize(
    ("text", "played", "open_ends"),
    [
        ("", (), 0),
        ("0[.]12.5", ((0, 12_500),), 0),
        ("0.000[.]12.000[,]14.000[.]21.000[,]18.000[.]30.000", ((0, 12_000), (14_000, 21_000), (18_000, 30_000)), 0),
        ("0[.]42.608[,]43.168[.]124.692[,]176.4", ((0, 42_608), (43_168, 124_692)), 1),
        ("5[,]7[.]9", ((7_000, 9_000),), 1),
        ("32.433[.]32.433[,]1[.]2", ((1_000, 2_000),), 0),
        ("0[.]902.46821875", ((0, 902_468),), 0),
        (".5[.]1.", ((500, 1_000),), 0),
    ],
    ids=[
        "empty",
        "one",
        "profile example",
        "open end after a seek",
        "open start",
        "nothing played",
        "sub-ms",
        "bare dot",
    ],
)
def test_what_the_string_says(text: str, played: tuple[tuple[int, int], ...], open_ends: int) -> None:
    assert parse(text) == (played, open_ends)


@pytest.mark.parametrize(
    "text",
    [
        "[.]", "1[.]", "[.]1", ".[.]1", "a[.]b", "-1[.]2", "1e9[.]2e9", "1[.]2[.]3", "1[,]", "NaN[.]1", "inf[.]2",
        "1,5[.]2",
        "٣[.]4", "1.2.3[.]4", " 1[.]2", "0[.]86400.001", "0[.]" + "9" * 5_000, "0.1_0[.]1", "2[.]1",
    ],
)  # fmt: skip
def test_a_malformed_string_is_refused_in_words(text: str) -> None:
    with pytest.raises(Invalid, match="played-segments") as refused:
        parse(text)
    assert len(refused.value.detail) < 120


@given(PAIRS)
def test_milliseconds_survive_the_way_through_the_string(pairs: list[tuple[int, int]]) -> None:
    text = "[,]".join(f"{Decimal(start) / 1000}[.]{Decimal(end) / 1000}" for start, end in pairs)
    assert parse(text).played == tuple(pair for pair in pairs if pair[0] < pair[1])


@given(st.decimals(0, 86_400, allow_nan=False, places=9))
def test_both_ways_to_milliseconds_agree(seconds: Decimal) -> None:
    assert seconds_to_ms(f"{seconds:f}") == decimal_to_ms(seconds)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-1", "86400.1", "1e999999999"])
def test_a_length_outside_a_day_is_refused_before_it_grows(text: str) -> None:
    with pytest.raises(Invalid):
        decimal_to_ms(Decimal(text))
