"""The cost of a batch: does it grow with what is stored, or with what its viewer has watched before?

Processor time of the recorder, in process, over files with few and with many student-video rows (ROWS, 2 million
unless set), and with 1 and with 500 sections in the coverage that a batch adds to. The two take turns; the slope may be
no more than the spread of the rounds.
"""

import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

from bench.kit.multiply import multiply
from bench.kit.rows import Row
from bench.load import seeding
from bench.load.truth import database_of
from bench.load.viewers import Seat, body_of
from playhead.core.sections import Sections
from playhead.core.tickets import Ticket
from playhead.recorder.batches import parse_batch
from playhead.recorder.databases import open_store
from playhead.recorder.operations import RecordBatch
from playhead.recorder.recorder import Recorder

MANY = int(os.environ.get("ROWS", "2000000"))
FEW = 10_000
ROUNDS = 9
_BATCHES = 416  # a round; twenty rounds of viewers who were not here before, and two lots with sections
_PIECES = 500


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ph-growth-") as name:
        few, many = Path(name) / "few", Path(name) / "many"
        few.mkdir()
        seeding.migrate(few)
        seats = seeding.seats(few, database_of(few), FEW)
        shutil.copytree(few, many)
        multiply(database_of(many), MANY // FEW)
        rows = _by_rows(database_of(few), database_of(many), seats[: -2 * _BATCHES])
        return [*rows, _by_sections(database_of(few), seats)]


def _by_rows(few: str, many: str, seats: Sequence[Seat]) -> list[Row]:
    """First batches of viewers nobody has seen since the start, then further batches of the same.

    Chosen alike from both files: those who came one after the other, as a class does, and so stand side by side; and
    some from anywhere, where each changes pages of its own in a large file, and in a small one the same few as others.
    """
    dice = random.Random(1)
    class_, others = seats[: len(seats) // 2], dice.sample(seats[len(seats) // 2 :], len(seats) - len(seats) // 2)
    copies = MANY // FEW
    chosen = {
        "of a class": (class_, [_copy(seat, copies // 2) for seat in class_]),
        "from anywhere": (others, [_copy(seat, dice.randrange(copies)) for seat in others]),
    }
    rows = []
    with ExitStack() as stack:
        recorders = [stack.enter_context(Recorder(file)) for file in (few, many)]
        for said, who in chosen.items():
            cold, warm = _rounds(recorders, who)
            stored = f"{FEW:,} and {MANY:,} student-video rows"
            rows.append(_slope(f"first batch of a viewer {said}, {stored}", *cold))
            rows.append(_slope(f"further batches {said}, {stored}", *warm))
    return rows


def _rounds(
    recorders: Sequence[Recorder], who: tuple[Sequence[Seat], Sequence[Seat]]
) -> tuple[list[list[float]], list[list[float]]]:
    groups = list(zip(recorders, who, strict=True))
    cold: list[list[float]] = [[], []]
    warm: list[list[float]] = [[], []]
    for number in range(ROUNDS + 1):
        for (recorder, seats), taken in zip(groups, cold, strict=True):
            some = seats[number * _BATCHES : (number + 1) * _BATCHES]
            taken.append(_cost_us(recorder, some, seq=0))
    for number in range(ROUNDS + 1):
        for (recorder, seats), taken in zip(groups, warm, strict=True):
            taken.append(_cost_us(recorder, seats[:_BATCHES], seq=number + 1))
    return cold, warm


def _by_sections(database: str, seats: Sequence[Seat]) -> Row:
    """The viewers at the end of the list have watched one piece so far, or 500 with gaps between them."""
    groups = (seats[-_BATCHES:], seats[-2 * _BATCHES : -_BATCHES])
    with closing(open_store(database)) as store:
        for who, pieces in zip(groups, (1, _PIECES), strict=True):
            coverage = Sections.of((at * 7_000, at * 7_000 + 5_000) for at in range(pieces))
            store.many(
                "UPDATE recorder_progress SET coverage = ?, covered_ms = ? "
                "WHERE viewer_id = (SELECT id FROM recorder_viewer WHERE key = ?)",
                [(coverage.pack(), coverage.length, seat.viewer) for seat in who],
            )
    taken: list[list[float]] = [[], []]
    with Recorder(database) as recorder:
        for number in range(ROUNDS + 1):
            for who, costs in zip(groups, taken, strict=True):
                costs.append(_cost_us(recorder, who, seq=number))
    return _slope(f"batch of a viewer with 1 and with {_PIECES} sections", *taken)


def _copy(seat: Seat, number: int) -> Seat:
    """One of the copies that `multiply` has made."""
    suffix = f".{number}" if number else ""
    return replace(seat, viewer=seat.viewer + suffix, playback=seat.playback + suffix)


def _cost_us(recorder: Recorder, seats: Sequence[Seat], *, seq: int) -> float:
    """Processor time of the whole process for one batch of each of these viewers."""
    operations = [_batch(seat, seq) for seat in seats]
    before_s = time.process_time()
    outcomes = recorder.do_all(operations)
    taken_s = time.process_time() - before_s
    assert all(outcome.lines[0].fresh_ms == 1_000 for outcome in outcomes)
    return taken_s * 1e6 / len(outcomes)


def _batch(seat: Seat, seq: int) -> RecordBatch:
    """One second, in one of the gaps between 500 pieces; playbacks were opened long enough ago to pay for it."""
    t0, m0 = seq * 1_000, seq * 7_000 + 5_500
    body = body_of(seq=seq, sent=t0 + 1_000, t0=t0, t1=t0 + 1_000, m0=m0)
    ticket = Ticket(seat.viewer, seat.video, seat.playback, "j", 0, 0)
    return RecordBatch.under(ticket, seq, parse_batch(body).claims(), body, seat.opened_at + 3_000_000)


def _slope(measure: str, few: list[float], many: list[float]) -> Row:
    """The first round of each warms up. The spread is that of the cheaper side's rounds, as a part of its median."""
    few, many = few[1:], many[1:]
    ratio = statistics.median(theirs / mine for mine, theirs in zip(few, many, strict=True))
    middle = statistics.median(few)
    spread = (max(few) - min(few)) / middle
    said = f"{middle:.0f} us ({min(few):.0f} to {max(few):.0f}) and {statistics.median(many):.0f} us of processor"
    return Row(measure, round(ratio, 3), "x", f"<= {1 + spread:.2f}, the spread", ratio <= 1 + spread, said)
