"""Where the recorder's time comes from. Tests and simulations bring a clock of their own."""

import time
from typing import Protocol


class Clock(Protocol):
    def now_ms(self) -> int:
        """The time of day in epoch milliseconds, as the server sees it."""
        ...


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000
