"""How fast a key may ask: so many requests a minute, counted from its first.

Every process counts by itself. The headers are those of draft-ietf-httpapi-ratelimit-headers: what is allowed, what is
left, and in how many seconds all of it is there again.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from playhead.lms.api_keys import note_use
from playhead.lms.models import ApiKey

WINDOW_S = 60


@dataclass(slots=True)
class _Window:
    ends_at: float
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """`left` is -1 where this request is one too many."""

    quota: int
    left: int
    seconds: int

    @property
    def is_over(self) -> bool:
        return self.left < 0

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"key";q={self.quota};w={WINDOW_S}',
            "RateLimit": f'"key";r={max(self.left, 0)};t={self.seconds}',
        }


class Rates:
    """The windows of all keys that asked lately."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[int, _Window] = {}
        self._lock = threading.Lock()

    def take(self, key: ApiKey) -> Standing:
        """Count one request. The first of a window is written down beside the key with what the one before held."""
        now, quota = self._clock(), settings.PLAYHEAD_API_RATE
        with self._lock:
            window = self._windows.get(key.pk)
            begins = window is None or now >= window.ends_at
            unwritten = 1 + (window.asked - 1 if window is not None else 0)
            if window is None or begins:
                window = self._windows[key.pk] = _Window(now + WINDOW_S)
            window.asked += 1
            standing = Standing(quota, quota - window.asked, max(1, math.ceil(window.ends_at - now)))
        if begins:
            note_use(key, unwritten)
        return standing

    def forget(self) -> None:
        """For tests: as if nobody had asked yet."""
        self._windows.clear()


rates = Rates()
