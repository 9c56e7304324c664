"""A write, a sync or an open fails, at a moment nobody expects, FAILURES times (30 unless set), by Debian's fiu.

Each time a system call of the server fails while batches arrive: a write, a sync, or one of the two and then the
opening of the file anew that follows on it. Only documented answers may follow, the first 200 within 5 s; at the end
nothing that was acknowledged is missing and every number can be recomputed.
"""

import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter

from bench.kit.rows import Row
from bench.load.generator import Load
from tests.faults.kit.place import Place, caught, number, place, zero

FAILURES = number("FAILURES", 30)
BACK_S = 5.0
_DOCUMENTED = {200, 503, 507}
_SYNC, _WRITE, _OPEN = "posix/io/sync/fdatasync", "posix/io/rw/pwrite", "posix/io/oc/open"
_POINTS = ((_SYNC,), (_WRITE,), (_WRITE, _OPEN), (_SYNC, _OPEN))
_UNDER = ("fiu-run", "-x")  # what it takes orders with does not survive a fork: the recorder is in the first process
_ROUNDS, _AGAIN = 30, 5  # of load, until the failure shows; armed again where the follower or the sealer met it instead


def measure() -> list[Row]:
    if shutil.which("fiu-run") is None:
        sys.stderr.write("io is left out: fiu-run is not installed (apt install fiu-utils)\n")
        return []
    with place(under=_UNDER, PLAYHEAD_RECORDER="here") as broken:
        broken.server.start()
        statuses, slowest_s, failed = fail(broken, FAILURES)
        waiting = broken.settle()
        broken.server.stop()
        truth, verified = broken.truth(), broken.verify()
    others = sum(count for status, count in statuses.items() if status not in _DOCUMENTED)
    return [
        Row("failures that struck", failed, "calls", f"all {FAILURES}", failed == FAILURES, str(dict(statuses))),
        zero("other answers than 200, 503, 507", others, "answers"),
        Row("slowest first 200 after a failure", round(slowest_s, 2), "s", f"<= {BACK_S:g}", slowest_s <= BACK_S),
        zero("acknowledged batches missing or stored twice", truth.missing + truth.doubled),
        zero("viewers whose numbers differ", truth.differing + waiting, "viewers"),
        zero("ledger differs from the journal", int(not verified), ""),
        *[caught(bug, _planted(bug)) for bug in ("errors_swallowed", "stays_broken")],
    ]


def _planted(bug: str) -> int:
    """Batches lost, and seconds over the bound, with a planted bug."""
    with place(bug=bug, under=_UNDER, PLAYHEAD_RECORDER="here") as broken:
        broken.server.start()
        _statuses, slowest_s, _failed = fail(broken, 3, points=_POINTS[:1], patience_s=BACK_S + 1)
        broken.server.stop()
        return broken.truth().missing + (slowest_s > BACK_S)


def fail(
    broken: Place, times: int, *, points: tuple[tuple[str, ...], ...] = _POINTS, patience_s: float = 30.0
) -> tuple[Counter[int], float, int]:
    """Statuses seen, the longest time from a failure to the next 200, and how many failures really struck."""
    dice = random.Random(1)
    statuses: Counter[int] = Counter()
    slowest_s, struck = 0.0, 0
    with Load(broken.port, broken.viewers, connections=16) as load:
        for number in range(times):
            together = points[number % len(points)]
            arming = threading.Timer(dice.uniform(0.02, 0.2), _strike, (broken, together))
            arming.start()
            for round_ in range(1, _ROUNDS):
                outcome = load.run(0.3)
                statuses += outcome.statuses
                if outcome.statuses[200] < sum(outcome.statuses.values()):
                    struck += 1
                    break
                if round_ % _AGAIN == 0:
                    _strike(broken, together)
            arming.join()
            disarmed = time.perf_counter()
            while not (again := load.run(0.05)).good and time.perf_counter() - disarmed < patience_s:
                statuses += again.statuses
            slowest_s = max(slowest_s, time.perf_counter() - disarmed)
            statuses += again.statuses
            for point in together:
                subprocess.run(["fiu-ctrl", "-c", f"disable name={point}", str(broken.server.pid)], check=False)
    return statuses, slowest_s, struck


def _strike(broken: Place, together: tuple[str, ...]) -> None:
    """Let the next call at each of these points fail, once."""
    for point in reversed(together):
        subprocess.run(["fiu-ctrl", "-c", f"enable name={point},onetime", str(broken.server.pid)], check=True)
