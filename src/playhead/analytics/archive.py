"""The archive: the journal's rows as they were, in Parquet files that are written once. With them the truth is kept
when the rows' bodies have left the database.

A part counts when the database lists it (`ArchivePart`), which happens in the transaction that moves on how far the
journal is sealed. A file that is not listed belongs to a sealing that was broken off, and is made anew.
"""

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, Self

from playhead.analytics.parquet import Written, digest_of, engine, listed, load, nowhere_to_rest, write
from playhead.analytics.reading import Reader
from playhead.recorder.store import Row, Store

LEFT: Final = b""
"""The body of a journal row whose body is in the archive alone: no row was ever written with an empty one."""
COLUMNS: Final = {
    "id": "BIGINT",
    "kind": "VARCHAR",
    "viewer_id": "BIGINT",
    "playback_id": "BIGINT",
    "seq": "BIGINT",
    "received_at": "BIGINT",
    "rule_version": "INTEGER",
    "body": "BLOB",
}
_NAMES: Final = ", ".join(COLUMNS)
_SLICE: Final = f"SELECT {_NAMES} FROM recorder_journal WHERE id > ? AND id <= ? ORDER BY id"
PART_COLUMNS: Final = "after, upto, path, rows, bytes, digest, last_received_at, sealed_at, bodies_left"
_PARTS: Final = f"SELECT {PART_COLUMNS} FROM analytics_archivepart ORDER BY after"
_FETCHED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Part:
    """A row of `ArchivePart`."""

    after: int
    upto: int
    path: str
    rows: int
    bytes: int
    digest: str
    last_received_at: int
    sealed_at: int
    bodies_left: bool = False


def parts(reader: Reader) -> list[Part]:
    """Every part that counts, in the order of the journal."""
    return [_part(row) for row in reader.all(_PARTS)]


def _part(row: Row) -> Part:
    values = list(row)
    values[-1] = bool(values[-1])  # SQLite gives 0 or 1
    return Part(*values)


def sealed_upto(reader: Reader) -> int:
    """The last journal id that is in the archive."""
    [(upto,)] = reader.all("SELECT MAX(upto) FROM analytics_archivepart")
    return int(upto or 0)


def journal_rows(reader: Reader, *, after: int, upto: int) -> list[Row]:
    """The journal's rows after one id and up to another, their bodies as bytes."""
    return [(*row[:7], bytes(row[7])) for row in reader.all(_SLICE, [after, upto])]


def write_part(
    folder: Path,
    rows: Sequence[Row],
    *,
    after: int,
    upto: int,
    sealed_at: int,
    rest: Callable[[int], None] = nowhere_to_rest,
) -> Part:
    """Put rows into a new file. It counts once the database lists it."""
    last_received_at = max((row[5] for row in rows), default=0)
    month = datetime.fromtimestamp(last_received_at / 1000, tz=UTC).strftime("%Y-%m")
    path = f"{month}/{after + 1:012}-{upto:012}-{secrets.token_hex(4)}.parquet"
    scratch = folder / "unfinished"
    with engine(scratch) as connection:
        coded = ((*row[:7], b64encode(row[7]).decode()) for row in rows)
        load(connection, "journal", COLUMNS, coded, scratch=scratch, rest=rest)
        written: Written = write(connection, f"SELECT {_NAMES} FROM journal ORDER BY id", folder, path)
    return Part(after, upto, path, written.rows, written.bytes, written.digest, last_received_at, sealed_at)


def part_rows(folder: Path, part: Part) -> list[Row]:
    """The journal's rows that are in one part."""
    with engine(folder / "unfinished") as connection:
        query = f"SELECT {_NAMES} FROM read_parquet({listed([folder / part.path])}) ORDER BY id"
        return connection.execute(query).fetchall()


def whole_rows(reader: Reader, folder: Path, *, after: int, upto: int) -> list[Row]:
    """The journal's rows, those whose bodies have left with what the archive has of them."""
    rows = journal_rows(reader, after=after, upto=upto)
    gone = [row[0] for row in rows if row[7] == LEFT]
    if not gone:
        return rows
    kept = bodies(reader, folder, gone)
    return [(*row[:7], kept.get(row[0], LEFT)) if row[7] == LEFT else row for row in rows]


def bodies(reader: Reader, folder: Path, ids: Sequence[int]) -> dict[int, bytes]:
    """What the archive holds of these journal rows; of one that it does not have, nothing."""
    first, last = min(ids, default=0), max(ids, default=-1)
    files = [folder / part.path for part in parts(reader) if part.after < last and part.upto >= first]
    present = [file for file in files if file.exists()]
    if not present:
        return {}
    with engine(folder / "unfinished") as connection:
        query = f"SELECT id, body FROM read_parquet({listed(present)}) WHERE id IN (SELECT unnest(?))"
        return dict(connection.execute(query, [list(ids)]).fetchall())


class Bodies:
    """The bodies that have left, viewer by viewer, for who goes through all viewers in the order of their numbers.

    One pass over the archive, sorted by viewer. Whoever is asked for out of turn is looked up alone.
    """

    def __init__(self, reader: Reader, folder: Path) -> None:
        self._reader, self._folder = reader, folder
        self._stack = ExitStack()
        self._viewers: Iterator[tuple[int, Iterator[Row]]] | None = None
        self._at: tuple[int, dict[int, bytes]] = (0, {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stack.close()

    def __call__(self, viewer_id: int, ids: Sequence[int]) -> Mapping[int, bytes]:
        if self._viewers is None:
            self._viewers = groupby(self._pass(), key=itemgetter(0))
        while self._at[0] < viewer_id and (found := next(self._viewers, None)):
            self._at = (found[0], {row[1]: row[2] for row in found[1]} if found[0] == viewer_id else {})
        if self._at[0] == viewer_id and all(journal_id in self._at[1] for journal_id in ids):
            return self._at[1]
        return bodies(self._reader, self._folder, ids)

    def _pass(self) -> Iterator[Row]:
        files = [file for part in parts(self._reader) if (file := self._folder / part.path).exists()]
        if not files:
            return
        connection = self._stack.enter_context(engine(self._folder / "unfinished"))
        query = f"SELECT viewer_id, id, body FROM read_parquet({listed(files)}) ORDER BY viewer_id, id"
        with closing(connection.execute(query)) as rows:
            while some := rows.fetchmany(_FETCHED):
                yield from some


def sweep(store: Store, folder: Path) -> list[str]:
    """Remove what a sealing left behind; returns the parts that stay, because they hold what the database does not.

    A whole part that is not listed goes only if its rows are the database's own: after a backup was restored, the
    archive may be the one place that has them.
    """
    known = {part.path for part in parts(store)}
    strange = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        if path.suffix == ".parquet" and name not in known and not _is_superfluous(store, folder, name):
            strange.append(name)
        elif name not in known:
            path.unlink(missing_ok=True)
    return strange


def _is_superfluous(store: Store, folder: Path, path: str) -> bool:
    import duckdb

    try:
        rows = part_rows(folder, Part(0, 0, path, 0, 0, "", 0, 0))
    except duckdb.Error:
        return True  # it cannot be read: nothing is lost with it
    if not rows:
        return True
    first, last = rows[0][0], rows[-1][0]
    return whole_rows(store, folder, after=first - 1, upto=last) == rows


def differences(store: Store, folder: Path) -> list[str]:
    """What is wrong between journal and archive, in words: parts with gaps, files that are missing or changed, rows
    that are not what the database has, or that are in neither."""
    found, before = [], 0
    for part in parts(store):
        if part.after != before:
            found.append(f"archive: journal ids {before + 1} to {part.after} are in no part")
        before = part.upto
        found += _part_differences(store, folder, part)
    return found


def _part_differences(store: Store, folder: Path, part: Part) -> Iterable[str]:
    import duckdb

    path = folder / part.path
    if not path.exists():
        yield f"archive: {part.path} is missing"
        return
    if path.stat().st_size != part.bytes or digest_of(path) != part.digest:
        yield f"archive: {part.path} is not the file that was written"
    try:
        archived = {row[0]: row for row in part_rows(folder, part)}
    except duckdb.Error as error:
        yield f"archive: {part.path} cannot be read: {str(error).splitlines()[0]}"
        return
    stored = {row[0]: row for row in journal_rows(store, after=part.after, upto=part.upto)}
    if len(archived) != part.rows:
        yield f"archive: {part.path} has {len(archived)} rows instead of {part.rows}"
    for journal_id in sorted(stored.keys() | archived.keys()):
        if (said := _row_difference(stored.get(journal_id), archived.get(journal_id))) is not None:
            yield f"archive: journal row {journal_id}: {said}"


def _row_difference(stored: Row | None, archived: Row | None) -> str | None:
    if stored is None:
        return "only the archive has it"
    if archived is None:
        return "the archive does not have it"
    if stored[:7] != archived[:7] or stored[7] not in {LEFT, archived[7]}:
        return "the archive has another one"
    return None
