"""ClickHouse as a sink. Needs the extra `clickhouse`.

`clickhouse://user:password@host:8443/database` speaks HTTPS, `clickhouse+http://` plain HTTP; `chdb:///folder` is
ClickHouse's own engine in this process, for tests.

It has no transactions: a piece goes in as one block for each table, and up to the last journal row that a new
connection finds there, only what is missing is put. The tables are ReplacingMergeTree by the rows' keys, so that even a
block that the server finishes after its sender was given up does not stay twice.
"""

from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from playhead.analytics.clickhouse import create_tables
from playhead.analytics.shape import TABLES
from playhead.exports.sinks.pieces import KEYS, Piece, Row, key_of

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_CONNECT_S: Final = 10
_READ_S: Final = 60


class ClickHouse:
    whole_parts = False

    def __init__(self, address: str) -> None:
        self._client = _client(address)
        self._reached = 0

    def prepare(self) -> None:
        create_tables(self._client, engine="ReplacingMergeTree")
        asked = " UNION ALL ".join(f"SELECT max(journal_id) FROM {table}" for table in TABLES)  # noqa: S608
        self._reached = max(int(row[0]) for row in self._client.query(asked).result_rows)

    def put(self, piece: Piece) -> None:
        for table, columns in TABLES.items():
            rows = piece.rows(table)
            if rows and piece.after < self._reached:
                there, at = self._keys(table, piece), key_of(table)
                rows = [row for row in rows if tuple(row[place] for place in at) not in there]
            if rows:
                self._client.insert(table, [_typed(row) for row in rows], column_names=list(columns))

    def _keys(self, table: str, piece: Piece) -> set[tuple[object, ...]]:
        asked = f"SELECT {', '.join(KEYS[table])} FROM {table} WHERE journal_id > {piece.after} AND journal_id <= {piece.upto}"  # noqa: E501, S608 - our own names and numbers
        return {tuple(row) for row in self._client.query(asked).result_rows}

    def held(self, table: str, *, upto: int) -> tuple[int, int]:
        asked = f"SELECT count(), uniqExact({', '.join(KEYS[table])}) FROM {table} WHERE journal_id <= {upto}"  # noqa: S608
        [(rows, different)] = self._client.query(asked).result_rows
        return int(rows), int(different)

    def close(self) -> None:
        self._client.close()


def _typed(row: Row) -> list[object]:
    """The day, first in every table, as the driver wants it."""
    return [date.fromisoformat(str(row[0])), *row[1:]]


def _client(address: str) -> "Client":
    import clickhouse_connect

    parts = urlsplit(address)
    if parts.scheme == "chdb":
        return clickhouse_connect.get_client(interface="chdb", path=parts.path)
    secure = parts.scheme != "clickhouse+http"
    return clickhouse_connect.get_client(
        host=parts.hostname or "localhost",
        port=parts.port or (8443 if secure else 8123),
        interface="https" if secure else "http",
        username=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        database=parts.path.strip("/") or "default",
        connect_timeout=_CONNECT_S,
        send_receive_timeout=_READ_S,
    )
