"""Ways to watch honestly, as data: each is a few steps, and all of them must get every second they watched."""

from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Final

from playhead.cli.simulation.player import Device, Honest, Line, Offline, Online, Pause, Play, Seek, Sleep, Step

_MINUTE_MS: Final = 60_000
_RATES: Final = (500, 750, 1000, 1250, 1500, 1750, 2000)


def straight(_random: Random, duration_ms: int, *, rate: int = 1000) -> Iterator[Step]:
    yield Play(duration_ms, rate)


def pauses(random: Random, duration_ms: int) -> Iterator[Step]:
    for stop_ms in _stops(random, duration_ms):
        yield Play(stop_ms)
        yield Pause(random.randrange(500, 2 * _MINUTE_MS))


def seeks_back(random: Random, duration_ms: int) -> Iterator[Step]:
    for stop_ms in _stops(random, duration_ms):
        yield Play(stop_ms)
        yield Seek(stop_ms - random.randrange(2_000, 30_000))
    yield Play(duration_ms)


def skips_ahead(random: Random, duration_ms: int) -> Iterator[Step]:
    for stop_ms in _stops(random, duration_ms):
        yield Play(stop_ms)
        yield Seek(stop_ms + random.randrange(5_000, 20_000))


def rewatches(random: Random, duration_ms: int) -> Iterator[Step]:
    yield Play(duration_ms)
    for _again in range(2):
        yield Pause(random.randrange(_MINUTE_MS))
        yield Seek(random.randrange(duration_ms // 2))
        yield Play(duration_ms, random.choice(_RATES))


def outages(random: Random, duration_ms: int) -> Iterator[Step]:
    """The network goes away; the player goes on from its buffer."""
    yield Play(duration_ms // 4)
    yield Offline()
    yield Play(duration_ms * 3 // 4)
    yield Pause(random.randrange(_MINUTE_MS, 40 * _MINUTE_MS))
    yield Online()
    yield Play(duration_ms)


def suspends(random: Random, duration_ms: int) -> Iterator[Step]:
    """The lid is closed while it plays; the last section leaves after it is opened again."""
    yield Play(duration_ms // 3)
    yield Offline()
    yield Play(duration_ms // 2)
    yield Sleep(random.randrange(5 * _MINUTE_MS, 60 * _MINUTE_MS))
    yield Online()
    yield Play(duration_ms)


def two_devices(random: Random, duration_ms: int) -> Iterator[Step]:
    """In turns on a phone and a laptop, both left open."""
    reached_ms = 0
    for number, stop_ms in enumerate([*_stops(random, duration_ms), duration_ms]):
        yield Device(number % 2)
        yield Seek(reached_ms)
        yield Play(stop_ms)
        yield Pause(random.randrange(1_000, 20_000))
        reached_ms = stop_ms


def changing_speed(random: Random, duration_ms: int) -> Iterator[Step]:
    for stop_ms in [*_stops(random, duration_ms), duration_ms]:
        yield Play(stop_ms, random.choice(_RATES))


def everything(random: Random, duration_ms: int) -> Iterator[Step]:
    for stop_ms in _stops(random, duration_ms):
        yield Play(stop_ms, random.choice(_RATES))
        mishaps: list[Step] = [
            Offline(),
            Online(),
            Pause(random.randrange(30_000)),
            Sleep(random.randrange(_MINUTE_MS)),
        ]
        yield random.choice(mishaps)
        yield Seek(random.randrange(duration_ms))
        yield Play(duration_ms if random.random() < 0.1 else stop_ms, random.choice(_RATES))
        yield Seek(stop_ms)
    yield Online()
    yield Play(duration_ms)


def _stops(random: Random, duration_ms: int) -> list[int]:
    """A few positions to stop at, in order."""
    return sorted(random.sample(range(5_000, duration_ms, 1), k=random.randint(2, 5)))


HONEST: Final = (
    Honest("1x", straight),
    Honest("1.5x", partial(straight, rate=1500)),
    Honest("2x", partial(straight, rate=2000)),
    Honest("changing speed", changing_speed),
    Honest("pauses", pauses),
    Honest("seeks back", seeks_back),
    Honest("skips ahead", skips_ahead),
    Honest("rewatches", rewatches),
    Honest("outages", outages),
    Honest("suspends", suspends),
    Honest("two devices", two_devices),
    Honest("clock drift", straight, drift_ppm=500),
    Honest("reordered sends", straight, Line(held_up=500)),
    Honest("duplicated sends", pauses, Line(duplicated=600)),
    Honest("everything at once", everything, Line(held_up=200, duplicated=200), drift_ppm=500),
)
