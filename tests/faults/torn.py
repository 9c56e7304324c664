"""The log's tail is torn or flipped, OFFSETS times (200 unless set): what lies before the damage comes back whole.

A killed server's file and log are copied; the log is cut off, or one byte of it changed, at places spread over it. Each
copy is opened as a starting server opens it: whole transactions up to the damage, none after it, every number right.
"""

import random
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from bench.kit.rows import Row
from bench.load.generator import Load
from playhead.recorder import replay
from playhead.recorder.databases import open_store
from tests.faults.kit.place import caught, number, place, zero

OFFSETS = number("OFFSETS", 200)
_HEADER = 32
Damage = Callable[[Path, int], None]


def measure() -> list[Row]:
    return torn(OFFSETS)


def torn(offsets: int) -> list[Row]:
    with place(viewers=30) as killed, tempfile.TemporaryDirectory(prefix="ph-torn-") as name:
        killed.server.start()
        with Load(killed.port, killed.viewers, connections=30) as load:
            while sum(viewer.acknowledged for viewer in killed.viewers) < 300:
                load.run(0.3)
        killed.server.stop(signal.SIGKILL)
        origin, copy = Path(killed.database), Path(name) / "tracking.sqlite3"
        size = Path(f"{origin}-wal").stat().st_size
        dice = random.Random(1)
        places = sorted(dice.randrange(_HEADER, size) for _ in range(offsets))
        cuts = [_recover(origin, copy, _cut, at) for at in places]
        flips = [_recover(origin, copy, _flip, at) for at in places]
        whole, _wrong = _recover(origin, copy, _cut, size)
        # The file itself is not the log: there a flipped byte has to be noticed, by SQLite or by the numbers.
        noticed = sum(_recover(origin, copy, _flip_file, at)[1] > 0 for at in range(5))
    stored = [batches for batches, _wrong in cuts]
    return [
        Row("batches in the log and the file", whole, "batches"),
        Row("places damaged", 2 * offsets, "places", peer=f"from none to {max(stored)} batches came back"),
        zero("viewers whose numbers differ after recovery", sum(wrong for _batches, wrong in cuts + flips), "viewers"),
        zero("places where a longer log gave less", sum(longer < shorter for shorter, longer in pairwise(stored)), ""),
        zero("flips after which less came back than after a cut", sum(
            flip < cut for (flip, _w), (cut, _v) in zip(flips, cuts, strict=True)), ""),
        caught("flipped bytes in the file itself", noticed),
    ]  # fmt: skip


def _recover(origin: Path, copy: Path, damage: Damage, at: int) -> tuple[int, int]:
    """How many batches came back, and how many viewers' numbers are not what their journal gives."""
    for ending in ("", "-wal"):
        shutil.copyfile(f"{origin}{ending}", f"{copy}{ending}")
    Path(f"{copy}-shm").unlink(missing_ok=True)
    damage(copy, at)
    try:
        with closing(open_store(str(copy))) as store:
            [(batches,)] = store.all("SELECT COUNT(*) FROM recorder_journal WHERE kind = 'batch'")
            listed = replay.viewers(store)
            wrong = sum(replay.first_difference(store, viewer_id, key) is not None for viewer_id, key in listed)
            return batches, wrong
    except (sqlite3.DatabaseError, ValueError):  # SQLite noticed, or a packed column makes no sense
        return 0, 1


def _cut(copy: Path, at: int) -> None:
    with Path(f"{copy}-wal").open("r+b") as log:
        log.truncate(at)


def _flip(copy: Path, at: int) -> None:
    with Path(f"{copy}-wal").open("r+b") as log:
        log.seek(at)
        [byte] = log.read(1)
        log.seek(at)
        log.write(bytes([byte ^ 0xFF]))


def _flip_file(copy: Path, at: int) -> None:
    """One byte of somebody's covered sections; the log is moved into the file first, so that no copy is left there."""
    with closing(sqlite3.connect(copy)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        statement = "SELECT coverage FROM recorder_progress WHERE coverage <> x'' LIMIT 1 OFFSET ?"
        [(coverage,)] = file.execute(statement, [at]).fetchall()
    data = bytearray(copy.read_bytes())
    data[data.index(coverage)] ^= 1
    copy.write_bytes(data)
