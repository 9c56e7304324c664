"""On what the simulated students watch, and how well it is received there.

Drawn from dice of its own for each playback, so that what a student does is the same on every device.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class Device:
    """`slow` is how many times longer than at a desk everything takes to arrive."""

    known: Mapping[str, str]
    slow: int


_DESK: Final = Device({"device": "desktop", "browser": "Chrome 141", "os": "Windows", "network": "wifi"}, 1)
_MAC: Final = Device({"device": "desktop", "browser": "Safari 18", "os": "Mac OS X", "network": "wifi"}, 1)
_FOX: Final = Device({"device": "desktop", "browser": "Firefox 144", "os": "Linux"}, 1)
_PHONE: Final = Device({"device": "phone", "browser": "Mobile Safari 18", "os": "iOS", "network": "4g"}, 3)
_CHEAP: Final = Device({"device": "phone", "browser": "Chrome Mobile 140", "os": "Android", "network": "3g"}, 6)
_TABLET: Final = Device({"device": "tablet", "browser": "Mobile Safari 18", "os": "iOS", "network": "wifi"}, 2)
# A student has two of them, and most have a computer.
_DEVICES: Final = (_DESK, _PHONE, _MAC, _DESK, _CHEAP, _DESK, _FOX, _TABLET)
_COUNTRIES: Final = ("ES", "ES", "ES", "DE", "ES", "KR", "ES", "PL", "ES", "NG")
_WAITS_IN_A_THOUSAND: Final = 4
_MS: Final = 120


@dataclass(frozen=True, slots=True)
class Reception:
    """How long a start takes, and how often and how long playing waits."""

    slow: int
    random: Random

    def start_ms(self) -> int:
        return int(self.random.lognormvariate(0, 0.6) * self.slow * 2 * _MS)

    def wait_ms(self) -> int:
        """How long to wait in this beat; mostly not at all."""
        if self.random.randrange(1000) >= _WAITS_IN_A_THOUSAND * self.slow:
            return 0
        return int(self.random.lognormvariate(1, 0.6) * self.slow * _MS)


def _device(student: int, playback: int) -> Device:
    second = playback % 3 == 2
    return _DEVICES[(student * 5 + second) % len(_DEVICES)]


def environment_of(student: int, playback: int) -> dict[str, str]:
    return {**_device(student, playback).known, "country": _COUNTRIES[student % len(_COUNTRIES)]}


def reception_of(student: int, playback: int) -> Reception:
    random = Random(f"reception {student} {playback}")  # noqa: S311 - repeatable, and nothing secret
    return Reception(_device(student, playback).slow, random)
