"""What a sink is fed with: stretches of the journal, as rows of the lake's tables, read from the archive."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from playhead.analytics.archive import part_rows, parts
from playhead.analytics.shape import TABLES, Slice, read_slice
from playhead.recorder.store import Store

# What makes a row of a table that row and no other: it is the same however often it is read.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "events": ("journal_id", "idx"),
    "sections": ("journal_id", "line", "piece"),
    "playbacks": ("journal_id",),
}
Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Piece:
    """The sealed journal rows with ids above `after` up to `upto`."""

    after: int
    upto: int
    held: Slice

    def rows(self, table: str) -> list[Row]:
        """In the order of the table's columns (`TABLES`)."""
        return list(self.held.rows(table))

    @property
    def name(self) -> str:
        return f"{self.after + 1:012}-{self.upto:012}"


class Target(Protocol):
    """A store as a sink sees it. What goes wrong is raised as the library raises it: the feeder tries again."""

    whole_parts: bool
    """Whether a piece must be a whole part of the archive: where names must come out the same after a crash."""

    def prepare(self) -> int | None:
        """Make what is not there yet; returns how far the store itself says it is, None where it does not."""
        ...

    def put(self, piece: Piece) -> None:
        """Hold the piece's rows, each once, whether or not some of them are there from before a crash."""
        ...

    def held(self, table: str, *, upto: int) -> tuple[int, int]:
        """How many rows there are of journal rows up to an id, and how many different ones by key."""
        ...

    def close(self) -> None: ...


def key_of(table: str) -> tuple[int, ...]:
    """Where the key's columns stand in a row."""
    columns = list(TABLES[table])
    return tuple(columns.index(name) for name in KEYS[table])


def pieces(
    store: Store, archive: Path, *, position: int, rows: int, whole_parts: bool, upto: int | None = None
) -> Iterator[Piece]:
    """Everything sealed after a position, in pieces of so many journal rows, or of whole parts."""
    for part in parts(store):
        if part.upto <= position or (upto is not None and part.after >= upto):
            continue
        after = part.after if whole_parts else max(part.after, position)
        waiting = [row for row in part_rows(archive, part) if row[0] > after]
        step = max(len(waiting), 1) if whole_parts else rows
        for first in range(0, max(len(waiting), 1), step):
            some = waiting[first : first + step]
            end = part.upto if first + step >= len(waiting) else some[-1][0]
            yield Piece(after, end, read_slice(store, some, after=after, upto=end))
            after = end
