"""A class with something to find in it: a minute that confuses, a stretch that bores, three who need help, two cheats.

Whoever looks at what they did must point at exactly these (`tests/lms/test_insights.py`).
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from playhead.cli.simulation.player import Player
from playhead.cli.simulation.script import Script
from playhead.cli.simulation.tempers import CHEATS, DILIGENT, STUCK, Parts
from playhead.core import limits

STUDENTS: Final = 24
DURATIONS_MS: Final = (180_000, 120_000)
CONFUSING: Final = (0, (60_000, 96_000))
"""The first video's hard part, in ms."""
BORING: Final = (1, (62_000, 84_000))
"""The second video's dull part, in ms."""
NEVER_BEGAN, GAVE_UP, IS_STUCK = 3, 9, 14
CHEATING: Final = {11: CHEATS[0], 20: CHEATS[1]}
_PARTS: Final = (Parts(hard=CONFUSING[1]), Parts(dull=BORING[1]))
DAYS: Final = 30
_DAY_MS: Final = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is hidden, by the students' numbers."""

    need_help: frozenset[int] = frozenset({NEVER_BEGAN, GAVE_UP, IS_STUCK})
    cheat: frozenset[int] = frozenset(CHEATING)


def scripts(*, seed: int = 1) -> list[Script]:
    """What each student does, in the last week of a month; times count from its first midnight."""
    return [_student(number, seed) for number in range(STUDENTS)]


def _student(number: int, seed: int) -> Script:
    random = Random(f"hidden {seed} {number}")  # noqa: S311 - repeatable, and nothing secret
    script = Script(number, random, list(DURATIONS_MS), 0, limits.RATE_POLICY_DEFAULT)
    if number == NEVER_BEGAN:
        return script
    if number == GAVE_UP:
        script.now_ms = 2 * _DAY_MS
        Player(script, 0).play(12_000)
        return script
    temper = STUCK if number == IS_STUCK else CHEATING.get(number, DILIGENT)
    for video in range(len(DURATIONS_MS)):
        script.now_ms = max(script.now_ms, (24 + 2 * video) * _DAY_MS + random.randrange(_DAY_MS))
        temper.take(script, video, _PARTS[video])
    return script
