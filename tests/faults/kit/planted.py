"""Planted bugs: `python -m tests.faults.kit.planted BUG serve` is the product with one promise taken out.

Each fault is also run against such a server and has to notice: a check that cannot fail proves nothing. They live here
alone; the product has no switch for any of them.
"""

import asyncio
import sqlite3
import sys
import time
from collections.abc import Callable
from typing import Any

from playhead.core.errors import Retryable
from playhead.recorder import group, writers
from playhead.recorder.operations import RecordBatch, Recorded
from playhead.recorder.sqlite import SqliteStore
from playhead.recorder.state import Playback, Stand
from playhead.recorder.taking import Taking, Waiting
from playhead.recorder.workspace import Workspace

_SAID = Stand(0, 0, 0, None, None, completed=False)


def _promise(operation: RecordBatch) -> Recorded:
    """An answer that looks as if everything had been recorded."""
    return Recorded(operation.seq, False, [], _SAID, "clock", False, operation.received_at)


def _replace(owner: object, name: str, planted: Callable[..., Any]) -> None:
    setattr(owner, name, planted)


def _synchronous(level: str) -> None:
    connect = SqliteStore._connect

    def connect_carelessly(store: SqliteStore) -> None:
        connect(store)
        store._connection.execute(f"PRAGMA synchronous={level}")

    _replace(SqliteStore, "_connect", connect_carelessly)


def _answer_first() -> None:
    """Batches are answered when they are queued, before anything is written, on a disk that takes its time: at whatever
    moment such a server is killed, it has promised something that it does not hold yet."""
    _slow_disk(0.02)
    take = Taking.take

    def promise(self: Taking, operation: Any, waiting: Waiting) -> None:
        take(self, operation, asyncio.get_running_loop().create_future())
        waiting.get_loop().call_soon(waiting.set_result, _promise(operation))

    _replace(Taking, "take", promise)


def _no_dedupe() -> None:
    """A batch that comes again is written again, under a number that the unique index lets pass."""
    write = Workspace.write
    known = Workspace.known_batch
    again: dict[tuple[int, int], int] = {}

    def forget(space: Workspace, playback: Playback, seq: int) -> None:
        if known(space, playback, seq) is not None:
            again[playback.id, seq] = again.get((playback.id, seq), 0) + 1

    def write_again(space: Workspace, kind: str, *rest: Any, seq: int | None = None, **more: Any) -> Any:
        if seq is not None:
            seq += 1_000_000 * again.get((rest[1].id, seq), 0)
        return write(space, kind, *rest, seq=seq, **more)

    _replace(Workspace, "known_batch", forget)
    _replace(Workspace, "write", write_again)


def _errors_swallowed() -> None:
    """What the storage refuses is answered as if it had taken it."""
    original = group.record

    def record(store: Any, operations: Any, **more: Any) -> list[Any]:
        outcomes = original(store, operations, **more)
        return [
            _promise(operation) if isinstance(outcome, Retryable) and isinstance(operation, RecordBatch) else outcome
            for operation, outcome in zip(operations, outcomes, strict=True)
        ]

    _replace(writers, "record", record)


def _no_limit() -> None:
    """The queue takes whatever comes."""
    start = Taking.__init__

    def unlimited(self: Taking, *rest: Any, **more: Any) -> None:
        start(self, *rest, **(more | {"queue": 10**9}))

    _replace(Taking, "__init__", unlimited)


def _slow_disk(seconds: float) -> None:
    """No bug: a disk whose sync takes that long."""
    commit = SqliteStore.commit

    def commit_slowly(store: SqliteStore) -> None:
        time.sleep(seconds)
        commit(store)

    _replace(SqliteStore, "commit", commit_slowly)


def _stays_broken() -> None:
    """After a failed write nothing is taken ever again."""

    def mend(_store: SqliteStore) -> None:
        raise sqlite3.OperationalError("given up")

    _replace(SqliteStore, "mend", mend)


def _told_before_written() -> None:
    """A piece of an upload is answered while it is still in memory: it is written with the next one."""
    import django

    django.setup()
    from playhead.media import tus  # with the site's models

    append, offset = tus._append, tus._offset
    held: dict[int, bytes] = {}

    async def append_later(upload: Any, claimed: int, receive: Any) -> int:
        parts, more = [], True
        while more:
            message = await receive()
            more = message["type"] == "http.request" and message.get("more_body", False)
            parts.append(message.get("body", b""))
        waiting = [held.pop(upload.pk, b""), b"".join(parts)]
        before = claimed - len(waiting[0])
        held[upload.pk] = waiting[1] if claimed + len(waiting[1]) < upload.size_bytes else b""
        now = waiting[0] if held[upload.pk] else b"".join(waiting)

        async def all_at_once() -> dict[str, Any]:
            return {"type": "http.request", "body": now}

        await append(upload, before, all_at_once)
        return claimed + len(waiting[1])

    _replace(tus, "_append", append_later)
    _replace(tus, "_offset", lambda upload: offset(upload) + len(held.get(upload.pk, b"")))


BUGS: dict[str, Callable[[], None]] = {
    "synchronous_off": lambda: _synchronous("OFF"),
    "synchronous_normal": lambda: _synchronous("NORMAL"),
    "answer_first": _answer_first,
    "no_dedupe": _no_dedupe,
    "errors_swallowed": _errors_swallowed,
    "no_limit": _no_limit,
    "stays_broken": _stays_broken,
    "slow_disk": lambda: _slow_disk(0.5),
    "told_before_written": _told_before_written,
}


def main() -> None:
    BUGS[sys.argv.pop(1)]()
    from playhead.cli import main as command

    command()


if __name__ == "__main__":
    main()
