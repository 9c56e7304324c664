"""`playhead rebuild`: sections a second from the journal to the ledger, which must come out as it was, byte for byte.

Everything that follows from the journal is taken away before, so that nothing can be left as it is. BATCHES sets how
many batches the journal holds (100,000 unless set; 1 section and 10 events each).
"""

import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.kit.multiply import multiply
from bench.kit.processes import environment
from bench.kit.rows import Row
from bench.load import seeding
from bench.load.truth import database_of
from bench.load.viewers import Seat, body_of
from playhead.core.tickets import Ticket
from playhead.recorder.batches import parse_batch
from playhead.recorder.operations import RecordBatch
from playhead.recorder.recorder import Recorder

BATCHES = int(os.environ.get("BATCHES", "100000"))
GOAL = 50_000
_VIEWERS, _EACH = 50, 100  # the template: an hour of a lecture or so, at a beat of 10 s
_TABLES = {
    "recorder_ledgerline": "journal_id, idx",
    "recorder_progress": "viewer_id, video",
    "recorder_viewer": "id",
    "recorder_playback": "id",
}


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ph-rebuild-") as name:
        folder = Path(name)
        seeding.migrate(folder)
        _record(folder)
        before = _fingerprint(folder)
        verified_s = _run(folder, "verify")
        _forget(folder)
        rebuilt_s = _run(folder, "rebuild")
        same = _fingerprint(folder) == before
        rate = BATCHES / rebuilt_s
        size_mb = Path(database_of(folder)).stat().st_size / 1e6
    said = f"{BATCHES:,} batches, {size_mb:,.0f} MB, {rebuilt_s:.1f} s in all"
    return [
        Row("rebuild", round(rate), "sections/s", f">= {GOAL:,}", rate >= GOAL, said),
        Row("verify", round(BATCHES / verified_s), "sections/s", peer=f"{verified_s:.1f} s in all"),
        Row("derived tables differ after rebuild", int(not same), "", "0", same),
    ]


def _record(folder: Path) -> None:
    """A hundred batches of each of fifty viewers, through the recorder, then as many copies as it takes."""
    seats = seeding.seats(folder, database_of(folder), _VIEWERS)
    with Recorder(database_of(folder)) as recorder:
        for seq in range(_EACH):
            recorder.do_all([_batch(seat, seq) for seat in seats])
    multiply(database_of(folder), BATCHES // (_VIEWERS * _EACH))


def _batch(seat: Seat, seq: int) -> RecordBatch:
    """Ten seconds further each time; every tenth goes back to where the last one began."""
    t0, m0 = seq * 10_000, (seq - seq // 10) * 10_000
    body = body_of(seq=seq, sent=t0 + 10_000, t0=t0, t1=t0 + 10_000, m0=m0)
    ticket = Ticket(seat.viewer, seat.video, seat.playback, "j", 0, 0)
    return RecordBatch.under(ticket, seq, parse_batch(body).claims(), body, seat.opened_at + t0 + 10_200)


def _run(folder: Path, command: str) -> float:
    playhead = str(Path(sys.executable).with_name("playhead"))
    started = time.perf_counter()
    subprocess.run([playhead, command], env=environment(folder), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _forget(folder: Path) -> None:
    """Only the journal, and which playbacks and viewers there are, is left."""
    with closing(sqlite3.connect(database_of(folder))) as file, file:
        for table in ("recorder_ledgerline", "recorder_progress"):
            file.execute(f"DELETE FROM {table}")
        file.execute("UPDATE recorder_viewer SET spent = x''")
        file.execute("UPDATE recorder_playback SET delivered = x'', first_credit_at = NULL")


def _fingerprint(folder: Path) -> str:
    """Of all that is derived from the journal."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(database_of(folder))) as file:
        for table, order in _TABLES.items():
            for row in file.execute(f"SELECT * FROM {table} ORDER BY {order}"):
                digest.update(repr(row).encode())
    return digest.hexdigest()
