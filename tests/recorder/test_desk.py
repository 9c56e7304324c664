"""Several processes and one owner of the file: what each hands over is recorded once, and answered as if at home."""

import os
import pickle
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from playhead.collector.app import Collector
from playhead.core.errors import Conflict, Forbidden, Invalid, StorageFull, Unavailable
from playhead.recorder import wire
from playhead.recorder.desk import Desk, far_database, socket_of
from playhead.recorder.operations import ClosePlaybacks
from playhead.recorder.recorder import Recorder
from playhead.recorder.sqlite import SqliteStore
from playhead.recorder.writers import connect
from tests.world import KEYS, World


@pytest.fixture(params=["short", "x" * 120])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Also one whose name is longer than a socket's address may be."""
    made = tmp_path / str(request.param)
    made.mkdir()
    return made


@contextmanager
def far_world(tracking_file: Path, folder: Path) -> Iterator[World]:
    """A world whose collector is another process's: all it knows of the recorder is the socket."""
    with World(str(tracking_file)) as world, Desk(world.recorder, folder), ExitStack() as stack:
        world.collector = Collector(stack.enter_context(far(world, folder)), KEYS)
        yield world


def far(world: World, folder: Path) -> Recorder:
    return Recorder(far_database(folder), clock=world.clock)


def test_a_batch_is_recorded_and_answered_as_at_home(tracking_file: Path, folder: Path) -> None:
    with far_world(tracking_file, folder) as world:
        opening = world.open()
        answer = world.play(opening, 10_000, 0)
        assert (answer.status, answer.body["status"], answer.body["credited"]) == (200, "recorded", [[0, 10_000]])
        again = world.post(opening.ticket, opening.sent[0])
        assert (again.status, again.body["status"]) == (200, "duplicate")
        assert world.send(opening).status == 200
        other = world.post(opening.ticket, opening.sent[0].replace(b'"events": []', b'"events":  []'))
        assert (other.status, other.body["code"]) == (409, "seq_conflict")
        assert world.close("bob") == 1
        assert world.play(opening, 10_000, 10_000).body["code"] == "playback_closed"
        assert world.differences() == []


def test_the_site_opens_and_closes_from_afar(tracking_file: Path, folder: Path) -> None:
    with World(str(tracking_file)) as world, Desk(world.recorder, folder), far(world, folder) as elsewhere:
        near, world.recorder = world.recorder, elsewhere
        opening = world.open()
        assert world.play(opening, 10_000, 0).body["covered_ms"] == 10_000
        assert elsewhere.do(ClosePlaybacks("bob", world.clock.now_ms(), "logout")) == 1
        world.recorder = near


def test_what_two_processes_bring_meets_in_one_file(tracking_file: Path, folder: Path) -> None:
    with World(str(tracking_file)) as world, Desk(world.recorder, folder), ExitStack() as stack:
        doors = [Collector(stack.enter_context(far(world, folder)), KEYS) for _ in range(2)]
        opening = world.open()
        for seq in range(20):
            world.collector = doors[seq % 2]
            assert world.play(opening, 10_000, 10_000 * seq).body["status"] == "recorded"
            world.collector = doors[(seq + 1) % 2]
            assert world.post(opening.ticket, opening.sent[seq]).body["status"] == "duplicate"
        assert world.rows("SELECT watched_ms FROM recorder_progress") == [(200_000,)]
        assert world.differences() == []


def test_when_the_owner_goes_away_everybody_is_told_to_send_again(tracking_file: Path, folder: Path) -> None:
    with World(str(tracking_file)) as world, ExitStack() as stack:
        with Desk(world.recorder, folder):
            world.collector = Collector(stack.enter_context(far(world, folder)), KEYS)
            opening = world.open()
            world.play(opening, 10_000, 0)
        refused = world.play(opening, 10_000, 10_000)
        assert (refused.status, refused.body["code"], refused.headers["retry-after"]) == (503, "storage_failed", "2")
        with Desk(world.recorder, folder):
            assert world.post(opening.ticket, opening.sent[1]).body["status"] == "recorded"
        assert world.differences() == []


def test_a_kept_batch_whose_answer_was_lost_is_known_again(
    tracking_file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with far_world(tracking_file, folder) as world:
        opening = world.open()
        with monkeypatch.context() as broken:
            broken.setattr(wire, "receive", lambda _connection: None)  # hung up after the frame had left
            assert world.play(opening, 10_000, 0).status == 503
        waiting = threading.Event()
        while not world.rows("SELECT 1 FROM recorder_journal WHERE kind = 'batch'"):
            waiting.wait(0.01)
        assert world.post(opening.ticket, opening.sent[0]).body["status"] == "duplicate"
        assert world.rows("SELECT watched_ms FROM recorder_progress") == [(10_000,)]


def test_the_owners_own_refusals_arrive(tracking_file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with far_world(tracking_file, folder) as world:
        opening = world.open()
        monkeypatch.setattr(world.recorder, "queue", 0)
        refused = world.play(opening, 10_000, 0)
        assert (refused.status, refused.body["code"], refused.headers["retry-after"]) == (503, "overloaded", "2")


@pytest.mark.parametrize(
    "error",
    [
        Conflict("seq_conflict", "Another batch."),
        Forbidden("playback_closed"),
        Invalid("batch_invalid", "At 7.", at=7),
        StorageFull("storage_full", "Full.", retry_after_s=10),
    ],
)
def test_errors_travel_whole(error: Exception) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(ours, [error, 5])
        told = wire.receive(theirs)
    assert told is not None
    assert (type(told[0]), vars(told[0]), told[1]) == (type(error), vars(error), 5)


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


@pytest.mark.parametrize("harmful", [Harmful(), print, SqliteStore], ids=["call", "function", "none of them"])
def test_only_our_own_classes_travel(harmful: object, tracking_file: Path, folder: Path) -> None:
    frame = pickle.dumps([harmful])
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall((len(frame) + 1).to_bytes(4, "big") + bytes(4) + b"p" + frame)
        if harmful is SqliteStore:
            assert wire.receive(theirs) == [SqliteStore], "a class alone does nothing"
        else:
            with pytest.raises(pickle.UnpicklingError, match="does not travel"):
                wire.receive(theirs)
    with World(str(tracking_file)) as world, Desk(world.recorder, folder), connect(socket_of(folder)) as caller:
        caller.sendall(b"\xff" * 8)
        assert caller.recv(1) == b"", "what is no frame ends the connection, and nothing else"
        connect(socket_of(folder)).close()


def test_other_users_are_not_listened_to(tracking_file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with World(str(tracking_file)) as world, Desk(world.recorder, folder):
        assert oct(socket_of(folder).stat().st_mode)[-3:] == "600"
        monkeypatch.setattr(os, "geteuid", lambda: 12_345)
        with connect(socket_of(folder)) as caller:
            assert caller.recv(1) == b""


def test_a_desk_left_by_a_killed_owner_is_cleared_away(tracking_file: Path, folder: Path) -> None:
    socket_of(folder).write_text("left")
    with pytest.raises(Unavailable, match="start `playhead collect` first"):
        Recorder(far_database(folder)).start()
    with World(str(tracking_file)) as world, Desk(world.recorder, folder), far(world, folder) as elsewhere:
        assert elsewhere.far
    assert not socket_of(folder).exists()
