"""What robots and honest viewers earn of a hosted video, in real browsers; honest ones with the network away OUTAGE_S.

The same as tests/e2e/test_robots.py, at length.
"""

import os
import tempfile
from pathlib import Path

from bench.kit.rows import Row
from tests.e2e.robots import table
from tests.e2e.server import Server

OUTAGE_S = int(os.environ.get("OUTAGE_S", "60"))
WAIT_S = int(os.environ.get("WAIT_S", "15"))


def measure() -> list[Row]:
    with (
        tempfile.TemporaryDirectory(prefix="ph-robots-") as school,
        tempfile.TemporaryDirectory(prefix="ph-film-") as film,
        Server(Path(school)) as server,
    ):
        rows = table(server, Path(film), wait_ms=WAIT_S * 1000, outage_s=OUTAGE_S, apart_s=8)
    return [
        Row(
            row.who,
            round(row.earned_ms / 1000, 2),
            "s",
            f"<= {row.bound_ms / 1000:.2f}" if not row.due_ms else f">= {row.due_ms / 1000:.2f}",
            row.holds,
            f"{row.took_ms / 1000:.1f} s of real time",
        )
        for row in rows
    ]
