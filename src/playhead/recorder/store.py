"""What the recorder asks of a database.

Statements are written once, with `?` for a value. What both promise: `commit` returns only when the transaction is on
disk, and inside a transaction nobody else changes a viewer whose row was read with `lock`.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from playhead.core.errors import PlayheadError

Row = tuple[Any, ...]


class Store(Protocol):
    lock: str  # appended to a SELECT whose rows must not change until the commit
    sole_writer: bool  # whether nobody else writes, so that rows may be kept between transactions
    suspect: bool  # a write or a sync failed: `mend` before the next transaction

    def begin(self) -> None: ...
    def look(self) -> None:
        """Begin a transaction that only reads: it sees one moment, and holds nobody up. Ends with `rollback`."""
        ...

    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]: ...
    def all_in(self, statement: str, keys: Sequence[object], tail: str = "") -> list[Row]:
        """All rows of a statement that ends with the name of a column, and whose column is among the keys."""
        ...

    def all_in_turn(
        self, questions: Sequence[tuple[str, Sequence[object], str]], *, ids: int = 0
    ) -> tuple[list[list[Row]], Sequence[int]]:
        """The rows of several of `all_in`, each of which sees what the one before it had to wait for; and so many
        journal ids, taken after them."""
        ...

    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None: ...
    def insert(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        """Append new rows, by the way the database has for many at once."""
        ...

    def update(self, table: str, columns: str, rows: Sequence[Row], *, by: str) -> None:
        """Set these columns in the rows that `by` names. A row of values: the columns', then those of `by`."""
        ...

    def put(self, table: str, columns: str, rows: Sequence[Row], *, by: str) -> None:
        """Set these columns in the rows that `by`, the first of them, names; rows that are not there are made."""
        ...

    def journal_ids(self, count: int) -> Sequence[int]: ...
    def horizon(self, table: str = "recorder_journal") -> int:
        """The highest id of journal or outbox with no transaction left that could still commit a lower one;
        0 where it is empty."""
        ...

    def close(self) -> None: ...
    def mend(self) -> None:
        """Start again on a new connection, with everything that counts as committed safely on disk."""
        ...

    def lost_a_race(self, error: Exception, /) -> bool:
        """Whether the transaction was taken back only because another one came first: the same again may succeed."""
        ...

    def explain(self, error: Exception) -> PlayheadError | None:
        """What a storage error means to the one who waits, or None when it is not the storage's."""
        ...


def on_conflict(columns: str, by: str) -> str:
    """The end of an INSERT that changes what is there already: all columns but those of `by`."""
    changed = [name for name in columns.split(", ") if name not in by.split(", ")]
    return f" ON CONFLICT ({by}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in changed)}"
