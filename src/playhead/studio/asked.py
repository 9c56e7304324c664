"""The process that one statement runs in: it reads a question, opens the lake for it, answers, and ends.

The tables hold the rows of the asker's courses and nothing beyond. What keeps a statement inside is DuckDB's own lock
(`enable_external_access`, `lock_configuration`), set before it is read; what ends it is this process's end.
"""

import os
import resource
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import duckdb
import msgspec
import pyarrow as pa

from playhead.analytics.lake import open_lake
from playhead.recorder.databases import open_store
from playhead.studio.asking import MEMORY_MB, MOST_BYTES, REFUSED, TOO_SLOW, Question, Refusal

_ROWS_A_STATEMENT: Final = 500
_ROWS_A_BATCH: Final = 5_000
# Of address space, beside the engine's own limit: libraries, stacks of threads, and what the engine does not count.
_ROOM_MB: Final = 3_000
_TABLES: Final = {
    "videos": "video VARCHAR, title VARCHAR, course VARCHAR, course_title VARCHAR, duration_ms BIGINT",
    "students": "viewer VARCHAR, name VARCHAR, course VARCHAR",
    "progress": "video VARCHAR, viewer VARCHAR, percent INTEGER, covered_ms BIGINT, watched_ms BIGINT, "
    "completed_at BIGINT",
}


class RefusedError(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.refusal = Refusal(code, detail)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, ((MEMORY_MB + _ROOM_MB) << 20,) * 2)
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    try:
        answered = answer(question)
    except RefusedError as refused:
        sys.stdout.buffer.write(msgspec.json.encode(refused.refusal))
        sys.exit(REFUSED)
    sys.stdout.buffer.write(answered)


def answer(question: Question) -> bytes:
    """An Arrow stream with at most one row more than asked for. Raises RefusedError."""
    check(question.statement)
    known = {video[0] for video in question.videos}
    rows: dict[str, Sequence[Sequence[object]]] = {
        "videos": question.videos,
        "students": question.students,
        "progress": question.progress,
    }
    with (
        closing(open_store(question.database)) as store,
        open_lake(videos=known, reader=store, folder=Path(question.lake), memory_mb=MEMORY_MB) as connection,
    ):
        for name, columns in _TABLES.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
            _fill(connection, name, rows[name])
        return _told(connection, question)


def check(statement: str) -> None:
    """Raises RefusedError for anything but one SELECT."""
    try:
        parsed = duckdb.extract_statements(statement)
    except duckdb.Error as error:
        raise RefusedError("refused", str(error)) from None
    if len(parsed) != 1:
        raise RefusedError("not_one_statement", "Write one statement.")
    if parsed[0].type not in {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}:
        raise RefusedError("not_a_select", "Only SELECT is possible here: nothing can be changed.")


def _told(connection: duckdb.DuckDBPyConnection, question: Question) -> bytes:
    # Not an interrupt: what works on one long value does not look up before it is done.
    watch = threading.Timer(question.seconds, os._exit, [TOO_SLOW])
    watch.start()
    sink = pa.BufferOutputStream()
    try:
        batches: pa.RecordBatchReader = connection.execute(question.statement).to_arrow_reader(_ROWS_A_BATCH)
        with pa.ipc.new_stream(sink, batches.schema) as stream:
            rows = 0
            for batch in batches:
                stream.write_batch(batch[: question.most_rows + 1 - rows])
                rows += batch.num_rows
                if rows > question.most_rows:
                    break
                if sink.tell() > MOST_BYTES:
                    raise RefusedError("too_large", "The answer is too large for a page: ask for less of it.")
    except duckdb.OutOfMemoryException:
        raise RefusedError("too_large", f"It needs more memory than {MEMORY_MB} MB.") from None
    except (duckdb.Error, pa.ArrowException) as error:
        raise RefusedError("refused", str(error)) from None
    finally:
        watch.cancel()
    return bytes(sink.getvalue())


def _fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Several rows a statement: one at a time takes a millisecond each."""
    for first in range(0, len(rows), _ROWS_A_STATEMENT):
        some = rows[first : first + _ROWS_A_STATEMENT]
        places = ", ".join("(" + ", ".join("?" for _ in row) + ")" for row in some)
        connection.execute(f"INSERT INTO {table} VALUES {places}", [value for row in some for value in row])  # noqa: S608


if __name__ == "__main__":
    main()
