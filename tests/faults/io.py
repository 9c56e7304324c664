"""A write, a sync or an open fails, at a moment nobody expects, FAILURES times (30 unless set), by Debian's fiu.

Each time one system call of the server fails while batches arrive. Only documented answers may follow, the first 200
within 5 s; at the end nothing that was acknowledged is missing and every number can be recomputed.
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
_POINTS = ("posix/io/sync/fdatasync", "posix/io/sync/fsync", "posix/io/rw/pwrite", "posix/io/oc/open")


def measure() -> list[Row]:
    if shutil.which("fiu-run") is None:
        sys.stderr.write("io is left out: fiu-run is not installed (apt install fiu-utils)\n")
        return []
    with place(under=("fiu-run", "-x")) as broken:
        broken.server.start()
        statuses, slowest_s, failed = fail(broken, FAILURES)
        waiting = broken.settle()
        broken.server.stop()
        truth, verified = broken.truth(), broken.verify()
    others = sum(count for status, count in statuses.items() if status not in _DOCUMENTED)
    return [
        Row("failures injected", failed, "calls", f">= {FAILURES // 3}", failed >= FAILURES // 3, str(dict(statuses))),
        zero("other answers than 200, 503, 507", others, "answers"),
        Row("slowest first 200 after a failure", round(slowest_s, 2), "s", f"<= {BACK_S:g}", slowest_s <= BACK_S),
        zero("acknowledged batches missing or stored twice", truth.missing + truth.doubled),
        zero("viewers whose numbers differ", truth.differing + waiting, "viewers"),
        zero("ledger differs from the journal", int(not verified), ""),
        *[caught(bug, _planted(bug)) for bug in ("errors_swallowed", "stays_broken")],
    ]


def _planted(bug: str) -> int:
    """Batches lost, and seconds over the bound, with a planted bug."""
    with place(bug=bug, under=("fiu-run", "-x")) as broken:
        broken.server.start()
        _statuses, slowest_s, _failed = fail(broken, 3, points=_POINTS[:1], patience_s=BACK_S + 1)
        broken.server.stop()
        return broken.truth().missing + (slowest_s > BACK_S)


def fail(
    broken: Place, times: int, *, points: tuple[str, ...] = _POINTS, patience_s: float = 30.0
) -> tuple[Counter[int], float, int]:
    """Statuses seen, the longest time from a failure to the next 200, and how many failures really struck."""
    dice = random.Random(1)
    statuses: Counter[int] = Counter()
    slowest_s, struck = 0.0, 0
    with Load(broken.port, broken.viewers, connections=16) as load:
        for number in range(times):
            point = points[number % len(points)]
            arming = threading.Timer(dice.uniform(0.02, 0.2), _strike, (broken, point))
            arming.start()
            outcome = load.run(0.3)
            arming.join()
            disarmed = time.perf_counter()
            while not (again := load.run(0.05)).good and time.perf_counter() - disarmed < patience_s:
                statuses += again.statuses
            slowest_s = max(slowest_s, time.perf_counter() - disarmed)
            statuses += outcome.statuses + again.statuses
            struck += outcome.statuses[200] < sum(outcome.statuses.values())
            subprocess.run(["fiu-ctrl", "-c", f"disable name={point}", str(broken.server.pid)], check=False)
    return statuses, slowest_s, struck


def _strike(broken: Place, point: str) -> None:
    """Let the next call at this point fail, once."""
    subprocess.run(["fiu-ctrl", "-c", f"enable name={point},onetime", str(broken.server.pid)], check=True)
