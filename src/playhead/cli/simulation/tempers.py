"""How the demo's students take a video, as steps. It may hold a stretch that the class does not get at once, and one
that bores it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final, NamedTuple

from playhead.cli.simulation.cheats import forged, tabs
from playhead.cli.simulation.player import Pause, Play, Player, Seek, Step
from playhead.cli.simulation.script import Script

Span = tuple[int, int] | None


class Parts(NamedTuple):
    """The stretch of a video that confuses and the one that bores, in ms, where there is one."""

    hard: Span = None
    dull: Span = None


_SPEEDS: Final = (1000, 1000, 1000, 1250, 1500, 2000)


@dataclass(frozen=True, slots=True)
class Temper:
    """`begins` and `again`: of a thousand videos, how many such a student opens at all, and opens once more later."""

    name: str
    take: Callable[[Script, int, Parts], None]
    begins: int = 1000
    again: int = 0


def take(steps: Callable[[Random, int, Parts], Iterator[Step]], script: Script, video: int, parts: Parts) -> None:
    """Watch in steps, honestly."""
    player = Player(script, video)
    for step in steps(script.random, script.durations_ms[video], parts):
        player.do(step)


def diligent(random: Random, duration_ms: int, parts: Parts) -> Iterator[Step]:
    """To the end, with a pause for a note; half go over the hard part once more, and half jump over a dull one."""
    rate = random.choice(_SPEEDS)
    hard, dull = parts
    if dull is not None and random.random() < 0.5:
        yield Play(dull[0] + random.randrange(3_000), rate)
        yield Seek(dull[1] - random.randrange(2_000))
    elif hard is not None:
        yield Play(random.randrange(hard[0] + 12_000, hard[1]), rate)
        yield Pause(random.randrange(8_000, 60_000))
        if random.random() < 0.6:
            yield Seek(hard[0] + random.randrange(8_000))
            yield Play(hard[1], 1000)
    elif random.random() < 0.4:
        yield Play(random.randrange(duration_ms // 5, duration_ms), rate)
        yield Pause(random.randrange(5_000, 90_000))
    yield Play(duration_ms, rate)


def struggling(random: Random, duration_ms: int, parts: Parts) -> Iterator[Step]:
    """Slowly, with many stops; over the hard part again and again; not always to the end."""
    hard = parts.hard
    if hard is not None:
        for _round in range(random.randint(2, 5)):
            yield Play(random.randrange(hard[0] + 15_000, hard[1] + 3_000), random.choice((750, 1000)))
            yield Pause(random.randrange(10_000, 120_000))
            yield Seek(hard[0] + random.randrange(12_000))
    reach_ms = duration_ms * random.randrange(55, 101) // 100
    for stop_ms in sorted(random.sample(range(5_000, duration_ms), k=random.randint(1, 3))):
        yield Play(min(stop_ms, reach_ms))
        yield Pause(random.randrange(5_000, 60_000))
    yield Play(reach_ms)


def stuck(random: Random, duration_ms: int, parts: Parts) -> Iterator[Step]:
    """Up to the hard part, over it again and again, and no further; to the end where there is none."""
    if parts.hard is None:
        yield from diligent(random, duration_ms, parts)
        return
    start_ms, end_ms = parts.hard
    yield Play(end_ms)
    for _round in range(random.randint(5, 7)):
        yield Pause(random.randrange(5_000, 40_000))
        yield Seek(start_ms + random.randrange(3_000))
        yield Play(end_ms)


def skipping(random: Random, duration_ms: int, _parts: Parts) -> Iterator[Step]:
    """A little here, a little there, fast, and always the end."""
    at_ms = 0
    while at_ms < duration_ms * 3 // 4:
        yield Seek(at_ms)
        at_ms += random.randrange(8_000, 20_000)
        yield Play(at_ms, random.choice((1500, 2000)))
        at_ms += random.randrange(10_000, 30_000)
    yield Seek(duration_ms - random.randrange(4_000, 10_000))
    yield Play(duration_ms, 1000)


def forging(script: Script, video: int, _parts: Parts) -> None:
    """Looks in for half a minute, then claims all of it at once."""
    Player(script, video).play(30_000)
    script.now_ms += 2_000
    forged(script, video)


DILIGENT: Final = Temper("diligent", partial(take, diligent), begins=970, again=80)
STRUGGLING: Final = Temper("struggling", partial(take, struggling), begins=850, again=350)
SKIPPING: Final = Temper("skipping", partial(take, skipping), begins=950)
STUCK: Final = Temper("stuck", partial(take, stuck))
GAVE_UP: Final = Temper("gave up", partial(take, struggling), begins=250)
FORGES: Final = Temper("forges", forging)
FIVE_TABS: Final = Temper("five tabs", lambda script, video, _parts: tabs(script, videos=[video] * 5))
CHEATS: Final = (FORGES, FIVE_TABS)
