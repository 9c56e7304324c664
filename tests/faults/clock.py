"""The server's clock jumps, JUMPS times (300 unless set), by a second, an hour, a day, forwards and back.

Injected, not set: a clock turned by hand. Viewers go on telling what they watch. Whatever the clock says, batches are
answered 200, no stretch of a viewer's time pays twice, and every number can be recomputed.
"""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.kit.rows import Row
from bench.load import seeding
from bench.load.truth import database_of
from playhead.core.sections import EMPTY, Sections
from playhead.recorder import apply, operations
from tests.faults.kit.place import caught, number, zero
from tests.world import World

JUMPS = number("JUMPS", 300)
_STEPS_MS = (1_000, 2_500, 60_000, 3_600_000, 86_400_000)


def measure() -> list[Row]:
    refused, twice_ms, differing, earned_ms = jump(JUMPS)
    with _spent_is_forgotten():
        planted_ms = jump(60)[1]
    return [
        Row("earned over all jumps", round(earned_ms / 1000), "s"),
        zero("batches not answered 200", refused),
        zero("time that paid twice", twice_ms, "ms"),
        zero("viewers whose numbers differ", differing, "viewers"),
        caught("time spent is forgotten", planted_ms),
    ]


def jump(times: int) -> tuple[int, int, int, int]:
    """Batches refused, time paid twice (ms), viewers that differ, and media credited (ms)."""
    dice = random.Random(1)
    refused = 0
    with tempfile.TemporaryDirectory() as name:
        seeding.migrate(Path(name))
        with World(database_of(Path(name))) as world:
            watching = [world.open(viewer, "film", duration_ms=3_600_000) for viewer in ("bob", "dora", "emil")]
            played_ms = 0
            for _ in range(times):
                world.clock.forward(dice.choice(_STEPS_MS) * dice.choice((-1, 1)))
                opening = dice.choice(watching)
                refused += world.play(opening, 10_000, played_ms % 3_000_000).status not in {200, 401}
                played_ms += 10_000
                if dice.random() < 0.2:  # a playback opened under the clock as it is now
                    watching[watching.index(opening)] = world.open(opening.viewer, "film", duration_ms=3_600_000)
            lines = world.rows("SELECT viewer_id, paid, credit_ms FROM recorder_ledgerline")
            paid: dict[int, list[tuple[int, int]]] = {}
            for viewer_id, packed, _credit_ms in lines:
                paid.setdefault(viewer_id, []).extend(Sections.unpack(bytes(packed)).pairs())
            twice_ms = sum(
                sum(end - start for start, end in pairs) - Sections.of(pairs).length for pairs in paid.values()
            )
            return refused, twice_ms, len(world.differences()), sum(credit_ms for *_rest, credit_ms in lines)


@contextmanager
def _spent_is_forgotten() -> Iterator[None]:
    """The planted bug: what has been paid with before pays again."""
    apply_claims = apply.apply_claims

    def forgetful(viewer: Any, *rest: Any, **more: Any) -> Any:
        viewer.spent = EMPTY
        return apply_claims(viewer, *rest, **more)

    setattr(operations, "apply_claims", forgetful)  # noqa: B010 - a module's name, replaced for a moment
    try:
        yield
    finally:
        setattr(operations, "apply_claims", apply_claims)  # noqa: B010
