"""SQLite as the tracking database."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache, partial
from itertools import chain, islice
from typing import Final

from playhead.core.errors import PlayheadError, StorageFull, Unavailable
from playhead.recorder.store import Row, on_conflict

_ROWS_A_QUERY: Final = 500
_ROWS_A_STATEMENT: Final = 64
_ROWS_ALONE: Final = 8

# Bytes are bound as they are, which sqlite3 finds out at length for every value that no adapter is known for: with one
# that hands back what it is given, a blob costs half.
sqlite3.register_adapter(bytes, bytes.__bytes__)


@lru_cache(maxsize=2 * _ROWS_A_QUERY)
def _places(count: int) -> str:
    return ",".join("?" * count)


@cache
def _values(width: int, rows: int) -> str:
    return "VALUES " + ", ".join([f"({_places(width)})"] * rows)


@cache
def _inserting(table: str, columns: str, rows: int) -> str:
    return f"INSERT INTO {table} ({columns}) {_values(_width(columns), rows)}"


@cache
def _updating(table: str, columns: str, by: str) -> str:
    changed = ", ".join(f"{name} = ?" for name in columns.split(", "))
    return f"UPDATE {table} SET {changed} WHERE {' AND '.join(f'{name} = ?' for name in by.split(', '))}"


@cache
def _putting(table: str, columns: str, by: str, rows: int) -> str:
    return _inserting(table, columns, rows) + on_conflict(columns, by)


def _width(columns: str) -> int:
    return columns.count(",") + 1


class SqliteStore:
    """SQLite in WAL mode, `synchronous=FULL`: NORMAL loses the last commits in a power cut."""

    lock = ""  # BEGIN IMMEDIATE has locked the file
    sole_writer = True  # one process owns the file (`recorder.owner`), and one thread of it writes

    def __init__(self, path: str) -> None:
        self._path = path
        self.suspect = False
        self._connect()

    def _connect(self) -> None:
        self._connection = sqlite3.connect(self._path, timeout=20, isolation_level=None, cached_statements=512)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA cache_size=-65536")
        # In pages of the log, four times as many as usual: moving them into the file makes one group wait, and most are
        # newer states of the same few.
        self._connection.execute("PRAGMA wal_autocheckpoint=4000")

    def begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def look(self) -> None:
        self._connection.execute("BEGIN")

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        return self._connection.execute(statement, values).fetchall()

    def all_in(self, statement: str, keys: Sequence[object], tail: str = "") -> list[Row]:
        rows: list[Row] = []
        for start in range(0, len(keys), _ROWS_A_QUERY):
            some = keys[start : start + _ROWS_A_QUERY]
            rows += self.all(f"{statement} IN ({_places(len(some))}){tail}", some)
        return rows

    def all_in_turn(
        self, questions: Sequence[tuple[str, Sequence[object], str]], *, ids: int = 0
    ) -> tuple[list[list[Row]], Sequence[int]]:
        return [self.all_in(*question) for question in questions], self.journal_ids(ids) if ids else ()

    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        self._connection.executemany(statement, rows)

    def insert(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        self._set_wise(partial(_inserting, table, columns), rows)

    def update(self, table: str, columns: str, rows: Iterable[Row], *, by: str) -> None:
        self._connection.executemany(_updating(table, columns, by), rows)  # joining many to their rows takes longer

    def put(self, table: str, columns: str, rows: Iterable[Row], *, by: str) -> None:
        self._set_wise(partial(_putting, table, columns, by), rows)

    def _set_wise(self, statement: Callable[[int], str], rows: Iterable[Row]) -> None:
        """In the order given, many rows a statement; a few in all row by row, which is cheaper then.

        A statement for each row takes a step for each, and Python's lock is let go of and won back at every step.
        """
        iterator = iter(rows)
        while some := list(islice(iterator, _ROWS_A_STATEMENT)):
            if len(some) < _ROWS_ALONE:
                self._connection.executemany(statement(1), some)
                continue
            done = 0
            while rest := len(some) - done:
                count = 1 << (rest.bit_length() - 1)  # powers of two: few statements, which stay prepared
                values = chain.from_iterable(some[done : done + count])
                self._connection.execute(statement(count), list(values))
                done += count

    def journal_ids(self, count: int) -> Sequence[int]:
        found = self.all("SELECT seq FROM sqlite_sequence WHERE name = 'recorder_journal'")
        last = found[0][0] if found else 0
        return range(last + 1, last + 1 + count)

    def horizon(self, table: str = "recorder_journal") -> int:
        [(last,)] = self.all(f"SELECT MAX(id) FROM {table}")  # one writer: ids commit in their order
        return last or 0

    def close(self) -> None:
        self._connection.close()

    def mend(self) -> None:
        """A new connection, and the log emptied into the file, synced, before anything is built on it.

        A failed sync must not be tried again: Linux tells of it once, forgets the pages, and the next one "succeeds".
        The log may then hold transactions that only the system's cache knows, and whatever is appended behind them
        would be lost with them in a power cut.
        """
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        self._connect()
        [(busy, _frames, _moved)] = self.all("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise sqlite3.OperationalError("somebody still reads the log that has to be emptied")
        self.suspect = False

    def lost_a_race(self, _error: Exception) -> bool:
        return False  # there is nobody else

    def explain(self, error: Exception) -> PlayheadError | None:
        if not isinstance(error, sqlite3.Error):
            return None
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        self.suspect = self.suspect or code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT}
        if code == sqlite3.SQLITE_FULL:
            return StorageFull("storage_full", "The disk is full; nothing was stored.", retry_after_s=10)
        busy = code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
        if busy or self.suspect:
            return Unavailable("storage_failed", "The disk did not take it; nothing was stored.", retry_after_s=5)
        return None
