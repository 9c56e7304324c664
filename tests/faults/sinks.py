"""Each sink is killed, KILLS times (100 unless set), anywhere, and restarted: its store holds each sealed row once.

SINKS names some of them (`SINKS="postgres files"`). A store gets a sealed term anew, its feeder is killed at random
moments and started again until all is there; then the rows in the store are compared with those in the archive, one by
one. Engines in the process (chDB, the folder) die with it; PostgreSQL, S3 (moto) and HarperDB's stand-in live on, and
what a dead feeder had sent them goes on without it.
"""

import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.kit.rows import Row
from bench.load import seeding
from bench.load.truth import database_of
from tests.faults.kit.place import caught, number, zero

KILLS = number("KILLS", 100)
NAMES = ("clickhouse", "postgres", "files", "s3", "harperdb")
_ROWS_A_PIECE = 10
_BATCHES = 400
_LONGEST_S = 20.0
_fork = multiprocessing.get_context("fork")
Rows = dict[str, list[tuple[Any, ...]]]


def measure() -> list[Row]:
    from playhead.cli.terminal import start_django

    start_django()
    rows = []
    with tempfile.TemporaryDirectory(prefix="ph-sink-") as name:
        folder = Path(name)
        seeding.migrate(folder)
        due = asked(seal, folder, _BATCHES)
        for sink in os.environ.get("SINKS", " ".join(NAMES)).split():
            kills, unfinished, whole, wrong = killed(folder, sink, due, KILLS)
            said = f"{unfinished} before all was there; {whole} times all of {sum(map(len, due.values())):,} rows"
            rows.append(Row(f"{sink}: kills", kills, "kills", peer=said))
            rows.append(zero(f"{sink}: rows missing, doubled or changed", wrong, "rows"))
        rows.append(caught("position_first", planted(folder, due)))
    return rows


def seal(folder: Path, batches: int) -> Rows:
    """Let some viewers watch, and seal it in many parts; returns what every store must hold."""
    from playhead.analytics import archive
    from playhead.analytics.sealer import Habits, Sealer
    from playhead.analytics.shape import TABLES
    from playhead.exports.sinks.pieces import pieces
    from playhead.recorder.databases import open_store
    from tests.analytics.watching import watch_a_lot
    from tests.world import World

    kept = folder / "archive"
    with World(database_of(folder)) as world, closing(open_store(world.database)) as store:
        watch_a_lot(world, random.Random(5), batches=batches)
        habits = Habits(archive=kept, lake=folder / "lake", rows=60, after_s=0)
        sealer = Sealer(world.recorder, world.database, habits)
        while sealer.turn(store):
            pass
        assert archive.sealed_upto(store) == store.horizon()
        whole = list(pieces(store, kept, position=0, rows=10**9, whole_parts=True))
    return {table: sorted(tuple(row) for piece in whole for row in piece.rows(table)) for table in TABLES}


def killed(folder: Path, sink: str, due: Rows, kills: int) -> tuple[int, int, int, int]:
    """Returns kills, those that came before all was there, how often all was there, and rows that were wrong."""
    dice = random.Random(sink)
    done = unfinished = whole = wrong = 0
    longest_s = 1.0
    with store_of(sink, folder) as fresh:
        while done < kills:
            address = fresh()
            state = folder / f"{sink}-position"
            state.unlink(missing_ok=True)
            step = ""
            while step != "done":
                after_s = dice.random() * longest_s if done < kills else _LONGEST_S * 10
                step, took_s = _kill(folder, address, state, after_s)
                longest_s = took_s if step == "done" and done < kills else min(longest_s * 1.05, _LONGEST_S)
                unfinished += step != "done"
                done += done < kills
            whole += 1
            wrong += asked(differences, folder, sink, address, due)
    return done, unfinished, whole, wrong


def _kill(folder: Path, address: str, state: Path, after_s: float) -> tuple[str, float]:
    ours, theirs = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_work, args=(folder, address, state, theirs))
    process.start()
    theirs.close()
    step, began = "", 0.0
    while step != "done":
        left_s = after_s - (time.monotonic() - began) if began else None
        if (left_s is not None and left_s <= 0) or not ours.poll(left_s):
            break
        try:
            step = ours.recv()
        except EOFError:
            raise RuntimeError(f"the feeder of {address} broke off by itself") from None
        began = began or time.monotonic()
    took_s = time.monotonic() - began
    if process.pid is not None:
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    return step, took_s


def _work(folder: Path, address: str, state: Path, told: Connection, *, first: str = "row") -> None:
    """What the worker's thread does for one sink, whose position is kept in a file here."""
    from playhead.exports.models import Sink
    from playhead.exports.sinks import feeding
    from playhead.recorder.databases import open_store

    def keep(sink: Sink, *, position: int, rows: int) -> None:
        draft = state.with_suffix(".draft")
        draft.write_text(str(position))
        draft.replace(state)
        sink.position = position

    feeding.kept = keep
    tempfile.tempdir = str(folder)  # what a killed feeder leaves behind goes with the folder
    sink = Sink(name="sink", address=_sealed(address), position=int(state.read_text()) if state.exists() else 0)
    told.send("connecting")
    with closing(open_store(database_of(folder))) as store, feeding.opened(sink) as target:
        if first == "position":
            _position_first(target, state)
        feeding.feed(sink, store, target, archive=folder / "archive", rows=_ROWS_A_PIECE)
    told.send("done")
    time.sleep(60)  # to be killed like all others


def _sealed(address: str) -> str:
    from playhead.recorder.sealed import seal

    return seal(address)


def _position_first(target: Any, state: Path) -> None:
    """Planted: the position is written before the piece, and the process dies between the two."""
    put = target.put

    def put_late(piece: Any) -> None:
        state.write_text(str(piece.upto))
        if piece.after:
            os.kill(os.getpid(), signal.SIGKILL)
        put(piece)

    target.put = put_late


def planted(folder: Path, due: Rows) -> int:
    with store_of("files", folder) as fresh:
        address, state = fresh(), folder / "planted-position"
        state.unlink(missing_ok=True)
        for first in ("position", "row"):
            _ours, theirs = _fork.Pipe(duplex=False)
            process = _fork.Process(target=_work, args=(folder, address, state, theirs), kwargs={"first": first})
            process.start()
            while process.is_alive() and not (_ours.poll(0.1) and _ours.recv() == "done"):
                pass
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, signal.SIGKILL)
            process.join()
        return int(asked(differences, folder, "files", address, due))


def asked(question: Callable[..., Any], *values: Any) -> Any:
    """In a process of its own: engines' threads do not survive a fork, and this one is forked from again."""
    ours, theirs = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_answer, args=(question, values, theirs))
    process.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        process.join()


def _answer(question: Callable[..., Any], values: tuple[Any, ...], told: Connection) -> None:
    told.send(question(*values))


# --- the stores


@contextmanager
def store_of(sink: str, folder: Path) -> Iterator[Callable[[], str]]:
    """Run the store; each call gives the address of an empty one."""
    with _STORES[sink](folder) as fresh:
        yield fresh


@contextmanager
def _folders(folder: Path, scheme: str = "") -> Iterator[Callable[[], str]]:
    made: list[Path] = []

    def fresh() -> str:
        for old in made:
            shutil.rmtree(old, ignore_errors=True)
        made[:] = [Path(tempfile.mkdtemp(prefix="store-", dir=folder))]
        return f"{scheme}{made[0]}"

    yield fresh


@contextmanager
def _postgres(_folder: Path) -> Iterator[Callable[[], str]]:
    from tests.postgres import Server

    with Server() as server:
        yield server.empty_database


@contextmanager
def _s3(_folder: Path) -> Iterator[Callable[[], str]]:
    from tests.exports.buckets import S3

    with S3() as running:
        yield running.bucket


@contextmanager
def _harperdb(folder: Path) -> Iterator[Callable[[], str]]:
    from tests.exports.harper import Harper

    with Harper(folder / "harper.sqlite3") as running:

        def fresh() -> str:
            running.clear()
            return running.address

        yield fresh


_STORES: dict[str, Callable[[Path], Any]] = {
    "clickhouse": lambda folder: _folders(folder, "chdb://"),
    "files": _folders,
    "postgres": _postgres,
    "s3": _s3,
    "harperdb": _harperdb,
}


def differences(folder: Path, sink: str, address: str, due: Rows) -> int:
    """How many rows are in one of the two only, or more often in one."""
    from collections import Counter

    from tests.exports.holding import held

    wrong = 0
    for table, rows in held(sink, address, scratch=folder).items():
        first, second = Counter(due[table]), Counter(rows)
        wrong += sum(((first - second) + (second - first)).values())
    return wrong
