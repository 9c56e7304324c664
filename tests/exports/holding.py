"""What a sink's store holds, read by the store's own means: rows in the form of the lake's tables."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import duckdb

from playhead.analytics.shape import TABLES

Rows = list[tuple[Any, ...]]


def held(sink: str, address: str, *, scratch: Path) -> dict[str, Rows]:
    found = _READERS[sink](address, scratch)
    return {table: [(str(row[0]), *row[1:]) for row in rows] for table, rows in found.items()}


def _clickhouse(address: str, _scratch: Path) -> dict[str, Rows]:
    import clickhouse_connect

    client = clickhouse_connect.get_client(interface="chdb", path=urlsplit(address).path)
    asked = {table: f"SELECT {', '.join(columns)} FROM {table}" for table, columns in TABLES.items()}
    return {table: [tuple(row) for row in client.query(query).result_rows] for table, query in asked.items()}


def _postgres(address: str, _scratch: Path) -> dict[str, Rows]:
    import psycopg

    parts = urlsplit(address)
    query = urlencode([pair for pair in parse_qsl(parts.query) if pair[0] != "schema"])
    with psycopg.connect(urlunsplit(parts._replace(query=query, netloc=parts.netloc or "@"))) as connection:
        return {
            table: connection.execute(f"SELECT {', '.join(columns)} FROM playhead.{table}".encode()).fetchall()
            for table, columns in TABLES.items()
        }


def _files(address: str, _scratch: Path) -> dict[str, Rows]:
    """As anybody would read the folder: all of it."""
    with duckdb.connect() as connection:
        return {
            table: connection.execute(
                f"SELECT {', '.join(columns)} FROM read_parquet('{address}/{table}/*.parquet')"
            ).fetchall()
            for table, columns in TABLES.items()
        }


def _s3(address: str, scratch: Path) -> dict[str, Rows]:
    from playhead.exports.places import place_at

    place, copy = place_at(address), scratch / "fetched"
    for table in TABLES:
        (copy / table).mkdir(parents=True, exist_ok=True)
        for old in (copy / table).iterdir():
            old.unlink()
        for name in place.names(table):
            place.fetch(name, copy / name)
    return _files(str(copy), scratch)


def _harperdb(_address: str, scratch: Path) -> dict[str, Rows]:
    from tests.exports.harper import Harper

    reading = Harper(scratch / "harper.sqlite3")
    return {
        table: [tuple(record[name] for name in columns) for record in reading.records(table)]
        for table, columns in TABLES.items()
    }


_READERS: dict[str, Callable[[str, Path], dict[str, Rows]]] = {
    "clickhouse": _clickhouse,
    "postgres": _postgres,
    "files": _files,
    "s3": _s3,
    "harperdb": _harperdb,
}
