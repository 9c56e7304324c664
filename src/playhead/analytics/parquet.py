"""Parquet files, made whole or not at all, by DuckDB alone: rows go in as lines of JSON, for the default install has
neither pyarrow nor numpy."""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    import duckdb

_ROWS_AT_ONCE: Final = 256
_UNFINISHED: Final = ".unfinished"
_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is on disk under its own name: its path within the folder, rows, bytes, SHA-256."""

    path: str
    rows: int
    bytes: int
    digest: str


@contextmanager
def engine(scratch: Path, *, threads: int = 1, memory_mb: int | None = None) -> "Iterator[duckdb.DuckDBPyConnection]":
    """A DuckDB in memory that spills into `scratch`, for the length of a block; with `memory_mb`, in no more than that.

    No table can be named after a Python variable: what is asked may come from anybody.
    """
    import duckdb  # a fifth of a second, which a server's start has no need of

    scratch.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "temp_directory": str(scratch),
        "python_enable_replacements": False,
    }
    if memory_mb is not None:
        config["memory_limit"] = f"{memory_mb}MB"
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def nowhere_to_rest(_rows: int) -> None:
    """Who works alone need not rest."""


def load(
    connection: "duckdb.DuckDBPyConnection",
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[object]],
    *,
    scratch: Path,
    rest: Callable[[int], None] = nowhere_to_rest,
) -> None:
    """Make a table of these columns (name to type) and rows; bytes become a BLOB. `rest` is called now and then."""
    described = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    connection.execute(f"CREATE TABLE {table} ({described})")
    lines = scratch / f"{secrets.token_hex(8)}.ndjson"
    try:
        if not _write_lines(lines, list(columns), iter(rows), rest):
            return
        told = {name: "VARCHAR" if kind == "BLOB" else kind for name, kind in columns.items()}
        picked = ", ".join(
            f'from_base64("{name}")' if kind == "BLOB" else f'"{name}"' for name, kind in columns.items()
        )
        spelled = ", ".join(f"\"{name}\": '{kind}'" for name, kind in told.items())
        connection.execute(
            f"INSERT INTO {table} SELECT {picked} FROM read_json(?, format = 'newline_delimited', "
            f"columns = {{{spelled}}}, maximum_object_size = 67108864)",
            [str(lines)],
        )
    finally:
        lines.unlink(missing_ok=True)


def _write_lines(path: Path, names: list[str], rows: Iterator[Sequence[object]], rest: Callable[[int], None]) -> int:
    written = 0
    with path.open("wb") as file:
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            file.write(b"".join([_encode(dict(zip(names, row, strict=True))) + b"\n" for row in some]))
            written += len(some)
            rest(len(some))
    return written


def write(connection: "duckdb.DuckDBPyConnection", query: str, folder: Path, path: str) -> Written:
    """Write a query's rows to `folder/path`: synced, then renamed, so that a file with this name is whole."""
    final = folder / path
    final.parent.mkdir(parents=True, exist_ok=True)
    unfinished = final.with_name(f"{final.name}.{secrets.token_hex(4)}{_UNFINISHED}")
    try:
        [(rows,)] = connection.execute(
            f"COPY ({query}) TO '{_quoted(unfinished)}' (FORMAT parquet, COMPRESSION zstd)"
        ).fetchall()
        digest = _sync(unfinished)
        size = unfinished.stat().st_size
        unfinished.rename(final)
        sync_folder(final.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return Written(path, int(rows), size, digest)


def listed(paths: Iterable[Path]) -> str:
    """Files as DuckDB's list of texts, for `read_parquet`."""
    return "[" + ", ".join(f"'{_quoted(path)}'" for path in paths) + "]"


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """A new name is only safe when the folder that holds it is synced."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync(path: Path) -> str:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
