"""Batches come up to five times, in any order, over many connections at once: the end is what a model says.

Everything was played in the last hour, told at once, and shuffled; the model is a dictionary and a union of sections.
"""

import asyncio
import random
from dataclasses import dataclass

from bench.kit.rows import Row
from bench.load.clients import Answer, post
from bench.load.generator import Load
from bench.load.truth import compare
from bench.load.viewers import Seat, Viewer, body_of
from tests.faults.kit.place import Place, caught, number, place, zero

BATCHES = number("REPEATED", 40)
_BEAT_MS = 100


@dataclass(slots=True)
class Copy:
    """One copy of one batch on its way."""

    sent: bytes
    viewer: Viewer
    status: int = 0
    recorded: bool = False

    def request(self) -> bytes:
        return self.sent

    def answered(self, answer: Answer) -> bool:
        self.status = answer.status
        self.recorded = b'"status":"recorded"' in answer.body
        return answer.status == 200


def measure() -> list[Row]:
    with place(viewers=20) as broken:
        sent, good, twice = repeat(broken)
        truth, verified = compare(broken.database, broken.viewers), broken.verify()
    with place(bug="no_dedupe", viewers=5) as planted:
        repeat(planted)
        doubled = planted.truth().doubled
    return [
        Row("copies sent", sent, "copies", peer=f"of {truth.acknowledged:,} batches"),
        zero("copies not answered 200", sent - good, "copies"),
        zero("batches told to be recorded twice", twice),
        zero("batches missing or stored twice", truth.missing + truth.doubled),
        zero("viewers whose numbers are not the model's", truth.differing, "viewers"),
        zero("ledger differs from the journal", int(not verified), ""),
        caught("no_dedupe", doubled),
    ]


def repeat(broken: Place) -> tuple[int, int, int]:
    """How many copies were sent, how many answered 200, how many batches said `recorded` more than once."""
    dice = random.Random(1)
    broken.server.start()
    asyncio.run(asyncio.sleep(BATCHES * _BEAT_MS / 1000))  # what is going to be told has to have happened
    copies: list[Copy] = []
    for viewer in broken.viewers:
        for seq in range(BATCHES):
            request = _request(viewer.seat, seq)
            copies += [Copy(request, viewer) for _ in range(dice.randint(1, 5))]
        viewer.acknowledged, viewer.watched_ms = BATCHES, BATCHES * _BEAT_MS
    dice.shuffle(copies)
    with Load(broken.port, copies, connections=32) as load:
        load.once()
    broken.server.stop()
    told: dict[bytes, int] = {}
    for copy in copies:
        told[copy.sent] = told.get(copy.sent, 0) + copy.recorded
    return len(copies), sum(copy.status == 200 for copy in copies), sum(times > 1 for times in told.values())


def _request(seat: Seat, seq: int) -> bytes:
    """A tenth of a second further each time, from where the seat begins."""
    t0 = seq * _BEAT_MS
    body = body_of(seq=seq, sent=t0 + _BEAT_MS, t0=t0, t1=t0 + _BEAT_MS, m0=seat.starts_ms + t0)
    return post("/v1/batches", b"text/plain", seat.ticket.encode() + b"\n" + body)
