"""Any PostgreSQL as a sink: rows and position in one transaction, so that neither is there without the other.

Needs the extra `postgres`. `postgresql://user:password@host/name?schema=playhead`; the schema is made.
"""

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from playhead.analytics.shape import TABLES
from playhead.exports.sinks.pieces import KEYS, Piece

_TIMEOUT_MS: Final = 60_000
_OPTIONS: Final = {"connect_timeout": 10, "options": f"-c statement_timeout={_TIMEOUT_MS}", "tcp_user_timeout": 60_000}


class Postgres:
    """Exactly once by the store's own transactions; two feeders at once wait for one another at the position."""

    whole_parts = False

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        asked = dict(parse_qsl(parts.query))
        self._schema = asked.pop("schema", "playhead")
        url = urlunsplit(parts._replace(query=urlencode(asked), netloc=parts.netloc or "@"))
        options: dict[str, Any] = dict(_OPTIONS)
        self._connection = psycopg.connect(url, **options)

    def prepare(self) -> int:
        with self._connection.transaction():
            self._do(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self._schema)))
            for table, columns in TABLES.items():
                described = ", ".join(f"{name} {_type_of(kind)}" for name, kind in columns.items())
                key = ", ".join(KEYS[table])
                made = f"CREATE TABLE IF NOT EXISTS {{}} ({described}, PRIMARY KEY ({key}))"
                self._do(sql.SQL(made).format(self._named(table)))
            made = "CREATE TABLE IF NOT EXISTS {} (id integer PRIMARY KEY, journal_id bigint NOT NULL)"
            self._do(sql.SQL(made).format(self._named("position")))
            begun = sql.SQL("INSERT INTO {} VALUES (1, 0) ON CONFLICT DO NOTHING").format(self._named("position"))
            self._do(begun)
        return self._position()

    def _position(self, *, lock: bool = False) -> int:
        asked = sql.SQL("SELECT journal_id FROM {} FOR UPDATE" if lock else "SELECT journal_id FROM {}")
        with self._connection.transaction():
            return int(self._do(asked.format(self._named("position"))).fetchall()[0][0])

    def put(self, piece: Piece) -> None:
        with self._connection.transaction():
            at = self._position(lock=True)
            if at >= piece.upto:
                return
            for table in TABLES:
                self._copy(table, piece, after=at)
            moved = sql.SQL("UPDATE {} SET journal_id = %s").format(self._named("position"))
            self._do(moved, [piece.upto])

    def _copy(self, table: str, piece: Piece, *, after: int) -> None:
        journal_id = list(TABLES[table]).index("journal_id")
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(
            self._named(table), sql.SQL(", ").join(map(sql.Identifier, TABLES[table]))
        )
        with self._connection.cursor() as cursor, cursor.copy(into) as copy:
            for row in piece.rows(table):
                if int(str(row[journal_id])) > after:
                    copy.write_row([_text(value) for value in row])

    def held(self, table: str, *, upto: int) -> tuple[int, int]:
        asked = sql.SQL("SELECT count(*), count(DISTINCT ({})) FROM {} WHERE journal_id <= %s").format(
            sql.SQL(", ").join(map(sql.Identifier, KEYS[table])), self._named(table)
        )
        with self._connection.transaction():
            [(rows, different)] = self._do(asked, [upto]).fetchall()
        return int(rows), int(different)

    def close(self) -> None:
        self._connection.close()

    def _named(self, table: str) -> sql.Identifier:
        return sql.Identifier(self._schema, table)

    def _do(self, statement: sql.Composed, values: list[object] | None = None) -> psycopg.Cursor[Any]:
        return self._connection.execute(statement, values)


def _type_of(kind: str) -> str:
    return "text" if kind == "VARCHAR" else kind.lower()


def _text(value: object) -> object:
    """A text of PostgreSQL's has no NUL."""
    return value.replace("\0", "�") if isinstance(value, str) else value
