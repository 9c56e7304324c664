"""The live page's stream: how soon 50 readers see what 500 viewers told, and what the readers cost the server.

Every viewer sends a batch about each ten seconds, all of them credited, to one class. ROUNDS times (5 unless set) the
same load runs for SECONDS (12) without anybody at the live page and with READERS (50): the difference in the server's
processor time is theirs. Lag is from the sending of a batch to the arrival of what a reader is told of it: the
transaction, the wait for the next question, and the stream.
"""

import json
import os
import re
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.hosts import QUESTIONS
from bench.kit.processes import Server, environment, free_port, playhead
from bench.kit.rows import Row
from bench.load import seeding
from bench.load.generator import Load
from bench.load.truth import database_of
from bench.load.viewers import Seat, Viewer
from playhead.recorder.clock import SystemClock

VIEWERS = int(os.environ.get("VIEWERS", "500"))
READERS = int(os.environ.get("READERS", "50"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS", "12"))
LAG_GOAL_MS, CPU_GOAL_PERCENT = 2_000, 15
_VIDEOS = 10
_BEAT_S = 10
_SETTLE_S = 3.0  # as long as a batch may be on its way to the readers
_LOOKS_AGAIN_S = 60  # as often as the door looks anew whether a reader may still see it
_TOLD = re.compile(rb"data: (\{.*?\})\n\n")
Place = tuple[str, int]
"""A student and the position that their newest batch ended at, in ms."""


class Telling(Viewer):
    """A viewer who notes when it first sent each position."""

    __slots__ = ("told",)

    def __init__(self, seat: Seat, clock: SystemClock, told: dict[Place, float]) -> None:
        super().__init__(seat, clock)
        self.told = told

    def request(self) -> bytes:
        pending = super().request()
        assert self._pending is not None
        place = (self.seat.viewer, self.at_ms + self._pending.credit_ms)
        self.told.setdefault(place, time.monotonic())
        return pending


@dataclass(slots=True)
class Audience:
    """Readers of the live stream, and when each was told what."""

    port: int
    path: str
    cookie: str
    heard: dict[int, dict[Place, float]] = field(default_factory=dict)
    _sockets: dict[int, socket.socket] = field(default_factory=dict)
    _received: dict[int, bytes] = field(default_factory=dict)
    _begun: set[int] = field(default_factory=set)
    _known: dict[bytes, list[Place]] = field(default_factory=dict)

    def join(self, count: int) -> None:
        """All at once; returns when each has its first event."""
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", self.port), timeout=10)
            one.sendall(f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n\r\n".encode())
            self._sockets[one.fileno()], self._received[one.fileno()], self.heard[one.fileno()] = one, b"", {}
        self.listen(30.0, until_begun=True)
        assert len(self._begun) == count, f"{len(self._begun)} of {count} were let in"

    def listen(self, seconds: float, *, until_begun: bool = False) -> None:
        ends = time.monotonic() + seconds
        with select.epoll() as poll:
            for number in self._sockets:
                poll.register(number, select.EPOLLIN)
            while (left_s := ends - time.monotonic()) > 0:
                for number, _what in poll.poll(min(left_s, 0.2)):
                    self._receive(number)
                if until_begun and len(self._begun) == len(self._sockets):
                    return

    def leave(self) -> None:
        for one in self._sockets.values():
            one.close()
        self._sockets.clear()
        for kept in (self._received, self._begun, self.heard):
            kept.clear()

    def _receive(self, number: int) -> None:
        fresh = self._sockets[number].recv(1 << 18)
        assert fresh, "the server ended the stream"
        at = time.monotonic()
        received = self._received[number] + fresh
        end = 0
        for found in _TOLD.finditer(received):
            end = found.end()
            for place in self._places(found[1]):
                self.heard[number].setdefault(place, at)
            self._begun.add(number)
        self._received[number] = received[end:]

    def _places(self, said: bytes) -> list[Place]:
        if said not in self._known:
            self._known[said] = [(student, position) for student, _video, position, _at in json.loads(said)["here"]]
        return self._known[said]


@dataclass(slots=True)
class _Measured:
    alone: list[float] = field(default_factory=list)  # shares of a core
    read: list[float] = field(default_factory=list)
    joining_s: list[float] = field(default_factory=list)  # processor time of one reader's beginning
    questions: list[float] = field(default_factory=list)  # a second
    lags_ms: list[float] = field(default_factory=list)
    unheard: int = 0


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ph-live-") as name:
        folder, port = Path(name), free_port()
        seeding.migrate(folder)
        seats = seeding.seats(folder, database_of(folder), VIEWERS, videos=_VIDEOS)
        path, cookie = _class(folder)
        told: dict[Place, float] = {}
        viewers = [Telling(seat, SystemClock(), told) for seat in seats]
        command, env = playhead(launcher="bench.hosts.asking"), environment(folder, PORT=str(port))
        with Server(command, port=port, log=folder / "log", env=env) as server, _watching(port, viewers):
            audience, measured = Audience(port, path, cookie), _Measured()
            audience.listen(_BEAT_S)  # the pages are read in, everybody has told something
            for _round in range(ROUNDS):
                _take_turns(server, audience, measured, told, folder / QUESTIONS)
        complaints = sum(len(viewer.complaints) for viewer in viewers)
        acknowledged = sum(viewer.acknowledged for viewer in viewers)
    return _rows(measured, acknowledged, complaints)


@contextmanager
def _watching(port: int, viewers: list[Telling]) -> Iterator[None]:
    """Everybody's batches, at an even rate, until the block ends."""
    over = threading.Event()

    def send() -> None:
        with Load(port, viewers, connections=64) as load:
            while not over.is_set():
                load.run(1.0, per_second=len(viewers) / _BEAT_S)

    sending = threading.Thread(target=send)
    sending.start()
    try:
        yield
    finally:
        over.set()
        sending.join()


def _take_turns(
    server: Server, audience: Audience, measured: _Measured, told: dict[Place, float], questions: Path
) -> None:
    measured.alone.append(_share(server, audience))
    before_s = server.cpu_s()
    began = time.monotonic()
    audience.join(READERS)
    usual_s = measured.alone[-1] * (time.monotonic() - began)
    measured.joining_s.append(max(0.0, server.cpu_s() - before_s - usual_s) / READERS)
    asked, began = questions.stat().st_size, time.monotonic()
    measured.read.append(_share(server, audience))
    ended = time.monotonic()
    measured.questions.append((questions.stat().st_size - asked) / (ended - began))
    audience.listen(_SETTLE_S)
    for heard in audience.heard.values():
        for place, sent in list(told.items()):
            if began <= sent < ended:
                if place in heard:
                    measured.lags_ms.append((heard[place] - sent) * 1000)
                else:
                    measured.unheard += 1
    audience.leave()


def _share(server: Server, audience: Audience) -> float:
    """Of one core, while the audience (or nobody) listens."""
    began, before_s = time.monotonic(), server.cpu_s()
    audience.listen(SECONDS)
    return (server.cpu_s() - before_s) / (time.monotonic() - began)


def _rows(measured: _Measured, acknowledged: int, complaints: int) -> list[Row]:
    lags = sorted(measured.lags_ms)
    assert lags, "no reader was told anything"
    p50, p99 = lags[len(lags) // 2], lags[int(len(lags) * 0.99)]
    differences = [100 * (read - alone) for read, alone in zip(measured.read, measured.alone, strict=True)]
    again = 100 * READERS * statistics.median(measured.joining_s) / _LOOKS_AGAIN_S
    cpu = statistics.median(differences) + again
    spread = ", ".join(f"{one:.1f}" for one in differences)
    alone = f"{100 * statistics.median(measured.alone):.0f} % without them"
    asked = statistics.median(measured.questions)
    return [
        Row(f"lag to {READERS} readers of {VIEWERS} viewers, p50", round(p50), "ms"),
        Row(
            "the same, p99", round(p99), "ms", f"< {LAG_GOAL_MS}", p99 < LAG_GOAL_MS,
            f"at most {lags[-1]:,.0f} ms; {len(lags):,} times told",
        ),
        Row("told to no reader in time", measured.unheard, "times", "0", measured.unheard == 0),
        Row(
            "the server's processor for the readers", round(cpu, 1), "% of a core", f"< {CPU_GOAL_PERCENT}",
            cpu < CPU_GOAL_PERCENT, f"rounds: {spread}; {alone}; looking again each minute: {again:.1f}",
        ),
        Row("questions to the database", round(asked, 2), "a second", "<= 1", asked <= 1.1),
        Row("batches acknowledged meanwhile", acknowledged, "batches", "all credited", complaints == 0),
    ]  # fmt: skip


# --- in a process of its own, with the site's settings on this folder


def _class(folder: Path) -> tuple[str, str]:
    """A course of all viewers, and its teacher's cookie."""
    command = [sys.executable, "-m", "bench.live"]
    told = subprocess.run(command, env=environment(folder), check=True, capture_output=True, text=True)
    path, cookie = json.loads(told.stdout.splitlines()[-1])
    return path, cookie


def _enrol() -> tuple[str, str]:
    from django.conf import settings
    from django.test import Client

    from playhead.lms.models import Course, Enrolment, Role, User, Video, default_organisation

    organisation = default_organisation()
    course = Course.objects.create(title="A class", organisation_id=organisation)
    teacher = User.objects.create(username="teacher", organisation_id=organisation)
    Enrolment.objects.create(course=course, user=teacher, role=Role.TEACHER)
    people = User.objects.bulk_create(
        User(key=f"u_{n:08}", username=f"student{n}", name=f"Student {n}", organisation_id=organisation)
        for n in range(VIEWERS)
    )
    Enrolment.objects.bulk_create(Enrolment(course=course, user=user) for user in people)
    Video.objects.bulk_create(
        Video(course=course, key=f"v_{n:06}", title=f"Lecture {n + 1}", position=n, file="none.mp4")
        for n in range(_VIDEOS)
    )
    client = Client()
    client.force_login(teacher, backend=settings.AUTHENTICATION_BACKENDS[1])
    name = settings.SESSION_COOKIE_NAME
    return f"/live/{course.key}/events", f"{name}={client.cookies[name].value}"


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_enrol()))
