"""SQLite as the tracking database."""

import sqlite3
from collections.abc import Iterable, Sequence

from playhead.core.errors import PlayheadError, StorageFull, Unavailable
from playhead.recorder.store import Row


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
