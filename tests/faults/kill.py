"""SIGKILL while batches arrive, KILLS times (20 unless set): nothing acknowledged is missing, nothing counts twice.

Viewers send as fast as they get answers; at a random moment the server is killed, started again, and everything that
was not acknowledged is sent once more. A kill leaves the system's cache alive: this is no power cut (see `power`).
"""

import random
import signal
import threading
import time

from bench.kit.rows import Row
from bench.load.generator import Load
from tests.faults.kit.place import Place, caught, number, place, zero

KILLS = number("KILLS", 20)
READY_S = 2.0


def measure() -> list[Row]:
    with place() as broken:
        ready_s = kill(broken, KILLS)
        truth = broken.truth()
        verified = broken.verify()
    slowest_s = max(ready_s)
    return [
        Row("acknowledged batches looked for", truth.acknowledged, "batches", peer=f"in {KILLS} kills"),
        zero("acknowledged batches missing", truth.missing),
        zero("batches stored twice", truth.doubled),
        zero("viewers whose numbers differ", truth.differing + truth.complaints, "viewers"),
        zero("ledger differs from the journal", int(not verified), ""),
        Row("slowest start after a kill", round(slowest_s, 2), "s", f"<= {READY_S:g}", slowest_s <= READY_S),
        *planted(kills=3),
    ]


def planted(*, kills: int) -> list[Row]:
    """The same against servers that answer too early, and that do not know a batch again."""
    with place(bug="answer_first") as broken:
        kill(broken, kills, connections=200)
        lost = broken.truth().missing
    with place(bug="no_dedupe") as broken:
        kill(broken, kills)
        doubled = broken.truth().doubled
    return [caught("answer_first", lost), caught("no_dedupe", doubled)]


def kill(broken: Place, times: int, *, connections: int = 32) -> list[float]:
    """Load, kill, start, load...; returns the seconds from each start to taking connections."""
    dice = random.Random(1)
    ready_s = [broken.server.start()]
    for _ in range(times):
        killer = threading.Thread(target=_kill_after, args=(broken, dice.uniform(0.05, 0.6)))
        killer.start()
        with Load(broken.port, broken.viewers, connections=connections) as load:
            load.run(10.0, drain_s=1.0)
        killer.join()
        ready_s.append(broken.server.start())
    broken.settle()
    broken.server.stop()
    return ready_s[1:]


def _kill_after(broken: Place, seconds: float) -> None:
    time.sleep(seconds)
    broken.server.stop(signal.SIGKILL)
