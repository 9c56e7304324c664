"""HarperDB as a sink, by the HTTP operations API that its makers document: `insert`, `sql`, and `create_*` for tables.

`harperdb://user:password@host:9925/database` speaks HTTPS, `harperdb+http://` plain HTTP. Written from the public
documentation and tried against a stand-in: the server itself is under a licence that keeps it out of our tests.

A record's `id` is made of its row's key. `insert` skips an id that is there already, so a record is there once however
often it is sent.
"""

from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx

from playhead.analytics.shape import TABLES
from playhead.core.errors import PlayheadError
from playhead.exports.sinks.pieces import Piece, Row, key_of

_RECORDS_A_REQUEST: Final = 500
_TIMES: Final = httpx.Timeout(60, connect=10)
_GONE: Final = 404


class HarperDB:
    whole_parts = False

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        scheme = "http" if parts.scheme == "harperdb+http" else "https"
        self._database = parts.path.strip("/") or "playhead"
        self._client = httpx.Client(
            base_url=f"{scheme}://{parts.hostname}:{parts.port or 9925}",
            auth=(unquote(parts.username or ""), unquote(parts.password or "")),
            timeout=_TIMES,
        )

    def prepare(self) -> None:
        if not self._is_there("describe_database"):
            self._do("create_database")
        for table in TABLES:
            if not self._is_there("describe_table", table=table):
                self._do("create_table", table=table, primary_key="id")

    def put(self, piece: Piece) -> None:
        for table in TABLES:
            records = [_record(table, row) for row in piece.rows(table)]
            for first in range(0, len(records), _RECORDS_A_REQUEST):
                some = records[first : first + _RECORDS_A_REQUEST]
                told = self._do("insert", table=table, records=some)
                taken = len(told.get("inserted_hashes", [])) + len(told.get("skipped_hashes", []))
                if taken != len(some):
                    raise PlayheadError("not_taken", f"HarperDB took {taken} of {len(some)} records of {table}.")

    def held(self, table: str, *, upto: int) -> tuple[int, int]:
        asked = f"SELECT COUNT(*) AS held FROM {self._database}.{table} WHERE journal_id <= {upto}"  # noqa: S608
        [row] = self._do("sql", database=False, sql=asked)
        return int(row["held"]), int(row["held"])  # its id is the key: none can be there twice

    def close(self) -> None:
        self._client.close()

    def _is_there(self, operation: str, **asked: Any) -> bool:
        answer = self._client.post("/", json={"operation": operation, "database": self._database, **asked})
        if answer.status_code != _GONE:
            answer.raise_for_status()
        return answer.status_code != _GONE

    def _do(self, operation: str, *, database: bool = True, **asked: Any) -> Any:
        where = {"database": self._database} if database else {}
        answer = self._client.post("/", json={"operation": operation, **where, **asked})
        answer.raise_for_status()
        return answer.json()


def _record(table: str, row: Row) -> dict[str, object]:
    key = "-".join(str(row[place]) for place in key_of(table))
    return {"id": key, **dict(zip(TABLES[table], row, strict=True))}
