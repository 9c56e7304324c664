"""Who is in the class, and what each of them does."""

from itertools import cycle, islice
from random import Random
from typing import Final

from playhead.cli.simulation.cheats import CHEATS, Cheat, lends_tickets
from playhead.cli.simulation.honest import HONEST
from playhead.cli.simulation.player import Honest
from playhead.cli.simulation.script import Script

Behaviour = Honest | Cheat

_HONEST_AFTER_EACH_CHEAT: Final = 3
_LATEST_START_MS: Final = 30 * 60_000
_SHORTEST_MS, _LONGEST_MS = 120_000, 300_000


def cast(students: int) -> list[Behaviour]:
    """One of each behaviour, honest ones first; after that three honest students to each cheat."""
    rest: list[Behaviour] = []
    honest, cheats = cycle(HONEST), cycle(CHEATS)
    while len(rest) < students:
        rest += [*islice(honest, _HONEST_AFTER_EACH_CHEAT), next(cheats)]
    return [*HONEST, *CHEATS, *rest][:students]


def durations(videos: int, *, seed: int) -> list[int]:
    """Videos of two to five minutes, in milliseconds."""
    random = Random(f"videos {seed}")  # noqa: S311 - repeatable, and nothing secret
    return [random.randrange(_SHORTEST_MS, _LONGEST_MS) for _ in range(videos)]


def scripts(behaviours: list[Behaviour], durations_ms: list[int], *, seed: int, max_rate: int) -> list[Script]:
    """Every student's day. The same seed gives the same days, whoever else is in the class."""
    written: list[Script] = []
    lender: int | None = None
    for student, behaviour in enumerate(behaviours):
        random = Random(f"student {seed} {student}")  # noqa: S311 - repeatable, and nothing secret
        script = Script(student, random, durations_ms, random.randrange(_LATEST_START_MS), max_rate, lender)
        behaviour.play(script)
        written.append(script)
        if isinstance(behaviour, Cheat) and behaviour.play is lends_tickets:
            lender = student
    return written
