"""The lake: events, sections and playbacks in Parquet, a file for each stretch of the journal and day, until a day's
files are joined. Derived from archive, ledger and playbacks: it may be dropped and made again.

Which files count is in the database (`LakeFile`), together with how far the journal is sealed: what is read is the
listed files and the rows after that, each event in exactly one of them.
"""

import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings

from playhead.analytics.archive import Part, journal_rows, part_rows, parts, sealed_upto
from playhead.analytics.parquet import engine, listed, load, nowhere_to_rest, write
from playhead.analytics.reading import Reader, Site
from playhead.analytics.shape import ORDER, TABLES, Slice, read_slice
from playhead.core import limits
from playhead.recorder.store import Row, Store

if TYPE_CHECKING:
    import duckdb

FILE_COLUMNS: Final = "path, dataset, day, rows, bytes"
PUT_FILE: Final = f"INSERT INTO analytics_lakefile ({FILE_COLUMNS}) VALUES (?, ?, ?, ?, ?)"
_FILES: Final = f"SELECT {FILE_COLUMNS} FROM analytics_lakefile ORDER BY dataset, day, path"
_MOST_TRIES: Final = 5
_STRETCH: Final = 1_000
"""Of the journal, in ids: what is added up together when the lake is compared with what it follows from."""


@dataclass(frozen=True, slots=True)
class File:
    """A row of `LakeFile`."""

    path: str
    dataset: str
    day: str
    rows: int
    bytes: int

    def to_row(self) -> tuple[object, ...]:
        return (self.path, self.dataset, self.day, self.rows, self.bytes)


def files(reader: Reader) -> list[File]:
    """The files that count."""
    return [File(*row) for row in reader.all(_FILES)]


def write_files(folder: Path, piece: Slice, *, name: str, rest: Callable[[int], None] = nowhere_to_rest) -> list[File]:
    """Write one stretch of the journal: a file for each table and day. They count once the database lists them."""
    scratch = folder / "unfinished"
    written = []
    with engine(scratch) as connection:
        for table, columns in TABLES.items():
            load(connection, table, columns, piece.rows(table), scratch=scratch, rest=rest)
            for (day,) in connection.execute(f"SELECT DISTINCT day::VARCHAR FROM {table} ORDER BY 1").fetchall():
                query = f"SELECT * FROM {table} WHERE day = DATE '{day}' ORDER BY {ORDER[table]}"
                written.append(_written(connection, query, folder, table, day, name))
    return written


def join_files(folder: Path, several: Sequence[File]) -> File:
    """The rows of several files of one table and day in one new file."""
    table, day = several[0].dataset, several[0].day
    with engine(folder / "unfinished") as connection:
        joined = listed(folder / file.path for file in several)
        query = f"SELECT * FROM read_parquet({joined}, hive_partitioning = false) ORDER BY {ORDER[table]}"
        return _written(connection, query, folder, table, day, "joined")


def _written(
    connection: "duckdb.DuckDBPyConnection", query: str, folder: Path, table: str, day: str, name: str
) -> File:
    path = f"{table}/day={day}/{name}-{secrets.token_hex(4)}.parquet"
    done = write(connection, query, folder, path)
    return File(path, table, day, done.rows, done.bytes)


def sweep(folder: Path, keep: Collection[str]) -> int:
    """Remove every file of ours that does not count; returns how many. Only for the one who owns the folder."""
    found = [path for name in (*TABLES, "unfinished") for path in (folder / name).rglob("*") if path.is_file()]
    rubbish = [path for path in found if str(path.relative_to(folder)) not in keep]
    for path in rubbish:
        path.unlink(missing_ok=True)
    return len(rubbish)


# --- reading


@contextmanager
def open_lake(
    *,
    videos: Collection[str] | None = None,
    viewers: Collection[str] | None = None,
    fresh: bool = True,
    reader: Reader | None = None,
    folder: Path | None = None,
    threads: int = 2,
    memory_mb: int | None = None,
) -> "Iterator[duckdb.DuckDBPyConnection]":
    """A connection with the tables `events`, `sections` and `playbacks`, for the length of a block.

    `videos` and `viewers` are the keys that may be seen, None for all. What lies outside is not in the connection at
    all, and no statement can open a file, load an extension or change that. `fresh` adds what is not sealed yet;
    `memory_mb` bounds what a statement may take.
    """
    held, scratch = reader or Site(), (folder or settings.PLAYHEAD_LAKE) / "unfinished"
    counted, recent = _snapshot(held, fresh=fresh)
    with engine(scratch, threads=threads, memory_mb=memory_mb) as connection:
        whole = videos is None and viewers is None
        names = {"videos": videos, "viewers": viewers}
        for name, keys in names.items():
            load(connection, f"_{name}", {"key": "VARCHAR"}, [[key] for key in keys or ()], scratch=scratch)
        for table, columns in TABLES.items():
            load(connection, f"_recent_{table}", columns, recent.rows(table) if recent else (), scratch=scratch)
            paths = [(folder or settings.PLAYHEAD_LAKE) / file.path for file in counted if file.dataset == table]
            connection.execute(_table_of(table, paths, whole=whole, videos=videos, viewers=viewers))
        for name in names:
            connection.execute(f"DROP TABLE _{name}")
        _lock(connection, [(folder or settings.PLAYHEAD_LAKE) / file.path for file in counted] if whole else [])
        yield connection


def _table_of(
    table: str,
    paths: Sequence[Path],
    *,
    whole: bool,
    videos: Collection[str] | None,
    viewers: Collection[str] | None,
) -> str:
    picked = f"SELECT * FROM _recent_{table}"
    if paths:
        picked = f"SELECT * FROM read_parquet({listed(paths)}, hive_partitioning = false) UNION ALL {picked}"
    if whole:
        return f"CREATE VIEW {table} AS {picked}"
    wanted = [
        f"{column} IN (SELECT key FROM {keys})"
        for column, keys, asked in (("video", "_videos", videos), ("viewer", "_viewers", viewers))
        if asked is not None
    ]
    return f"CREATE TABLE {table} AS SELECT * FROM ({picked}) WHERE {' AND '.join(wanted)}; DROP TABLE _recent_{table}"


def _lock(connection: "duckdb.DuckDBPyConnection", readable: Sequence[Path]) -> None:
    if readable:
        connection.execute(f"SET allowed_paths = {listed(readable)}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _snapshot(reader: Reader, *, fresh: bool) -> tuple[list[File], Slice | None]:
    """The files that count and the rows after them, both of one moment: read between two looks at how far sealing is.

    Files that are joined meanwhile hold the same rows, so either list is right.
    """
    counted, recent = files(reader), None
    for _try in range(_MOST_TRIES):
        after = sealed_upto(reader)
        counted = files(reader)
        if fresh:
            [(last,)] = reader.all("SELECT MAX(id) FROM recorder_journal")
            journal = journal_rows(reader, after=after, upto=last or 0)
            recent = read_slice(reader, journal, after=after, upto=last or 0)
        if sealed_upto(reader) == after:
            break
    return counted, recent


# --- making it again


def rebuild(store: Store, *, archive: Path, lake: Path) -> int:
    """Make the lake anew from archive and ledger, then list it instead of what was listed; returns its events."""
    made = []
    for part in parts(store):
        piece = read_slice(store, part_rows(archive, part), after=part.after, upto=part.upto)
        made += write_files(lake, piece, name=f"{part.upto:012}")
    store.begin()
    try:
        store.many("DELETE FROM analytics_lakefile", [[]])
        store.many(PUT_FILE, [file.to_row() for file in made])
        store.commit()
    except BaseException:
        store.rollback()
        raise
    sweep(lake, {file.path for file in made})
    return sum(file.rows for file in made if file.dataset == "events")


def differences(store: Store, *, archive: Path, lake: Path) -> list[str]:
    """Where the lake is not what archive and ledger give: by table, journal rows whose rows differ, a few of them.

    Everything is read once: rows are added up, by their hashes, over stretches of the journal, and only where two sums
    differ are the rows themselves compared.
    """
    found = [f"lake: {file.path} is missing" for file in files(store) if not (lake / file.path).exists()]
    if found:
        return found
    wrong = _stretches_that_differ(store, archive=archive, lake=lake)
    for stretch in wrong[: limits.DIFFERENCES_NAMED]:
        found += _differences_within(store, stretch, archive=archive, lake=lake)
    more = len(wrong) - limits.DIFFERENCES_NAMED
    return found if more <= 0 else [*found, f"lake: {more:,} more stretches of {_STRETCH:,} journal rows differ"]


def _stretches_that_differ(store: Store, *, archive: Path, lake: Path) -> list[int]:
    """Their numbers: the journal's ids divided by the length of a stretch."""
    scratch, all_parts, unread, wrong = lake / "unfinished", parts(store), list[Part](), set[int]()
    with engine(scratch) as connection:
        for table in TABLES:
            connection.execute(f"CREATE TABLE sums_{table} (stretch BIGINT, held BIGINT, hashed HUGEINT)")
        for part in all_parts:
            rows = _readable_rows(archive, part)
            if rows is None:
                unread.append(part)
                continue
            piece = read_slice(store, rows, after=part.after, upto=part.upto)
            for table, columns in TABLES.items():
                load(connection, "piece", columns, piece.rows(table), scratch=scratch)
                connection.execute(f"INSERT INTO sums_{table} {_summed('piece', table)}; DROP TABLE piece")
        for table in TABLES:
            held = _held(store, lake, table, but=unread)
            if held:
                told = f"SELECT stretch, -held, -hashed FROM ({_summed(held, table)})"
                connection.execute(f"INSERT INTO sums_{table} {told}")
            query = f"SELECT stretch FROM sums_{table} GROUP BY 1 HAVING sum(held) <> 0 OR sum(hashed) <> 0"
            wrong |= {row[0] for row in connection.execute(query).fetchall()}
    return sorted(wrong)


def _readable_rows(archive: Path, part: Part) -> list[Row] | None:
    """Nothing of a part that is missing or damaged: the archive's own check names it."""
    import duckdb

    try:
        return part_rows(archive, part)
    except duckdb.Error:
        return None


def _summed(source: str, table: str) -> str:
    names = ", ".join(f'"{name}"' for name in TABLES[table])
    return (
        f"SELECT journal_id // {_STRETCH} AS stretch, count(*) AS held, sum(hash({names})) AS hashed "
        f"FROM {source} GROUP BY 1"
    )


def _held(store: Store, lake: Path, table: str, *, but: Sequence[Part]) -> str:
    """The rows of a table's files, but for those of some parts, as what can stand after FROM; empty without a file."""
    paths = [lake / file.path for file in files(store) if file.dataset == table]
    left_out = " AND ".join(f"NOT (journal_id > {part.after} AND journal_id <= {part.upto})" for part in but)
    read = f"SELECT * FROM read_parquet({listed(paths)}, hive_partitioning = false) WHERE {left_out or 'true'}"
    return f"({read})" if paths else ""


def _differences_within(store: Store, stretch: int, *, archive: Path, lake: Path) -> Iterator[str]:
    """Row by row, of one stretch of the journal."""
    after, upto = stretch * _STRETCH - 1, (stretch + 1) * _STRETCH - 1
    near = [part for part in parts(store) if part.after < upto and part.upto > after]
    read = {part: _readable_rows(archive, part) for part in near}
    rows = [row for some in read.values() for row in some or () if after < row[0] <= upto]
    piece, scratch = read_slice(store, rows, after=after, upto=upto), lake / "unfinished"
    with engine(scratch) as connection:
        for table, columns in TABLES.items():
            load(connection, f"due_{table}", columns, piece.rows(table), scratch=scratch)
            held = _held(store, lake, table, but=[part for part, some in read.items() if some is None])
            connection.execute(
                f"CREATE TABLE held_{table} AS SELECT * FROM {held} WHERE journal_id > {after} AND journal_id <= {upto}"
                if held
                else f"CREATE TABLE held_{table} AS SELECT * FROM due_{table} LIMIT 0"
            )
            for first, second, said in (("due", "held", "lacks"), ("held", "due", "has too much")):
                query = f"SELECT journal_id FROM (FROM {first}_{table} EXCEPT ALL FROM {second}_{table}) ORDER BY 1"
                wrong = [row[0] for row in connection.execute(query).fetchmany(limits.DIFFERENCES_NAMED)]
                if wrong:
                    yield f"lake: {table} {said} rows of journal row {', '.join(map(str, wrong))}"
