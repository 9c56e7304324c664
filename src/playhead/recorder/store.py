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
    sole_writer: bool  # whether nobody else writes, so that rows may be kept between transactions

    def begin(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]: ...
    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None: ...
    def journal_ids(self, count: int) -> Sequence[int]: ...
    def horizon(self) -> int:
        """The highest journal id, with no transaction left that could still commit a lower one; 0 where it is empty."""
        ...

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


def all_in(store: Store, statement: str, keys: Sequence[object], tail: str = "") -> list[Row]:
    """All rows of `statement ... IN (keys)`."""
    rows: list[Row] = []
    for start in range(0, len(keys), _ROWS_A_QUERY):
        some = keys[start : start + _ROWS_A_QUERY]
        rows += store.all(f"{statement} IN ({_places(len(some))}){tail}", some)
    return rows


def all_of(
    store: Store, table: str, columns: str, by: tuple[str, str], keys: Sequence[tuple[object, object]]
) -> list[Row]:
    """The rows of a table with these pairs of keys.

    Driven from the pairs, row by row: SQLite scans the whole table for `(a, b) IN (VALUES ...)`.
    """
    rows: list[Row] = []
    for start in range(0, len(keys), _ROWS_A_QUERY):
        some = keys[start : start + _ROWS_A_QUERY]
        wanted = ", ".join(["(?, ?)"] * len(some))
        statement = (
            f"WITH wanted(a, b) AS (VALUES {wanted}) SELECT {columns} FROM wanted CROSS JOIN {table} "
            f"WHERE {by[0]} = wanted.a AND {by[1]} = wanted.b"
        )
        rows += store.all(statement, [value for key in some for value in key])
    return rows


@lru_cache(maxsize=2 * _ROWS_A_QUERY)
def _places(count: int) -> str:
    return ",".join("?" * count)


class SqliteStore:
    """SQLite in WAL mode, `synchronous=FULL`: NORMAL loses the last commits in a power cut."""

    lock = ""  # BEGIN IMMEDIATE has locked the file
    sole_writer = True  # one process owns the file (`recorder.owner`), and one thread of it writes

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

    def horizon(self) -> int:
        [(last,)] = self.all("SELECT MAX(id) FROM recorder_journal")  # one writer: ids commit in their order
        return last or 0

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
