"""The sealer is killed, KILLS times (200 unless set), anywhere: journal, archive and lake lose and double nothing.

Each round viewers watch, then what waits is sealed, joined and let go, and the process is killed at a random moment of
that. After each kill journal, archive and lake are compared row by row, and the events are counted by hand.
"""

import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.kit.rows import Row
from bench.load import seeding
from bench.load.truth import database_of
from tests.faults.kit.place import caught, number, zero

KILLS = number("KILLS", 200)
_ROUNDS_A_FOLDER = 8
_LONGEST_S = 10.0
_fork = multiprocessing.get_context("fork")


def measure() -> list[Row]:
    kills, wrong, unfinished, steps = killed(KILLS)
    return [
        Row(
            "kills",
            kills,
            "kills",
            peer=f"while {', '.join(f'{name} {times}' for name, times in sorted(steps.items()))}",
        ),
        Row("kills in the middle of sealing, joining or letting go", unfinished, "kills"),
        zero("rows lost, doubled or changed between journal, archive and lake", wrong, "differences"),
        caught("files_listed_apart", planted()),
    ]


def killed(kills: int, *, prepare: Callable[[Path], object] = seeding.migrate) -> tuple[int, int, int, dict[str, int]]:
    """Kill so often; returns kills, differences found, kills that came before the work was done, and when they came."""
    dice = random.Random(7)
    wrong = unfinished = done = 0
    steps: dict[str, int] = {}
    longest_s = 1.0
    with tempfile.TemporaryDirectory(prefix="ph-seal-") as name:
        empty = Path(name)
        prepare(empty)
        while done < kills:
            folder = empty / f"after-{done}"
            folder.mkdir()
            shutil.copy(database_of(empty), database_of(folder))
            for round_ in range(min(_ROUNDS_A_FOLDER, kills - done)):
                step, took_s = _kill(folder, round_, dice.random() * longest_s)
                longest_s = took_s if step == "done" else min(longest_s * 1.05, _LONGEST_S)
                steps[step] = steps.get(step, 0) + 1
                unfinished += step != "done"
                wrong += len(_asked(_differences, folder))
                done += 1
    return done, wrong, unfinished, steps


def _kill(folder: Path, round_: int, after_s: float) -> tuple[str, float]:
    """Let a process watch and seal, and kill it so long after it began to seal; returns at which step, and how long."""
    ours, theirs = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_work, args=(folder, round_, theirs))
    process.start()
    theirs.close()
    step, began = "", 0.0
    while True:
        left_s = after_s - (time.monotonic() - began) if began else None
        if (left_s is not None and left_s <= 0) or not ours.poll(left_s):
            break
        try:
            step = ours.recv()
        except EOFError:
            break
        began = began or time.monotonic()
    took_s = time.monotonic() - began
    if process.pid is not None:
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    return step, took_s


def _work(folder: Path, round_: int, told: Connection) -> None:
    from playhead.analytics import rollups
    from playhead.analytics.sealer import Sealer
    from playhead.core import limits
    from playhead.recorder.databases import open_store
    from tests.analytics.watching import watch_a_lot
    from tests.world import World

    dice = random.Random(round_)
    with World(database_of(folder)) as world, closing(open_store(world.database)) as store:
        world._opened = round_ * 1_000
        world.clock.forward(round_ * limits.DAY_MS // 3)
        watch_a_lot(world, dice, batches=40)
        while (turn := rollups.next_turn(store, now_ms=world.clock.now_ms())) is not None:
            world.recorder.do(turn)
        sealer = Sealer(world.recorder, world.database, _habits(folder, rows=dice.randrange(15, 60)))
        told.send("tidying")
        sealer.tidy(store)
        for name in ("_seal", "_join", "_empty"):
            _telling(sealer, name, told)
        while sealer.turn(store):
            pass
        told.send("done")


def _telling(sealer: Any, name: str, told: Connection) -> None:
    does: Callable[..., Any] = getattr(sealer, name)

    def tell(*values: Any) -> Any:
        told.send(name.strip("_"))
        return does(*values)

    setattr(sealer, name, tell)


def _habits(folder: Path, *, rows: int) -> Any:
    from playhead.analytics.sealer import Habits

    return Habits(archive=folder / "archive", lake=folder / "lake", rows=rows, after_s=0, keep_days=1)


def _asked(question: Callable[[Path], list[str]], folder: Path) -> list[str]:
    """Ask in a process of its own: DuckDB's threads do not survive a fork, and this one is forked from again."""
    ours, theirs = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_answer, args=(question, folder, theirs))
    process.start()
    theirs.close()
    try:
        found: list[str] = ours.recv()
    except EOFError:
        found = ["the comparison itself broke off"]
    process.join()
    for said in found:
        sys.stderr.write(f"{said}\n")
    return found


def _answer(question: Callable[[Path], list[str]], folder: Path, told: Connection) -> None:
    told.send(question(folder))


def _differences(folder: Path) -> list[str]:
    from playhead.analytics import archive, lake
    from playhead.analytics.lake import open_lake
    from playhead.recorder import replay
    from playhead.recorder.databases import open_store

    kept = folder / "archive"
    with closing(open_store(database_of(folder))) as store:
        rows = archive.whole_rows(store, kept, after=0, upto=store.horizon())
        told = sum(
            len(json.loads(row[7])["events"]) for row in rows if row[1] == "batch" and not _is_preview(store, row)
        )
        with open_lake(reader=store, folder=folder / "lake") as connection:
            [(held,)] = connection.execute("SELECT count(*) FROM events").fetchall()
        found = [f"{told} events were told, the lake and what is fresh hold {held}"] * (told != held)
        with archive.Bodies(store, kept) as bodies:
            found += [
                str(difference)
                for viewer_id, key in replay.viewers(store)
                if (difference := replay.first_difference(store, viewer_id, key, bodies=bodies)) is not None
            ]
        return [
            *found,
            *archive.differences(store, kept),
            *lake.differences(store, archive=kept, lake=folder / "lake"),
        ]


def _is_preview(store: Any, row: Any) -> bool:
    return bool(store.all("SELECT preview FROM recorder_playback WHERE id = ?", [row[3]])[0][0])


def planted(*, prepare: Callable[[Path], object] = seeding.migrate) -> int:
    """A sealer that lists its files in one transaction and the part in the next, killed between the two."""
    with tempfile.TemporaryDirectory(prefix="ph-seal-") as name:
        folder = Path(name)
        prepare(folder)
        process = _fork.Process(target=_list_apart, args=(folder,))
        process.start()
        process.join()
        return len(_asked(_differences, folder))


def _list_apart(folder: Path) -> None:
    from playhead.analytics import lake, sealer
    from playhead.recorder.databases import open_store
    from tests.analytics.watching import watch_a_lot
    from tests.world import World

    def list_files_and_die(self: Any, space: Any) -> bool:
        space.store.many(lake.PUT_FILE, [file.to_row() for file in self.files])
        space.store.commit()
        os.kill(os.getpid(), signal.SIGKILL)
        return True

    sealer.Seal.apply = list_files_and_die  # type: ignore[method-assign]
    with World(database_of(folder)) as world, closing(open_store(world.database)) as store:
        watch_a_lot(world, random.Random(1), batches=30)
        sealer.Sealer(world.recorder, world.database, _habits(folder, rows=1_000)).turn(store)
