"""One SQLite file for site and tracking, or one each: how long a viewer's batch waits while the site writes.

A writer beside the recorder does what a busy site does: short transactions of a session's size, and every tenth one a
long one (2,000 rows, an import of a class list). The two layouts take turns; everything is synced (`synchronous=FULL`).
"""

import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.kit.rows import Row
from bench.load import seeding
from bench.load.truth import database_of
from bench.load.viewers import Seat, body_of
from playhead.core.tickets import Ticket
from playhead.recorder.batches import parse_batch
from playhead.recorder.operations import RecordBatch
from playhead.recorder.recorder import Recorder

ROUNDS = 7
_SECONDS = 1.5
_GROUP = 8

_WRITER = """
import sqlite3, sys, time
site = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
site.execute("PRAGMA synchronous=FULL")
number, until = 0, time.monotonic() + float(sys.argv[2])
while time.monotonic() < until:
    number += 1
    site.execute("BEGIN IMMEDIATE")
    rows = 2000 if number % 10 == 0 else 1
    site.executemany("INSERT INTO busy_site (kept) VALUES (?)", [(b"x" * 300,)] * rows)
    site.execute("COMMIT")
    time.sleep(0.02)
"""


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ph-files-") as name:
        folder = Path(name)
        seeding.migrate(folder)
        tracking, apart = database_of(folder), str(folder / "apart.sqlite3")
        for file in (tracking, apart):
            with closing(sqlite3.connect(file)) as made:
                made.execute("PRAGMA journal_mode=WAL")
                made.execute("CREATE TABLE busy_site (id INTEGER PRIMARY KEY, kept BLOB)")
        seats = seeding.seats(folder, tracking, _GROUP)
        waits: dict[str, list[float]] = {tracking: [], apart: []}
        with Recorder(tracking) as recorder:
            seq = 0
            for _ in range(ROUNDS):
                for beside, taken in waits.items():
                    writer = subprocess.Popen([sys.executable, "-c", _WRITER, beside, str(_SECONDS)])
                    until = time.monotonic() + _SECONDS
                    while time.monotonic() < until:
                        group = [_batch(seat, seq) for seat in seats]
                        seq += 1
                        start = time.perf_counter()
                        recorder.do_all(group)
                        taken.append((time.perf_counter() - start) * 1000)
                        time.sleep(0.005)
                    writer.wait(timeout=60)
    return _rows(waits[tracking], waits[apart])


def _batch(seat: Seat, seq: int) -> RecordBatch:
    """A second of watching, later than the one before."""
    t0 = seq * 1_000
    body = body_of(seq=seq, sent=t0 + 1_000, t0=t0, t1=t0 + 1_000, m0=t0 % (seat.duration_ms - 1_000))
    ticket = Ticket(seat.viewer, seat.video, seat.playback, "j", 0, 0)
    return RecordBatch.under(ticket, seq, parse_batch(body).claims(), body, seat.opened_at + t0 + 1_000)


def _rows(shared: list[float], apart: list[float]) -> list[Row]:
    rows = []
    for percent in (50, 99):
        one, two = (statistics.quantiles(taken, n=100)[percent - 1] for taken in (shared, apart))
        rows.append(Row(f"a group waits, p{percent}, files apart", round(two, 2), "ms", peer=f"one file: {one:.2f} ms"))
        rows.append(Row(f"one file beside files apart, p{percent}", round(one / two, 2), "x"))
    return rows
