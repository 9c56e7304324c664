"""SIGKILL while batches arrive, KILLS times (20 unless set): nothing acknowledged is missing, nothing counts twice.

Viewers send as fast as they get answers; at a random moment the server is killed, started again, and everything that
was not acknowledged is sent once more. By turns both of its processes are killed, the one that answers alone, and the
one that records alone: the other has to end by itself. A kill leaves the system's cache alive: this is no power cut
(see `power`).
"""

import random
import threading
import time

from bench.kit.rows import Row
from bench.load.generator import Load
from bench.load.truth import Truth
from tests.faults.kit.place import Place, caught, number, place, tried, zero

KILLS = number("KILLS", 20)
READY_S = 2.0
_WHOLE = 10  # of the kills are followed by a start with all that belongs to it, and timed; the others by a fork
_A_VERIFY = 100  # kills, at most, before `playhead verify` looks
_LOAD_S = 10.0  # at most, until the kill
_SAID = f"in {KILLS} kills"


def measure() -> list[Row]:
    whole = min(KILLS, _WHOLE)
    killed = [_killed(whole, forked=False)]
    while (left := KILLS - sum(len(ready_s) for ready_s, *_rest in killed)) > 0:
        killed.append(_killed(min(left, _A_VERIFY), forked=True))
    truths = [truth for _ready_s, truth, _verified in killed]
    slowest_s = max(killed[0][0])
    return [
        Row("acknowledged batches looked for", sum(truth.acknowledged for truth in truths), "batches", peer=_SAID),
        zero("acknowledged batches missing", sum(truth.missing for truth in truths)),
        zero("batches stored twice", sum(truth.doubled for truth in truths)),
        zero("viewers whose numbers differ", sum(t.differing + t.complaints for t in truths), "viewers"),
        zero("times the ledger differs from the journal", sum(not verified for *_rest, verified in killed), ""),
        Row("slowest start after a kill", round(slowest_s, 2), "s", f"<= {READY_S:g}", slowest_s <= READY_S),
        *planted(kills=3),
    ]


def _killed(times: int, *, forked: bool) -> tuple[list[float], Truth, bool]:
    """So many kills of one folder: how long each start took, what was lost, and whether `playhead verify` agrees."""
    with place(forked=forked) as broken:
        ready_s = kill(broken, times)
        return ready_s, broken.truth(), broken.verify()


def planted(*, kills: int) -> list[Row]:
    """The same against servers that answer too early, and that do not know a batch again."""

    def lost() -> int:
        with place(bug="answer_first") as broken:
            kill(broken, kills, connections=200)
            return broken.truth().missing

    def doubled() -> int:
        with place(bug="no_dedupe") as broken:
            kill(broken, kills)
            return broken.truth().doubled

    return [caught("answer_first", tried(lost)), caught("no_dedupe", tried(doubled))]


def kill(broken: Place, times: int, *, connections: int = 32) -> list[float]:
    """Load, kill, start, load...; returns the seconds from each start to taking connections."""
    dice = random.Random(times)
    ready_s = [broken.server.start()]
    for turn in range(times):
        killer = threading.Thread(target=_kill_after, args=(broken, dice.uniform(0.05, 0.6), turn))
        killer.start()
        with Load(broken.port, broken.viewers, connections=connections) as load:
            load.run(_LOAD_S, drain_s=1.0)
        killer.join()
        ready_s.append(broken.server.start())
    broken.settle()
    broken.server.stop()
    return ready_s[1:]


def _kill_after(broken: Place, seconds: float, turn: int) -> None:
    """Under load: on a busy machine it takes a while to begin."""
    before = sum(viewer.acknowledged for viewer in broken.viewers)
    patient_until = time.monotonic() + _LOAD_S
    time.sleep(seconds)
    while sum(viewer.acknowledged for viewer in broken.viewers) == before and time.monotonic() < patient_until:
        time.sleep(0.002)
    door, *started = broken.server.family()
    recorder = next(each for each in started if each.cmdline() == door.cmdline())  # the site asks others now and then
    for each in ((door, recorder), (door,), (recorder,))[turn % 3]:
        each.kill()
    broken.server.wait()
