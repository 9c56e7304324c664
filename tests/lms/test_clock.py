"""Lengths as people read and write them."""

import pytest

from playhead.lms.clock import clock, parse_clock


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0:00"),
        (999, "0:00"),
        (1_000, "0:01"),
        (62_999, "1:02"),
        (3_599_999, "59:59"),
        (3_765_000, "1:02:45"),
        (86_400_000, "24:00:00"),
        (-5, "0:00"),
    ],
)
def test_shown(ms: int, text: str) -> None:
    assert clock(ms) == text


@pytest.mark.parametrize(
    ("text", "ms"), [("45", 45_000), ("2:45", 165_000), ("1:02:45", 3_765_000), (" 0:05 ", 5_000), ("90:00", 5_400_000)]
)
def test_read(text: str, ms: int) -> None:
    assert parse_clock(text) == ms


@pytest.mark.parametrize("text", ["", ":", "1:", "1:60", "1:2:3:4", "-5", "1.5", "１:00", "1:02:60", "abc", "999999"])
def test_not_read(text: str) -> None:
    with pytest.raises(ValueError):
        parse_clock(text)
