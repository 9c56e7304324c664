"""Lengths and positions as people read them."""

from functools import lru_cache


@lru_cache(maxsize=8192)  # a class's page says the same few thousand positions again and again
def clock(ms: int) -> str:
    """`0:42`, `12:05`, `1:02:45`; begun seconds are not shown, so a sum never looks like more than it is."""
    minutes, seconds = divmod(max(ms, 0) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def parse_clock(text: str) -> int:
    """Milliseconds of `1:02:45`, `2:45` or `45`. Raises ValueError for anything else."""
    parts = text.strip().split(":")
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() and len(part) <= 5 for part in parts):
        raise ValueError(text)
    numbers = [int(part) for part in parts]
    if any(number >= 60 for number in numbers[1:]):
        raise ValueError(text)
    seconds = 0
    for number in numbers:
        seconds = seconds * 60 + number
    return seconds * 1000
