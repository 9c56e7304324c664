"""A door in one process, the recorder in another: what passes between is recorded once, and answered as at home."""

import asyncio
import pickle
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from playhead.collector.app import Collector
from playhead.core import limits
from playhead.core.credit import Claim
from playhead.core.errors import Conflict, Unavailable
from playhead.recorder import courier as courier_module
from playhead.recorder import wire
from playhead.recorder.counts import Counts
from playhead.recorder.courier import Courier
from playhead.recorder.inlet import Inlet
from playhead.recorder.operations import ClosePlaybacks, RecordBatch, Recorded
from playhead.recorder.state import Stand
from playhead.recorder.workspace import Earned
from playhead.recorder.writers import StoreWriter
from tests.world import KEYS, World

PATIENCE_S = 30.0
BATCH = RecordBatch("bob", "film", "p_1", 3, [Claim(0, 10, 5, 15, 1500, False, True)], b"{}", 2**45, ["prompt"])
OUTCOME = Recorded(
    3, False, [Earned([(5, 15)], 10, 4, [("too_fast", 2)])], Stand(10, 10, 10, None, 7, True), "clock", True, 2**45, "x"
)


@dataclass
class Beside:
    """A world whose collector knows of its recorder no more than a connection."""

    world: World
    courier: Courier
    inlet: Inlet
    theirs: socket.socket
    lost: list[str] = field(default_factory=list)

    def run(self, doing: Callable[[], object]) -> None:
        """On the event loop, and until it has done what that has caused."""

        async def do() -> None:
            doing()
            for _ in range(20):
                await asyncio.sleep(0.005)

        self.world.wait_for(do())


@contextmanager
def a_world_beside(database: str) -> Iterator[Beside]:
    ours, theirs = socket.socketpair()
    inlet, lost = Inlet(theirs), list[str]()
    with ours, theirs, World(database, inlet=inlet) as world:
        courier = Courier(ours.dup(), clock=world.clock, lost=lambda: lost.append("lost"))
        world.collector = Collector(courier, KEYS)
        beside = Beside(world, courier, inlet, theirs, lost)
        beside.run(courier.start)
        yield beside
        beside.run(courier.stop)


@pytest.fixture
def beside(database: str) -> Iterator[Beside]:
    with a_world_beside(database) as made:
        yield made


def test_a_batch_is_recorded_and_answered_as_at_home(beside: Beside) -> None:
    world = beside.world
    opening = world.open()
    answer = world.play(opening, 10_000, 0)
    assert (answer.status, answer.body["status"], answer.body["credited"]) == (200, "recorded", [[0, 10_000]])
    again = world.post(opening.ticket, opening.sent[0])
    assert (again.status, again.body["status"]) == (200, "duplicate")
    other = world.post(opening.ticket, opening.sent[0].replace(b'"events": []', b'"events":  []'))
    assert (other.status, other.body["code"]) == (409, "seq_conflict")
    assert world.close("bob") == 1
    assert world.play(opening, 10_000, 10_000).body["code"] == "playback_closed"
    assert world.differences() == []


def test_more_than_a_group_at_once_is_answered_each_to_its_own(beside: Beside) -> None:
    world = beside.world
    openings = [world.open(f"viewer-{number}") for number in range(limits.GROUP_OPERATIONS + 10)]
    world.clock.forward(10_000)
    bodies = [
        b'{"seq":0,"sent":10000,"sections":[{"t0":0,"t1":10000,"m0":%d,"m1":%d}],"events":[]}' % (m0, m0 + 10_000)
        for m0 in range(len(openings))
    ]
    answers = world.post_together([(one.ticket, body) for one, body in zip(openings, bodies, strict=True)])
    assert [answer.body["credited"] for answer in answers] == [[[m0, m0 + 10_000]] for m0 in range(len(openings))]
    assert beside.courier.waiting == 0


def test_other_threads_ask_too_and_the_loop_itself_must_not_wait(beside: Beside) -> None:
    world, done = beside.world, []
    world.open()
    asked = ClosePlaybacks("bob", world.clock.now_ms(), "logout")
    thread = threading.Thread(target=lambda: done.append(beside.courier.do(asked)))

    async def meanwhile() -> None:
        thread.start()
        while thread.is_alive():
            await asyncio.sleep(0.005)
        with pytest.raises(RuntimeError, match="must not wait"):
            beside.courier.do(asked)

    world.wait_for(meanwhile())
    assert done == [1]


def test_what_was_asked_before_the_loop_has_the_connection_waits_for_it(tracking_file: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, World(str(tracking_file), inlet=Inlet(theirs)) as world:
        courier = Courier(ours.dup())
        with pytest.raises(Unavailable, match="stopping"):
            courier.take(BATCH, Kept())

        async def at_once() -> None:
            courier.start()
            assert (await courier.counted()).operations.total == 0
            assert await courier.record(ClosePlaybacks("nobody", 0, "logout")) == 0
            courier.stop()
            await asyncio.sleep(0)

        world.wait_for(at_once())
        assert not courier.alive


class Kept:
    """Somebody who waits on a loop, and keeps what came."""

    def __init__(self) -> None:
        self.outcomes: list[object] = []
        self.loop = asyncio.new_event_loop()
        self.loop.close()

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self.loop

    def done(self) -> bool:
        return bool(self.outcomes)

    def set_result(self, outcome: object, /) -> None:
        self.outcomes.append(outcome)


def test_no_more_than_the_queue_holds(beside: Beside) -> None:
    beside.courier.queue = 0
    refused = beside.world.play(beside.world.open(), 10_000, 0)
    assert (refused.status, refused.body["code"], refused.headers["retry-after"]) == (503, "overloaded", "2")


def test_when_the_recorder_goes_away_everybody_is_told_and_so_is_the_server(beside: Beside) -> None:
    world = beside.world
    opening = world.open()
    told: list[Any] = []

    async def meanwhile() -> None:
        waiting = asyncio.ensure_future(beside.courier.record(BATCH))
        await asyncio.sleep(0)
        beside.theirs.shutdown(socket.SHUT_RDWR)
        told.extend(await asyncio.gather(waiting, return_exceptions=True))

    world.wait_for(meanwhile())
    assert (type(told[0]), told[0].code) == (Unavailable, "storage_failed")
    assert beside.lost == ["lost"]
    assert not beside.courier.alive
    refused = world.play(opening, 10_000, 0)
    assert (refused.status, refused.body["code"]) == (503, "not_recording")
    assert beside.inlet.over.wait(PATIENCE_S)
    assert not beside.inlet.orderly


def test_who_asks_while_the_connection_is_lost_is_told_too(beside: Beside) -> None:
    """A page's thread has found the recorder alive; before the loop hears of it, it is gone."""
    told: Future[Any] = Future()

    async def meanwhile() -> None:
        beside.theirs.shutdown(socket.SHUT_RDWR)
        asked = threading.Thread(target=beside.courier._put, args=(ClosePlaybacks("bob", 0, "logout"), told))
        asked.start()
        asked.join()  # the loop hears of both only now
        while not told.done():
            await asyncio.sleep(0.005)

    beside.world.wait_for(asyncio.wait_for(meanwhile(), PATIENCE_S))
    assert told.result().code == "storage_failed"
    assert beside.courier.waiting == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_recorders_thread_that_breaks_off_keeps_nobody_waiting(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(StoreWriter, "record", broken)
    beside.run(lambda: beside.courier.take(BATCH, beside.world._loop.create_future()))
    assert beside.inlet.over.wait(PATIENCE_S)
    assert not beside.inlet.orderly, "its process ends, and with it the connection"


def test_counts_are_not_waited_for_as_long_as_a_disk_hangs(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, record = threading.Event(), StoreWriter.record

    def hang(writer: StoreWriter, operations: Any) -> list[Any]:
        hanging.wait(PATIENCE_S)
        return record(writer, operations)

    monkeypatch.setattr(StoreWriter, "record", hang)
    monkeypatch.setattr(courier_module, "_COUNTS_S", 0.05)
    counted: list[Counts] = []

    async def ask() -> None:
        waiting = asyncio.ensure_future(beside.courier.record(ClosePlaybacks("bob", 0, "logout")))
        await asyncio.sleep(0.05)
        counted.append(await beside.courier.counted())
        hanging.set()
        await waiting

    beside.world.wait_for(ask())
    assert counted[0] is beside.courier.counts


def test_nonsense_from_the_recorder_is_no_answer(beside: Beside) -> None:
    beside.run(lambda: beside.theirs.sendall(wire.frame([1], 77)))
    assert beside.lost == ["lost"]


@pytest.mark.parametrize("said", [b"\xff" * 9, wire.frame([1])[:-1] + b"\xff", b"\0\0\0\2\0\0\0\0zz"])
def test_nonsense_from_the_door_ends_the_connection_and_nothing_else(beside: Beside, said: bytes) -> None:
    beside.run(lambda: beside.courier._connection.dup().sendall(said))
    assert beside.inlet.over.wait(PATIENCE_S)
    assert beside.world.recorder.alive
    assert beside.world.open().seq == 0


def test_the_end_that_was_announced_is_an_orderly_one(beside: Beside) -> None:
    beside.run(lambda: beside.courier._connection.dup().sendall(wire.frame([])))
    assert beside.inlet.over.wait(PATIENCE_S)
    assert beside.inlet.orderly


def test_the_recorders_own_counts_arrive(beside: Beside) -> None:
    beside.world.play(beside.world.open(), 10_000, 0)
    counted: list[Counts] = []

    async def ask() -> None:
        counted.append(await beside.courier.counted())

    beside.world.wait_for(ask())
    assert counted[0].operations.total == 2, "an opening and a batch"
    assert beside.courier.counts.operations.total == 1, "what went this way"


@pytest.mark.parametrize(
    "told",
    [
        [BATCH, BATCH],
        [OUTCOME],
        [OUTCOME, Conflict("seq_conflict", "Another batch.")],
        [ClosePlaybacks("bob", 0, "logout"), BATCH],
        [],
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_frames_arrive_whole_however_they_are_cut(told: list[Any], piece: int) -> None:
    sent = wire.frame(told, 1) + wire.frame(told, 2)
    frames = wire.Frames()
    came = [one for start in range(0, len(sent), piece) for one in frames.feed(sent[start : start + piece])]
    assert [number for number, _told in came] == [1, 2]
    for _number, arrived in came:
        assert list(map(repr, arrived)) == list(map(repr, told))
        assert list(map(type, arrived)) == list(map(type, told))


@pytest.mark.parametrize("body", [b"b\xc1", b"o\x91\x01", b"?", b"p\x80\x05.", b"p", b"p\x80\x05K\1."])
def test_what_is_no_frame_is_an_error(body: bytes) -> None:
    with pytest.raises(pickle.UnpicklingError):
        list(wire.Frames().feed(len(body).to_bytes(4, "big") + bytes(4) + body))
