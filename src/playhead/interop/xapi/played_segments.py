"""`played-segments`: one string with every stretch a session played, in seconds, in the order they were played."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from playhead.core import limits
from playhead.core.errors import Invalid

_BETWEEN = "[,]"
_WITHIN = "[.]"
_MAX_NUMBER_LENGTH = 24


class PlayedSegments(NamedTuple):
    """What the string says: half-open milliseconds in the order played, and how many starts never got an end."""

    played: tuple[tuple[int, int], ...]
    open_ends: int


def parse(text: str) -> PlayedSegments:
    """Read the string exactly: `0[.]12.5[,]12.5[.]20` is 0 to 20,000 ms, without a float in between.

    A start without an end (`a[,]b` after a seek) proves no second and is dropped; `a[.]a` is empty and is dropped too.
    Raises Invalid when a piece is not a number, runs backwards, or lies outside 0 to 24 hours.
    """
    played: list[tuple[int, int]] = []
    open_ends = 0
    for piece in text.split(_BETWEEN) if text else ():
        start, separator, end = piece.partition(_WITHIN)
        start_ms = seconds_to_ms(start)
        if not separator:
            open_ends += 1
            continue
        end_ms = seconds_to_ms(end)
        if end_ms < start_ms:
            raise Invalid("bad_segments", f"played-segments: {_short(piece)} runs backwards")
        if end_ms > start_ms:
            played.append((start_ms, end_ms))
    return PlayedSegments(tuple(played), open_ends)


def seconds_to_ms(text: str) -> int:
    """Decimal seconds (`12.5`; no sign, no exponent) as whole milliseconds, half up. Raises Invalid."""
    whole, _, fraction = text.partition(".")
    if len(text) > _MAX_NUMBER_LENGTH or not text.isascii() or not (whole + fraction).isdigit():
        raise Invalid("bad_segments", f"played-segments: {_short(text)} is not a number of seconds")
    # The fifth decimal cannot change how the fourth is rounded up.
    tenths_of_ms = int(whole or "0") * 10_000 + int((fraction + "0000")[:4])
    if tenths_of_ms > limits.VIDEO_MS * 10:
        raise Invalid("bad_segments", f"played-segments: {_short(text)} is past 24 hours")
    return (tenths_of_ms + 5) // 10


def decimal_to_ms(seconds: Decimal) -> int:
    """Seconds as whole milliseconds, half up. Raises Invalid outside 0 to 24 hours, before any big number is made."""
    if not seconds.is_finite() or not 0 <= seconds <= limits.VIDEO_MS // 1000:
        raise Invalid("bad_time", f"{_short(str(seconds))} s is not between 0 and 24 hours")
    return int((seconds * 1000).to_integral_value(ROUND_HALF_UP))


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")
