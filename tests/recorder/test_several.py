"""Several recorders on one PostgreSQL: what one loses to another is tried again, and nothing counts twice."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import errors

from playhead.core import limits
from playhead.core.tickets import verify
from playhead.recorder.batches import parse_batch
from playhead.recorder.operations import RecordBatch, Recorded
from playhead.recorder.postgres import PostgresStore
from playhead.recorder.recorder import Recorder
from playhead.recorder.store import Store
from playhead.recorder.workspace import Cache, Workspace
from tests.postgres import Postgres
from tests.world import KEYS, Opening, World, section

pytestmark = pytest.mark.postgres
_BATCHES = 40


def serializable(database: str) -> str:
    """The same database where concurrent transactions fail rather than wait for one another's outcome."""
    asked = "options=-c%20default_transaction_isolation%3Dserializable"
    parts = urlsplit(database)
    return urlunsplit(parts._replace(query=f"{parts.query}&{asked}" if parts.query else asked))


def batch(world: World, opening: Opening, seq: int) -> RecordBatch:
    at = 10_000 * seq
    claimed = section(at, at + 10_000, at, at + 10_000)
    body = json.dumps({"seq": seq, "sent": at + 10_000, "sections": [claimed], "events": []}).encode()
    ticket = verify(opening.ticket, keys=KEYS, now_s=world.clock.now_ms() // 1000)
    return RecordBatch.under(ticket, seq, parse_batch(body).claims(), body, world.clock.now_ms())


@contextmanager
def recorders(world: World, database: str, count: int) -> Iterator[list[Recorder]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Recorder(database, clock=world.clock)) for _ in range(count)]


def send_all(recorder: Recorder, batches: list[RecordBatch], answers: list[Recorded]) -> None:
    for one in batches:
        answers.append(recorder.do(one))


@pytest.fixture
def races(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """The races that were lost."""
    lost: list[Exception] = []
    asked = PostgresStore.lost_a_race

    def remember(store: PostgresStore, error: Exception) -> bool:
        if found := asked(store, error):
            lost.append(error)
        return found

    monkeypatch.setattr(PostgresStore, "lost_a_race", remember)
    return lost


def test_every_batch_counts_once_whoever_writes_it(
    postgres: Postgres, races: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same batches by way of three recorders at once, which all write the same viewers."""
    monkeypatch.setattr(limits, "TRANSACTION_TRIES", 1_000)  # what is tested is that trying again is harmless
    database = postgres.new_database()
    with World(database) as world:
        openings = [world.open(viewer, "film") for viewer in ("bob", "eve")]
        world.clock.forward(10_000 * _BATCHES)
        batches = [batch(world, opening, seq) for seq in range(_BATCHES) for opening in openings]
        answers: list[list[Recorded]] = [[], [], []]
        with recorders(world, serializable(database), 3) as several:
            threads = [
                threading.Thread(target=send_all, args=(recorder, batches, told))
                for recorder, told in zip(several, answers, strict=True)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert [len(told) for told in answers] == [len(batches)] * 3
        recorded = sum(not answer.duplicate for told in answers for answer in told)
        assert recorded == len(batches), "once, and by whom does not matter"
        for opening in openings:
            assert world.rows(
                "SELECT watched_ms, covered_ms FROM recorder_progress p "
                f"JOIN recorder_viewer v ON v.id = p.viewer_id WHERE v.key = '{opening.viewer}'"
            ) == [(10_000 * _BATCHES, 10_000 * _BATCHES)]
        assert world.differences() == []
    assert all(isinstance(error, errors.SerializationFailure) for error in races)


def test_a_deadlock_is_tried_again(postgres: Postgres, races: list[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one: two transactions, each of which wants the viewer that the other one has locked."""
    database = postgres.new_database()
    with World(database) as world, psycopg.connect(database) as other:
        opening = world.open("bob")
        world.open("ann")
        world.clock.forward(10_000)
        statement = "SELECT 1 FROM recorder_viewer WHERE key = %s FOR UPDATE"
        waits, flush = threading.Event(), Workspace.flush

        def lock_ann_too(space: Workspace) -> None:
            if not waits.is_set():
                waits.set()
                space.store.all("SELECT 1 FROM recorder_viewer WHERE key = ? FOR UPDATE", ["ann"])
            flush(space)

        monkeypatch.setattr(Workspace, "flush", lock_ann_too)
        other.execute("SET deadlock_timeout = '10s'")  # so that the recorder is the one that gives way
        other.execute(statement, ["ann"])
        told: list[Recorded] = []
        thread = threading.Thread(target=send_all, args=(world.recorder, [batch(world, opening, 0)], told))
        thread.start()
        assert waits.wait(20)
        other.execute(statement, ["bob"])
        other.rollback()
        thread.join()
        assert [answer.duplicate for answer in told] == [False]
        assert world.differences() == []
    assert [type(error) for error in races] == [errors.DeadlockDetected]


def test_who_always_loses_is_told_to_come_again(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = 0

    def lose(_store: Store) -> None:
        nonlocal tries
        tries += 1
        raise errors.SerializationFailure("could not serialize access")

    with World(postgres.new_database()) as world:
        opening = world.open()
        monkeypatch.setattr(PostgresStore, "commit", lose)
        refused = world.play(opening, 10_000, 0)
        monkeypatch.undo()
        assert (refused.status, refused.body["code"], refused.headers["retry-after"]) == (503, "storage_failed", "5")
        assert tries == limits.TRANSACTION_TRIES
        assert world.post(opening.ticket, opening.sent[0]).body["status"] == "recorded"
        assert world.differences() == []


def test_a_recorder_that_goes_on_with_the_rows_of_the_first_try_is_caught(
    postgres: Postgres, races: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = PostgresStore.commit

    def lose_once(store: PostgresStore) -> None:
        if not races:
            raise errors.SerializationFailure("could not serialize access")
        commit(store)

    with World(postgres.new_database()) as world:
        opening = world.open()
        monkeypatch.setattr(Cache, "clear", lambda _cache: None)
        monkeypatch.setattr(PostgresStore, "commit", lose_once)
        world.play(opening, 10_000, 0)
        assert world.differences() != []


@pytest.mark.parametrize("refused_at", range(4, 9))  # the library prepares what it has sent five times
def test_what_stood_behind_a_refused_statement_is_asked_again(postgres: Postgres, refused_at: int) -> None:
    """The server skips it, and with it that it was to be kept prepared: nobody may suppose that it was."""
    question = "SELECT id FROM recorder_viewer WHERE key", ["bob"]
    with closing(PostgresStore(postgres.new_database())) as store:
        for turn in range(12):
            store.begin()
            if turn in {0, refused_at}:
                store.many("SELECT 1 / ?", [[0]])
                with pytest.raises(errors.DivisionByZero):
                    store.all_in(*question)
                store.rollback()
            else:
                assert store.all_in(*question) == []
                store.commit()
