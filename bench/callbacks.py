"""From a pause in a real browser to another system, PAUSES times (20 unless set).

A student watches in Chromium; server, worker and receiver are processes beside it, as `playhead serve` starts them. The
time runs from just before the pause to the arrival of the message at the receiver, signed, over HTTP.
"""

import asyncio
import os
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from bench.kit.rows import Row
from tests.callbacks.receivers import Receiver, wait_for
from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.telling import listening, pauses
from tests.e2e.watching import watcher

PAUSES = int(os.environ.get("PAUSES", "20"))
GOAL_S = 2.0
_TITLE = "Waves in one minute"
_PLAYED_S = 1.5


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ph-callbacks-") as folder, Server(Path(folder)) as server:
        server.enrol(["noor"])
        with listening(server) as receiver:
            took_s = asyncio.run(_story(server, receiver))
    worst = max(took_s)
    return [
        Row("from a pause to the other system, median", statistics.median(took_s), "s", peer=f"{len(took_s)} pauses"),
        Row("the slowest", worst, "s", f"<= {GOAL_S:g}", worst <= GOAL_S),
    ]


async def _story(server: Server, receiver: Receiver) -> list[float]:
    took_s: list[float] = []
    async with browser() as running:
        student = await watcher(running, server, "noor")
        await student.open_video(_TITLE)
        for number in range(PAUSES):
            await student.play()
            await student.page.wait_for_timeout(_PLAYED_S * 1000)
            began = time.monotonic()
            await student.pause()
            await asyncio.to_thread(wait_for, partial(_heard, receiver, number))
            took_s.append(pauses(receiver.taken)[number].at - began)
    return took_s


def _heard(receiver: Receiver, number: int) -> bool:
    """Whether the other system knows of this pause, counted from 0."""
    return len(pauses(receiver.taken)) > number
