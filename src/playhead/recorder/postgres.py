"""PostgreSQL as the tracking database."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from playhead.core.errors import PlayheadError, StorageFull, Unavailable
from playhead.recorder import arrays
from playhead.recorder.store import Row, on_conflict

# Held shared by every transaction that may write journal rows, and alone, for an instant, by who wants to know which
# ids are settled: an id is taken before its transaction commits, so a lower one can become visible after a higher one.
_WRITING: Final = 0x706C6179
_LOCK_SHARED: Final = f"SELECT pg_advisory_xact_lock_shared({_WRITING})".encode()
_ROWS_A_STATEMENT: Final = 1024
# After the viewers are locked, so that per viewer the order of ids is the order of events.
# The name in a query of its own, that it is looked up once and not for each id.
_TAKE_IDS: Final = (
    b"SELECT nextval((SELECT pg_get_serial_sequence('recorder_journal', 'id'))::regclass) FROM generate_series(1, %s)"
)
_TYPES: Final = (
    "SELECT column_name, data_type FROM information_schema.columns "
    "WHERE table_schema = current_schema() AND table_name = ?"
)

_Statement = tuple[bytes, Sequence[object]]


@lru_cache(maxsize=4096)
def _placed(statement: str) -> str:
    return statement.replace("?", "%s")


def _in(statement: str, keys: Sequence[object], tail: str) -> _Statement:
    """With the keys as one array: the same statement, prepared once, however many there are."""
    return _placed(f"{statement} = ANY(?){tail}").encode(), [list(keys)]


class PostgresStore:
    """One connection, `synchronous_commit=on`: COMMIT answers when the write-ahead log is on disk.

    What needs no answer of its own waits for the next question, or for the commit, and travels with it: each way to the
    server and back costs more than most of what is asked there.
    """

    lock = " FOR UPDATE"
    sole_writer = False

    def __init__(self, url: str) -> None:
        self._url = url
        self.suspect = False
        self._types: dict[str, dict[str, str]] = {}
        self._waiting: list[_Statement] = []
        self._begun = False
        self._connect()

    def _connect(self) -> None:
        self._connection = psycopg.connect(self._url, autocommit=True)
        self._connection.execute("SET synchronous_commit = on")
        # What is asked for by key is in memory, as a rule. PostgreSQL supposes spinning disks, and rather reads a table
        # of two thousand viewers from end to end than thirty of them by their index, which takes half the time.
        self._connection.execute("SET random_page_cost = 1.1")
        arrays.register(self._connection)

    def begin(self) -> None:
        self._begin(b"BEGIN", _LOCK_SHARED)

    def look(self) -> None:
        self._begin(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def _begin(self, *statements: bytes) -> None:
        self._waiting, self._begun = [(statement, ()) for statement in statements], True

    def commit(self) -> None:
        self._begun = False
        self._ask(b"COMMIT")

    def rollback(self) -> None:
        self._waiting, self._begun = [], False
        status = self._connection.info.transaction_status
        if self._connection.closed or status == TransactionStatus.IDLE:
            return
        self._connection.execute("ROLLBACK")
        if status != TransactionStatus.INTRANS:
            # The server skipped what was sent behind the statement that it refused. If that was to be prepared, the
            # library supposes that it is, and would ask for it by its name for as long as this connection lasts.
            self._connection.close()
            self._connect()

    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        return self._ask(_placed(statement).encode(), values).fetchall()

    def _ask(self, statement: bytes, values: Sequence[object] = ()) -> psycopg.Cursor[Row]:
        """Send what waits, and this, in one go; returns what this gives. Raises what the first of them raises."""
        if not self._waiting:
            return self._connection.execute(statement, values)
        return self._ask_all([(statement, values)])[0]

    def _ask_all(self, questions: Sequence[_Statement], *, binary: bool = False) -> list[psycopg.Cursor[Row]]:
        waiting, self._waiting = self._waiting, []
        with self._connection.pipeline():
            for statement, values in waiting:
                self._connection.execute(statement, values)
            return [self._connection.execute(statement, values, binary=binary) for statement, values in questions]

    def all_in(self, statement: str, keys: Sequence[object], tail: str = "") -> list[Row]:
        return self._ask(*_in(statement, keys, tail)).fetchall()

    def all_in_turn(
        self, questions: Sequence[tuple[str, Sequence[object], str]], *, ids: int = 0
    ) -> tuple[list[list[Row]], Sequence[int]]:
        """In one go. Each is a statement of its own, so that it sees what was committed while one before it waited for
        a lock: joined into one, they would all see what was there before."""
        asked = [_in(*question) for question in questions]
        if ids:
            asked.append((_TAKE_IDS, [ids]))
        answers = [answer.fetchall() for answer in self._ask_all(asked, binary=True)]
        return answers, [row[0] for row in answers.pop()] if ids else ()

    def _tell(self, statement: bytes, values: Sequence[object]) -> None:
        """Within a transaction it waits for what comes next; outside there need not be anything."""
        if self._begun:
            self._waiting.append((statement, values))
        else:
            self._connection.execute(statement, values)

    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        placed = _placed(statement).encode()
        for row in rows:
            self._tell(placed, row)

    def insert(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        source = f"SELECT * FROM {self._unnested(table, columns)}"
        self._set_wise(f"INSERT INTO {table} ({columns}) {source}", table, columns, rows)

    def update(self, table: str, columns: str, rows: Iterable[Row], *, by: str) -> None:
        """All in one statement: each column travels as an array."""
        names, keys = columns.split(", "), by.split(", ")
        self._set_wise(
            f"UPDATE {table} SET {', '.join(f'{name} = v.{name}' for name in names)} "
            f"FROM {self._unnested(table, f'{columns}, {by}')} AS v({columns}, {by}) "
            f"WHERE {' AND '.join(f'{table}.{key} = v.{key}' for key in keys)}",
            table,
            f"{columns}, {by}",
            rows,
        )

    def put(self, table: str, columns: str, rows: Iterable[Row], *, by: str) -> None:
        source = f"SELECT * FROM {self._unnested(table, columns)}"
        self._set_wise(f"INSERT INTO {table} ({columns}) {source}{on_conflict(columns, by)}", table, columns, rows)

    def _set_wise(self, statement: str, table: str, columns: str, rows: Iterable[Row]) -> None:
        known = self._types_of(table)
        types, placed = [known[name] for name in columns.split(", ")], _placed(statement).encode()
        iterator = iter(rows)
        while some := list(islice(iterator, _ROWS_A_STATEMENT)):
            values = zip(*some, strict=True)
            self._tell(placed, [arrays.of(*column) for column in zip(types, values, strict=True)])

    def _unnested(self, table: str, columns: str) -> str:
        """Rows out of one array for each column."""
        types = self._types_of(table)
        return f"unnest({', '.join(f'?::{types[name]}[]' for name in columns.split(', '))})"

    def _types_of(self, table: str) -> dict[str, str]:
        if table not in self._types:
            self._types[table] = dict(self.all(_TYPES, [table]))
        return self._types[table]

    def journal_ids(self, count: int) -> Sequence[int]:
        return [row[0] for row in self._ask(_TAKE_IDS, [count]).fetchall()]

    def horizon(self, table: str = "recorder_journal") -> int:
        self._connection.execute("BEGIN")
        try:
            self.all("SELECT pg_advisory_xact_lock(?)", [_WRITING])
            [(last,)] = self.all(f"SELECT MAX(id) FROM {table}")
        finally:
            self.rollback()
        return last or 0

    def close(self) -> None:
        self._connection.close()

    def mend(self) -> None:
        """A new connection: the server has restarted, or the network was away. What it committed it keeps itself."""
        self._connection.close()
        self._connect()
        self.suspect = False

    def lost_a_race(self, error: Exception) -> bool:
        return isinstance(error, errors.SerializationFailure | errors.DeadlockDetected)

    def explain(self, error: Exception) -> PlayheadError | None:
        if not isinstance(error, psycopg.Error):
            return None
        self.suspect = self.suspect or self._connection.closed
        if isinstance(error, errors.DiskFull):
            return StorageFull("storage_full", "The disk is full; nothing was stored.", retry_after_s=10)
        if isinstance(error, psycopg.OperationalError):
            return Unavailable("storage_failed", "The database did not take it; nothing was stored.", retry_after_s=5)
        return None
