"""The loop that keeps connections busy: one thread, epoll, no framework, about 15 us a request.

Closed loop: each connection sends its next request when the last one is answered. Open loop: requests leave at a given
rate, whatever the server does, and the latency of each counts from when it should have left, so that a server which
stands still is not asked less.
"""

import select
import socket
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bench.load.clients import Client, parse

C = TypeVar("C", bound=Client)
_DRAIN_S = 30.0


@dataclass(slots=True)
class Outcome:
    """What came back in one run. Latencies in seconds, of those that were answered as they had to be."""

    elapsed_s: float = 0.0
    good: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)
    lost: int = 0  # connections that ended before their answer
    unanswered: int = 0
    late: int = 0  # open loop: requests that had to wait for a free connection
    without_retry_after: int = 0

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.good / self.elapsed_s if self.elapsed_s else 0.0

    def latency_ms(self, percent: float) -> float:
        if not self.latencies_s:
            return float("nan")
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


@dataclass(slots=True)
class _Line(Generic[C]):
    """One connection, and who is using it."""

    socket: socket.socket
    client: C | None = None
    due: float = 0.0
    received: bytes = b""


class Load(Generic[C]):
    """Clients that take turns over a number of connections. The connections stay open between runs."""

    def __init__(self, port: int, clients: Iterable[C], *, connections: int) -> None:
        self._address = ("127.0.0.1", port)
        self._clients = deque(clients)
        self._connections = connections
        self._poll = select.epoll()
        self._lines: dict[int, _Line[C]] = {}
        self._free: list[int] = []

    def __enter__(self) -> "Load[C]":
        return self

    def __exit__(self, *_exc: object) -> None:
        for number in list(self._lines):
            self._hang_up(number)
        self._poll.close()

    def run(self, seconds: float, *, per_second: float | None = None, drain_s: float = _DRAIN_S) -> Outcome:
        """Load for so long, then wait for what is on its way. Ends early when nobody takes connections any more."""
        outcome = Outcome()
        for number, _what in self._poll.poll(0):
            self._receive(number, outcome)  # what the server has closed since the last run
        self._connect()
        started = time.perf_counter()
        ends = started + seconds
        if per_second is None:
            self._closed_loop(outcome, ends)
        else:
            self._open_loop(outcome, started, ends, per_second)
        outcome.elapsed_s = time.perf_counter() - started
        self._drain(outcome, time.perf_counter() + drain_s)
        return outcome

    def once(self) -> Outcome:
        """Every client asks once."""
        outcome = Outcome()
        for _ in range(len(self._clients)):
            if not self._free:
                self._drain(outcome, time.perf_counter() + _DRAIN_S)
            self._connect()
            if self._free:
                self._send(self._free.pop(), time.perf_counter(), outcome)
        self._drain(outcome, time.perf_counter() + _DRAIN_S)
        return outcome

    def _connect(self) -> None:
        while len(self._lines) < self._connections:
            try:
                connection = socket.create_connection(self._address, timeout=5)
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(0)
            self._lines[connection.fileno()] = _Line(connection)
            self._free.append(connection.fileno())
            self._poll.register(connection.fileno(), select.EPOLLIN)

    def _closed_loop(self, outcome: Outcome, ends: float) -> None:
        while (now := time.perf_counter()) < ends and self._lines:
            while self._free and self._clients:
                self._send(self._free.pop(), time.perf_counter(), outcome)
            for number, _what in self._poll.poll(min(0.05, ends - now)):
                self._receive(number, outcome)

    def _open_loop(self, outcome: Outcome, started: float, ends: float, per_second: float) -> None:
        sent = 0
        while (now := time.perf_counter()) < ends and self._lines:
            due = started + sent / per_second
            while due <= now and self._free and self._clients:
                outcome.late += now - due > 0.005
                self._send(self._free.pop(), due, outcome)
                sent += 1
                due = started + sent / per_second
            wait_s = min(0.05, max(0.0, due - time.perf_counter())) if self._free else 0.05
            for number, _what in self._poll.poll(wait_s):
                self._receive(number, outcome)
                self._connect()

    def _drain(self, outcome: Outcome, ends: float) -> None:
        while any(line.client is not None for line in self._lines.values()):
            left_s = ends - time.perf_counter()
            if left_s <= 0:
                break
            for number, _what in self._poll.poll(min(0.1, left_s)):
                self._receive(number, outcome, counted=False)
        for number, line in list(self._lines.items()):
            if line.client is not None:
                outcome.unanswered += 1
                self._hang_up(number)

    def _send(self, number: int, due: float, outcome: Outcome) -> None:
        line = self._lines[number]
        line.client, line.due, line.received = self._clients.popleft(), due, b""
        request = line.client.request()
        try:
            if line.socket.send(request) < len(request):
                raise OSError("the request did not fit into the socket's buffer")
        except OSError:
            outcome.lost += 1
            self._hang_up(number)

    def _receive(self, number: int, outcome: Outcome, *, counted: bool = True) -> None:
        line = self._lines[number]
        try:
            data = line.socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            outcome.lost += line.client is not None
            self._hang_up(number)
            return
        line.received = line.received + data if line.received else data
        answer = parse(line.received)
        if answer is None or line.client is None:
            return
        client, line.client, line.received = line.client, None, b""
        good = client.answered(answer)
        self._clients.append(client)
        self._free.append(number)
        outcome.statuses[answer.status] += 1
        outcome.without_retry_after += answer.status in {429, 503, 507} and b"\r\nretry-after: " not in answer.head
        if good and counted:
            outcome.good += 1
            outcome.latencies_s.append(time.perf_counter() - line.due)

    def _hang_up(self, number: int) -> None:
        line = self._lines.pop(number)
        if line.client is not None:
            self._clients.append(line.client)
        if number in self._free:
            self._free.remove(number)
        self._poll.unregister(number)
        line.socket.close()
