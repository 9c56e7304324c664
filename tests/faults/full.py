"""The disk fills up under load, and is freed: 507 with Retry-After meanwhile, and back by itself within 5 s.

The folder lies on a small tmpfs. Nothing is acknowledged that is not stored, nothing is repaired by hand.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.kit.rows import Row
from bench.load.generator import Load
from tests.faults.kit.place import Place, caught, number, place, zero

_SIZE_MB = 24
_LEFT_KB = 400
_DOCUMENTED = {200, 503, 507}
BACK_S = 5.0
ROUNDS = number("FULL_ROUNDS", 3)


def measure() -> list[Row]:
    if os.geteuid() != 0:
        sys.stderr.write("full is left out: only root may mount a small tmpfs\n")
        return []
    statuses: Counter[int] = Counter()
    back_s: list[float] = []
    with _small_disk() as disk, place(folder=disk / "data") as broken:
        broken.server.start()
        silent = 0
        for _ in range(ROUNDS):
            seen, without, seconds = fill(broken, disk)
            statuses, silent = statuses + seen, silent + without
            back_s.append(seconds)
        waiting = broken.settle()
        broken.server.stop()
        truth, verified = broken.truth(), broken.verify()
    others = sum(count for status, count in statuses.items() if status not in _DOCUMENTED)
    return [
        Row("answers 507 or 503 while the disk was full", statuses[507] + statuses[503], "answers", ">= 1",
            statuses[507] >= 1, str(dict(statuses))),
        zero("other answers than 200, 503, 507", others, "answers"),
        zero("of them without Retry-After", silent, "answers"),
        Row("first 200 after the disk was freed", round(max(back_s), 2), "s", f"<= {BACK_S:g}", max(back_s) <= BACK_S),
        zero("acknowledged batches missing or stored twice", truth.missing + truth.doubled),
        zero("viewers whose numbers differ", truth.differing + waiting, "viewers"),
        zero("ledger differs from the journal", int(not verified), ""),
        caught("errors_swallowed", _planted()),
    ]  # fmt: skip


def _planted() -> int:
    with _small_disk() as disk, place(bug="errors_swallowed", folder=disk / "data") as broken:
        broken.server.start()
        fill(broken, disk)
        broken.server.stop()
        return broken.truth().missing


def fill(broken: Place, disk: Path) -> tuple[Counter[int], int, float]:
    """Statuses, refusals without Retry-After, and the seconds from freeing the disk to the first 200."""
    ballast = disk / "ballast"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize
    ballast.write_bytes(b"\0" * max(0, free - _LEFT_KB * 1000))
    with Load(broken.port, broken.viewers, connections=16) as load:
        outcome = load.run(3.0)
        ballast.unlink()
        freed = time.perf_counter()
        while not load.run(0.1).good and time.perf_counter() - freed < 30:
            pass
        return outcome.statuses, outcome.without_retry_after, time.perf_counter() - freed


@contextmanager
def _small_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ph-full-") as name:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE_MB}m", "tmpfs", name], check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", name], check=True)
