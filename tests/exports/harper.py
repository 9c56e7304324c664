"""A stand-in for HarperDB's HTTP operations API: the few operations that the sink uses, as its makers document them.

What is inserted is kept in a SQLite file, so that it outlives whoever sent it. Not the server itself: see the sink.
"""

import json
import sqlite3
import threading
from base64 import b64encode
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

USER, PASSWORD = "admin", "secret"


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who sends may be killed at any moment: that is what is tried."""


class Harper:
    """Listens from entering to leaving."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.requests = 0
        self._lock = threading.Lock()
        with closing(self._open()) as made, made:
            made.execute("CREATE TABLE IF NOT EXISTS made (name TEXT PRIMARY KEY)")
            made.execute("CREATE TABLE IF NOT EXISTS record (place TEXT, id TEXT, body TEXT, PRIMARY KEY (place, id))")
        self._server = _Quiet(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"harperdb+http://{USER}:{PASSWORD}@127.0.0.1:{self._server.server_address[1]}/school"

    def records(self, table: str, database: str = "school") -> list[dict[str, Any]]:
        with closing(self._open()) as reading:
            asked = "SELECT body FROM record WHERE place = ? ORDER BY id"
            return [json.loads(row[0]) for row in reading.execute(asked, [f"{database}.{table}"])]

    def clear(self) -> None:
        with closing(self._open()) as writing, writing:
            writing.execute("DELETE FROM made")
            writing.execute("DELETE FROM record")

    def answer(self, asked: dict[str, Any]) -> tuple[int, Any]:
        with self._lock, closing(self._open()) as writing, writing:
            self.requests += 1
            return getattr(self, "_" + asked.pop("operation"))(writing, **asked)  # type: ignore[no-any-return]

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.file, timeout=30)

    def _known(self, writing: sqlite3.Connection, name: str) -> tuple[int, Any]:
        found = writing.execute("SELECT 1 FROM made WHERE name = ?", [name]).fetchone()
        return (200, {"name": name}) if found else (404, {"error": f"'{name}' does not exist"})

    def _make(self, writing: sqlite3.Connection, name: str) -> tuple[int, Any]:
        if self._known(writing, name)[0] == 200:
            return 400, {"error": f"'{name}' already exists"}
        writing.execute("INSERT INTO made VALUES (?)", [name])
        return 200, {"message": f"'{name}' successfully created."}

    def _describe_database(self, writing: sqlite3.Connection, database: str) -> tuple[int, Any]:
        return self._known(writing, database)

    def _describe_table(self, writing: sqlite3.Connection, database: str, table: str) -> tuple[int, Any]:
        return self._known(writing, f"{database}.{table}")

    def _create_database(self, writing: sqlite3.Connection, database: str) -> tuple[int, Any]:
        return self._make(writing, database)

    def _create_table(
        self, writing: sqlite3.Connection, database: str, table: str, primary_key: str
    ) -> tuple[int, Any]:
        assert primary_key == "id"
        return self._make(writing, f"{database}.{table}")

    def _insert(self, writing: sqlite3.Connection, database: str, table: str, records: list[Any]) -> tuple[int, Any]:
        inserted: list[Any] = []
        skipped: list[Any] = []
        for record in records:
            row = (f"{database}.{table}", str(record["id"]), json.dumps(record))
            done = writing.execute("INSERT OR IGNORE INTO record VALUES (?, ?, ?)", row)
            (inserted if done.rowcount else skipped).append(record["id"])
        said = f"inserted {len(inserted)} of {len(records)} records"
        return 200, {"message": said, "inserted_hashes": inserted, "skipped_hashes": skipped}

    def _sql(self, writing: sqlite3.Connection, sql: str) -> tuple[int, Any]:
        """The one statement that the sink asks: how many up to a journal row."""
        head, _, upto = sql.partition(" WHERE journal_id <= ")
        place = head.removeprefix("SELECT COUNT(*) AS held FROM ")
        asked = "SELECT count(*) FROM record WHERE place = ? AND json_extract(body, '$.journal_id') <= ?"
        return 200, [{"held": writing.execute(asked, [place, int(upto)]).fetchone()[0]}]


def _handler(harper: Harper) -> type[BaseHTTPRequestHandler]:
    known = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # head and body leave together

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            allowed = self.headers.get("Authorization") == known
            status, told = harper.answer(asked) if allowed else (401, {"error": "Login failed"})
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """A test says nothing on the side."""

    return Handler
