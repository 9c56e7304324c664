"""How fast media leaves: no faster than it could be watched, and never so slow that an honest player stalls. Pure.

A bucket of media for each playback. It begins full, with what a player buffers and what seeking around costs; it fills
up a quarter faster than the highest allowed speed plays. So a player at that speed never waits for more than the one
segment it is short of, and a robot at rate 16 is held to the pace.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from playhead.core import limits
from playhead.core.errors import TooMany

_MILLION: Final = 1_000_000


@dataclass(slots=True)
class _Bucket:
    left: int  # millionths of a ms of media
    at_ms: int


class Pacing:
    """The buckets of this process's playbacks; the ones not asked for longest are forgotten, and begin full again."""

    def __init__(self, most: int = limits.PLAYBACKS_PACED) -> None:
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._most = most

    def take(self, playback: str, length_ms: int, *, max_rate: int, now_ms: int) -> None:
        """Let `length_ms` of media leave. Raises TooMany, with how long it takes until it may."""
        full = limits.DELIVERY_AHEAD_MS * _MILLION
        a_ms = max_rate * limits.DELIVERY_RATE  # what comes back in a ms of the clock
        bucket = self._buckets.setdefault(playback, _Bucket(full, now_ms))
        self._buckets.move_to_end(playback)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        bucket.left = min(full, bucket.left + max(0, now_ms - bucket.at_ms) * a_ms)
        bucket.at_ms = max(bucket.at_ms, now_ms)
        wanted = min(length_ms * _MILLION, full)
        if bucket.left < wanted:
            wait_s = -(-(wanted - bucket.left) // (a_ms * 1000))
            raise TooMany("too_far_ahead", "This part comes when it is nearer.", retry_after_s=wait_s)
        bucket.left -= wanted
