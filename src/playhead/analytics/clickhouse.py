"""The lake's tables in ClickHouse: the warehouse beyond one machine, asked with the same named queries.

Needs the extra `clickhouse`. `interface="chdb"` runs ClickHouse's own engine in this process (for tests); a server is
reached with clickhouse-connect's own arguments.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from playhead.analytics.queries import Answer, catalogue
from playhead.analytics.shape import ORDER, TABLES

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_TYPES: Final = {
    "DATE": "Date32",
    "BIGINT": "Int64",
    "INTEGER": "Int32",
    "VARCHAR": "String",
    "BOOLEAN": "Bool",
}
_NULLABLE: Final = frozenset({"rate", "from_ms", "to_ms", "duration_ms"})


def create_tables(client: "Client", *, engine: str = "MergeTree") -> None:
    """Make the three tables where they are not there yet, sorted as the lake's files are."""
    for table, columns in TABLES.items():
        described = ", ".join(f"{name} {_type_of(name, kind)}" for name, kind in columns.items())
        client.command(
            f"CREATE TABLE IF NOT EXISTS {table} ({described}) ENGINE = {engine} "
            f"PARTITION BY toYYYYMM(day) ORDER BY ({ORDER[table]})"
        )


def load_files(client: "Client", table: str, paths: Sequence[Path]) -> None:
    """Add files of the lake that the engine itself can read: chDB, or a server that has them as `user_files`."""
    for path in paths:
        names = ", ".join(TABLES[table])
        client.command(f"INSERT INTO {table} ({names}) SELECT {names} FROM file('{path}', 'Parquet')")


def run(client: "Client", name: str, **values: Any) -> Answer:
    """Ask a named query. Raises KeyError for a name that is none."""
    # As in every other engine, `sum(x) AS x` sums the column.
    done = client.query(
        catalogue()[name].for_clickhouse, parameters=values, settings={"prefer_column_name_to_alias": 1}
    )
    return Answer(list(done.column_names), [tuple(row) for row in done.result_rows])


def _type_of(name: str, kind: str) -> str:
    return f"Nullable({_TYPES[kind]})" if name in _NULLABLE else _TYPES[kind]
