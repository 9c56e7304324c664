"""The shorter way past ASGI, over real sockets and the real uvicorn: nobody outside can tell it from the longer one."""

import hashlib
import inspect
import json
import logging
import re
import shutil
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from uvicorn.protocols.http import httptools_impl

from playhead.collector.app import Collector
from playhead.core import limits
from tests.collector.served import SCHOOL, Long, Served, Short, until
from tests.world import World, section

SETTLED = b"GET /settled HTTP/1.1\r\nHost: door\r\n\r\n"


@pytest.fixture
def world(tracking_file: Path) -> Iterator[World]:
    with World(str(tracking_file)) as running:
        yield running


@pytest.fixture
def short(world: World) -> Short:
    return Short(world)


@dataclass(slots=True)
class Hold:
    """An operation that keeps the recorder's thread, and so every batch behind it, waiting."""

    released: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    viewer = playback = video = seq = None
    makes_viewer = False
    organisation_id = 1

    def apply(self, _space: Any) -> None:
        self.reached.set()
        assert self.released.wait(60)


@contextmanager
def held(world: World) -> Iterator[Hold]:
    """Meanwhile nothing gets onto the disk."""
    hold = Hold()
    holding = threading.Thread(target=world.recorder.do, args=(hold,))
    holding.start()
    assert hold.reached.wait(60)
    try:
        yield hold
    finally:
        hold.released.set()
        holding.join()


def batch(world: World, *, seq: int = 0) -> bytes:
    """A body as the tracker sends it, of a playback of its own."""
    opening = world.open()
    world.clock.forward(10_000)
    sections = [section(0, 10_000, 0, 10_000, rate=1000, visible=True, muted=False, pip=False, end="beat")]
    body = {"seq": seq, "sent": 10_000, "sections": sections, "events": [{"type": "play", "t": 0, "m": 0}]}
    return opening.ticket.encode() + b"\n" + json.dumps(body).encode()


def request(body: bytes, *headers: str, start: str = "POST /v1/batches HTTP/1.1") -> bytes:
    lines = [start, "Host: door", "Content-Type: text/plain", *headers]
    if not any("ength:" in line or "chunked" in line for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def stored(world: World) -> int:
    [(batches,)] = world.rows("SELECT count(*) FROM recorder_journal WHERE kind = 'batch'")
    return int(batches)


@dataclass(frozen=True, slots=True)
class Way:
    """What is sent, how many answers come, and how many batches go the shorter way."""

    sent: bytes
    answers: int = 1
    short: int = 0
    head_only: bool = False


def _ways(body: bytes) -> dict[str, Way]:
    plain, own = request(body), request(body, "Origin: http://door")
    return {
        "plain": Way(plain, short=1),
        "from our own page": Way(own, short=1),
        "twice on a connection": Way(plain + plain, 2, short=1),  # the second waits, and goes as uvicorn knows it
        "names in capitals": Way(plain.replace(b"Content-Length", b"CONTENT-LENGTH"), short=1),
        "and then a page": Way(plain + SETTLED, 2, short=1),
        "after a page": Way(SETTLED + plain, 2),
        "refused, and then a page": Way(request(b"nonsense") + SETTLED, 2, short=1),
        "the last one": Way(request(body, "Connection: close"), short=1),
        "the last one, and more": Way(request(body, "Connection: close") + plain, short=1),
        "refused, the last one, and more": Way(request(b"nonsense", "Connection: close") + plain, short=1),
        "no ticket": Way(request(b"nothing"), short=1),
        "a ticket that is none": Way(request(b"a.b.c\n{}"), short=1),
        "no batch": Way(request(body[:-1]), short=1),
        "nothing at all": Way(request(b""), short=1),
        "no length": Way(request(b"", "x-length: none")),
        "a body over the limit": Way(request(body + b" " * (limits.BODY_BYTES - 200)), short=1),
        "over every limit": Way(request(body + b" " * 80_000)),
        "chunked": Way(request(chunked(body), "Transfer-Encoding: chunked")),
        "chunked, and a length": Way(request(chunked(body), "Transfer-Encoding: chunked", "Content-Length: 5")),
        "two lengths": Way(request(body, f"Content-Length: {len(body)}", f"Content-Length: {len(body)}")),
        "a header twice": Way(request(body, "Cookie: a=1", "Cookie: b=2")),
        "a length that is none": Way(request(body, "Content-Length: many")),
        "asks before it sends": Way(request(body, "Expect: 100-continue"), 2),
        "HTTP/1.0": Way(request(body, start="POST /v1/batches HTTP/1.0")),
        "HTTP/1.0 that stays": Way(request(body, "Connection: keep-alive", start="POST /v1/batches HTTP/1.0")),
        "GET": Way(request(b"", start="GET /v1/batches HTTP/1.1")),
        "HEAD": Way(request(b"", start="HEAD /v1/batches HTTP/1.1"), head_only=True),
        "PUT": Way(request(body, start="PUT /v1/batches HTTP/1.1")),
        "OPTIONS of a joined page": Way(request(b"", f"Origin: {SCHOOL}", start="OPTIONS /v1/batches HTTP/1.1")),
        "from a joined page": Way(request(body, f"Origin: {SCHOOL}")),
        "from another page": Way(request(body, "Origin: https://elsewhere.example")),
        "from nowhere": Way(request(body, "Origin: null")),
        "with a question": Way(request(body, start="POST /v1/batches?a=1 HTTP/1.1")),
        "the path in another spelling": Way(request(body, start="POST /v1/batche%73 HTTP/1.1")),
        "the whole address": Way(request(body, start="POST http://door/v1/batches HTTP/1.1")),
        "another path": Way(request(body, start="POST /v1/batches/ HTTP/1.1")),
        "an upgrade": Way(request(body, "Connection: Upgrade", "Upgrade: h2c")),
        "no HTTP": Way(b"hello\r\n\r\n"),
    }


@dataclass(frozen=True, slots=True)
class Side:
    """One of two worlds in which the same happens: the one is asked by the shorter way, the other by the longer."""

    world: World
    served: Served


@pytest.fixture(scope="module")
def sides(tracking_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Side, Short]]:
    with ExitStack() as stack:
        worlds = []
        for name in ("short", "long"):
            copy = shutil.copy(tracking_template, tmp_path_factory.mktemp(name) / "tracking.sqlite3")
            worlds.append(stack.enter_context(World(str(copy))))
        short, long = Short(worlds[0]), Long(worlds[1])
        shorter, longer = Side(worlds[0], Served(short)), Side(worlds[1], Served(long))
        stack.enter_context(shorter.served)
        stack.enter_context(longer.served)
        yield shorter, longer, short


@pytest.mark.parametrize("name", _ways(b"x" * 300))
def test_it_answers_as_the_longer_way_does(sides: tuple[Side, Side, Short], name: str) -> None:
    shorter, longer, app = sides
    before = app.collector.taken
    way = _ways(batch(shorter.world))[name]
    assert _ways(batch(longer.world))[name] == way
    assert told(shorter, way) == told(longer, way)
    assert app.collector.taken - before == way.short
    assert stored(shorter.world) == stored(longer.world)


def told(side: Side, way: Way) -> list[bytes]:
    """The answers, and what somebody learns who asks once more on this connection; nothing where it has ended."""
    with side.served.connect() as line:
        line.send(way.sent)
        answers = [line.answer(head_only=way.head_only) for _ in range(way.answers)]
        try:
            answers.append(line.ask(SETTLED))
        except ConnectionError:
            answers.append(b"")
    return [re.sub(rb"\r\ndate: [^\r]+ GMT\r\n", b"\r\ndate: now\r\n", answer) for answer in answers]


def test_the_same_is_counted(world: World, short: Short) -> None:
    body = batch(world)
    with Served(short) as served, served.connect() as line:
        for sent in (body, body, b"nonsense"):
            line.ask(request(sent))
    assert (short.metrics.recorded, short.metrics.duplicates, short.metrics.credited_ms) == (1, 1, 10_000)
    assert short.metrics.refused == {"batch_invalid": 1}


def test_a_thousand_requests_on_a_connection(world: World, short: Short) -> None:
    body = batch(world)
    with Served(short) as served, served.connect() as line:
        for _ in range(1000):
            world.clock.forward(100)  # not a flood
            assert line.ask(request(body)).startswith(b"HTTP/1.1 200 OK\r\n")
        assert served.server.server_state.total_requests == 1000
    assert short.collector.taken == 1000


def test_a_request_may_come_byte_by_byte(world: World, short: Short) -> None:
    sent = request(batch(world))
    with Served(short) as served, served.connect() as line:
        for at in range(len(sent)):
            line.send(sent[at : at + 1])
        assert line.answer().startswith(b"HTTP/1.1 200 OK\r\n")
    assert short.collector.taken == 1


def test_who_hangs_up_in_the_middle_stores_nothing(world: World, short: Short) -> None:
    sent = request(batch(world))
    with Served(short) as served:
        for at in range(0, len(sent), 7):
            with served.connect() as line:
                line.send(sent[:at])
        until(lambda: served.connections == 0)
        begun = len(range(0, len(sent), 7)) - sum(at <= sent.index(b"\r\n\r\n") + 3 for at in range(0, len(sent), 7))
        until(lambda: short.metrics.refused["incomplete"] == begun)
    assert stored(world) == 0


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_who_hangs_up_while_its_batch_waits_has_it_recorded(
    world: World, short: Short, caplog: pytest.LogCaptureFixture, *, reset: bool
) -> None:
    sent = request(batch(world))
    with Served(short) as served:
        with held(world):
            with served.connect() as line:
                line.send(sent)
                until(lambda: world.recorder.waiting)
                if reset:
                    line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            until(lambda: served.connections == 0)
        until(lambda: short.metrics.recorded == 1)
        with served.connect() as line:
            assert b'"status":"duplicate"' in line.ask(sent)
    assert stored(world) == 1
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_what_comes_behind_a_batch_that_waits_is_answered_after_it(world: World, short: Short) -> None:
    sent = request(batch(world))
    with Served(short) as served, served.connect() as line:
        with held(world):
            line.send(sent)
            until(lambda: world.recorder.waiting)
            line.send(SETTLED)
            line.send(sent)
        assert b'"status":"recorded"' in line.answer()
        assert line.answer().endswith(b"GET /settled")
        assert b'"status":"duplicate"' in line.answer()


def test_a_batch_that_waits_is_answered_before_the_server_ends(world: World, short: Short) -> None:
    sent = request(batch(world))
    with Served(short) as served, served.connect() as idle, served.connect() as line:
        idle.ask(SETTLED)
        with held(world):
            line.send(sent)
            until(lambda: world.recorder.waiting)
            served.server.should_exit = True
            assert idle.answer() == b""  # so the server has begun to end
            assert served.connections == 1
        answer = line.answer()
        assert b'"status":"recorded"' in answer
        assert b"\r\nconnection: close\r\n" in answer
        assert line.answer() == b""
        served.ended()
    assert stored(world) == 1


def test_where_the_server_waits_no_longer_nothing_is_answered(world: World, short: Short) -> None:
    sent = request(batch(world))
    with held(world), Served(short, timeout_graceful_shutdown=1) as served, served.connect() as line:
        line.send(sent)
        until(lambda: world.recorder.waiting)
        served.server.should_exit = True
        served.ended()
        line.socket.shutdown(socket.SHUT_WR)
        assert line.answer() == b""
    until(lambda: stored(world) == 1)


def test_an_idle_connection_ends_and_one_that_waits_does_not(world: World, short: Short) -> None:
    sent = request(batch(world))
    with Served(short, timeout_keep_alive=1) as served, served.connect() as idle, served.connect() as line:
        line.ask(sent)
        with held(world):
            line.send(sent)
            until(lambda: world.recorder.waiting)
            idle.ask(SETTLED)
            assert idle.answer() == b""  # after its second, which was the other's, too
            assert served.connections == 1
        assert line.answer().startswith(b"HTTP/1.1 200 OK\r\n")
        assert line.answer() == b""


def test_who_does_not_read_is_not_answered_without_end(world: World, short: Short) -> None:
    """While the answers before are not taken off, the next request waits, as any other does."""
    sent = request(batch(world))
    with Served(short) as served, served.connect() as line:
        line.ask(sent)
        [connection] = served.server.server_state.connections
        connection.pause_writing()
        line.send(sent)
        until(lambda: short.metrics.duplicates == 1)
        connection.loop.call_soon_threadsafe(connection.resume_writing)
        assert b'"status":"duplicate"' in line.answer()
    assert short.collector.taken == 1


@pytest.mark.parametrize("method", ["take", "answer"])
def test_a_fault_of_ours_is_500_and_closes(
    world: World, short: Short, method: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_given: object) -> None:
        raise ZeroDivisionError

    with Served(short) as served, served.connect() as line:
        monkeypatch.setattr(Collector, method, fail)
        answer = line.ask(request(batch(world)))
        assert answer.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
        assert line.answer() == b""
        monkeypatch.undo()
        with served.connect() as another:
            assert another.ask(request(batch(world))).startswith(b"HTTP/1.1 200 OK\r\n")
    assert "ZeroDivisionError" in caplog.text


LEFT_TO_UVICORN: list[dict[str, Any]] = [
    {"limit_concurrency": 1},
    {"root_path": "/below"},
    {"access_log": True, "log_level": "info"},
]


@pytest.mark.parametrize("settings", LEFT_TO_UVICORN, ids=str)
def test_what_it_does_not_know_about_goes_the_longer_way(world: World, short: Short, settings: dict[str, Any]) -> None:
    with Served(short, **settings) as served, served.connect() as line:
        status = line.ask(request(batch(world)))[9:12]
    assert status == (b"503" if "limit_concurrency" in settings else b"200")
    assert short.collector.taken == 0


def test_uvicorn_is_the_one_that_was_read() -> None:
    """The protocol stands in the middle of this module. Where it has changed: read what, see decision 0017, go on."""
    source = inspect.getsource(httptools_impl)
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == "1d4e1c579df41684"
