"""The two databases the recorder writes to, behind four calls. Statements are written once, with `?` for a value.

What both promise: `commit` returns only when the transaction is on disk, and inside a transaction nobody else changes
a viewer whose row was read with `lock`.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Protocol

from playhead.core.errors import PlayheadError, StorageFull, Unavailable

Row = tuple[Any, ...]
_ROWS_A_QUERY = 500


class Store(Protocol):
    lock: str  # appended to a SELECT whose rows must not change until the commit

    def begin(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]: ...
    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None: ...
    def journal_ids(self, count: int) -> Sequence[int]: ...
    def close(self) -> None: ...
    def explain(self, error: Exception) -> PlayheadError | None:
        """What a storage error means to the one who waits, or None when it is not the storage's."""
        ...


def open_store(database: str) -> Store:
    """Open the tracking database: a PostgreSQL URL, or the path of a SQLite file."""
    if database.startswith(("postgresql://", "postgres://")):
        from playhead.recorder.postgres import PostgresStore

        return PostgresStore(database)
    return SqliteStore(database)


def all_in(store: Store, statement: str, keys: Sequence[object | Row], tail: str = "") -> list[Row]:
    """All rows of `statement ... IN (keys)`; a key of several columns is a tuple."""
    rows: list[Row] = []
    for start in range(0, len(keys), _ROWS_A_QUERY):
        some = keys[start : start + _ROWS_A_QUERY]
        if isinstance(some[0], tuple):
            places, values = _places(len(some), len(some[0])), [value for key in some for value in key]  # type: ignore[attr-defined]
        else:
            places, values = _places(len(some), 0), list(some)
        rows += store.all(f"{statement} IN ({places}){tail}", values)
    return rows


@lru_cache(maxsize=4 * _ROWS_A_QUERY)
def _places(count: int, columns: int) -> str:
    if not columns:
        return ",".join("?" * count)
    # SQLite takes a list of row values only as VALUES; PostgreSQL takes it too.
    return "VALUES " + ",".join(["(" + ",".join("?" * columns) + ")"] * count)


class SqliteStore:
    """SQLite in WAL mode, `synchronous=FULL`: NORMAL loses the last commits in a power cut."""

    lock = ""  # BEGIN IMMEDIATE has locked the file: there is one writer

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, timeout=20, isolation_level=None, cached_statements=512)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA cache_size=-65536")

    def begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        return self._connection.execute(statement, values).fetchall()

    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        self._connection.executemany(statement, rows)

    def journal_ids(self, count: int) -> Sequence[int]:
        found = self.all("SELECT seq FROM sqlite_sequence WHERE name = 'recorder_journal'")
        last = found[0][0] if found else 0
        return range(last + 1, last + 1 + count)

    def close(self) -> None:
        self._connection.close()

    def explain(self, error: Exception) -> PlayheadError | None:
        if not isinstance(error, sqlite3.Error):
            return None
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return StorageFull("storage_full", "The disk is full; nothing was stored.", retry_after_s=10)
        if code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN}:
            return Unavailable("storage_failed", "The disk did not take it; nothing was stored.", retry_after_s=5)
        return None
