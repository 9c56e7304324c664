"""When a message is tried again: ten tries over three days."""

from random import Random
from typing import Final

_S, _MIN, _H = 1_000, 60_000, 3_600_000
# Before the second try, the third, ... The first is made at once. Close together at first: most of what is away is back
# within minutes, and somebody is looking at the other side's page meanwhile.
WAITS_MS: Final = (5 * _S, 20 * _S, 1 * _MIN, 5 * _MIN, 30 * _MIN, 3 * _H, 12 * _H, 24 * _H, 32 * _H)
TRIES: Final = len(WAITS_MS) + 1
JITTER_PERCENT: Final = 10
RETRY_AFTER_MOST_MS: Final = 24 * _H
"""What a receiver may ask for; longer would be silence."""


def next_try_at(tries: int, *, now_ms: int, retry_after_ms: int | None, dice: Random) -> int | None:
    """After `tries` tries, the time of the next; None after the last one.

    Somewhat later than the schedule says, each time by another bit: many messages that failed together must not come
    back together. Never before the receiver's `Retry-After`.
    """
    if tries > len(WAITS_MS):
        return None
    wait_ms = WAITS_MS[tries - 1]
    wait_ms = max(wait_ms, min(retry_after_ms or 0, RETRY_AFTER_MOST_MS))
    return now_ms + wait_ms + dice.randint(0, wait_ms * JITTER_PERCENT // 100)
