"""When the disk or the database server fails: nothing acknowledged, nothing built on doubt, and back by itself."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from playhead.recorder.sqlite import SqliteStore
from tests.postgres import Postgres
from tests.world import World


def failing(store: SqliteStore, name: str, code: int) -> Callable[[], None]:
    """Let one call of `name` fail as SQLite says it; returns what puts it right."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code

    def fail(*_values: object) -> None:
        raise error

    setattr(store, name, fail)
    return lambda: delattr(store, name)


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> list[SqliteStore]:
    """The stores that recorders open from now on."""
    opened: list[SqliteStore] = []
    connect = SqliteStore.__init__

    def remember(store: SqliteStore, path: str) -> None:
        connect(store, path)
        opened.append(store)

    monkeypatch.setattr(SqliteStore, "__init__", remember)
    return opened


def connection(store: SqliteStore) -> Any:
    return store._connection


def test_after_a_failed_sync_nothing_goes_on_over_that_connection(
    stores: list[SqliteStore], tracking_file: Path
) -> None:
    with World(str(tracking_file)) as world:
        opening = world.open()
        [store] = stores
        before = connection(store)
        repair = failing(store, "commit", sqlite3.SQLITE_IOERR_FSYNC)
        refused = world.play(opening, 10_000, 0)
        repair()
        assert (refused.status, refused.body["code"], refused.headers["retry-after"]) == (503, "storage_failed", "5")
        again = world.post(opening.ticket, opening.sent[0])
        assert (again.status, again.body["credited_ms"]) == (200, 10_000)
        assert connection(store) is not before
        assert world.differences() == []


def test_the_log_is_emptied_into_the_file_before_anything_is_built_on_it(tracking_file: Path) -> None:
    with World(str(tracking_file)) as world, closing(SqliteStore(str(tracking_file))) as store:
        world.play(world.open(), 10_000, 0)
        log = Path(f"{tracking_file}-wal")
        assert log.stat().st_size > 0
        store.mend()
        assert log.stat().st_size == 0
        assert world.differences() == []


def test_while_the_log_cannot_be_emptied_nothing_is_taken(stores: list[SqliteStore], tracking_file: Path) -> None:
    with World(str(tracking_file)) as world:
        opening = world.open()
        stores[0].suspect = True
        repair = failing(stores[0], "mend", sqlite3.SQLITE_IOERR_WRITE)
        assert world.play(opening, 10_000, 0).status == 503
        repair()
        assert world.post(opening.ticket, opening.sent[0]).body["status"] == "recorded"


def test_a_full_disk_is_told_and_leaves_the_connection_alone(stores: list[SqliteStore], tracking_file: Path) -> None:
    with World(str(tracking_file)) as world:
        opening = world.open()
        [store] = stores
        before = connection(store)
        repair = failing(store, "commit", sqlite3.SQLITE_FULL)
        refused = world.play(opening, 10_000, 0)
        repair()
        assert (refused.status, refused.body["code"], refused.headers["retry-after"]) == (507, "storage_full", "10")
        assert world.post(opening.ticket, opening.sent[0]).body["status"] == "recorded"
        assert connection(store) is before
        assert world.differences() == []


@pytest.mark.postgres
def test_a_restarted_database_server_is_found_again(postgres: Postgres) -> None:
    database = postgres.new_database()
    with World(database) as world:
        opening = world.open()
        with psycopg.connect(database, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        refused = world.play(opening, 10_000, 0)
        assert (refused.status, refused.body["code"]) == (503, "storage_failed")
        assert world.post(opening.ticket, opening.sent[0]).body["status"] == "recorded"
        assert world.differences() == []


def test_a_recorder_whose_thread_has_died_says_so(tracking_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with World(str(tracking_file)) as world:
        opening = world.open()
        monkeypatch.setattr(world.recorder, "_gather", list)  # nothing more to do: the thread ends
        world.play(opening, 10_000, 0)
        thread = world.recorder._thread
        assert thread is not None
        thread.join()
        answer = world.post(opening.ticket, opening.sent[0])
        assert (answer.status, answer.body["code"]) == (503, "not_recording")
