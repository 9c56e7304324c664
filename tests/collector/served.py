"""The door behind the real uvicorn, in a thread of this process, and raw connections to it."""

import re
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Self

import uvicorn

from playhead.collector.app import PATH, Collector
from playhead.collector.cross_origin import CrossOrigin
from playhead.collector.metrics import Metrics
from playhead.collector.protocol import BatchProtocol
from playhead.recorder.taking import Waiting
from tests.world import KEYS, World

SCHOOL = "https://school.example"
PATIENCE_S = 30.0


class Counting(Collector):
    """Knows how many batches came by the shorter way."""

    taken = 0

    def take(self, received: bytes, waiting: Waiting) -> None:
        self.taken += 1
        super().take(received, waiting)


class Short:
    """An application that names its collector: its batches may come by the shorter way."""

    def __init__(self, world: World) -> None:
        self.metrics = Metrics()
        self.collector = Counting(world.recorder, KEYS, self.metrics)
        self._door = CrossOrigin(self.collector, lambda: frozenset({SCHOOL}))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == PATH:
            await self._door(scope, receive, send)
            return
        await receive()
        said = f"{scope['method']} {scope['path']}".encode()
        headers = [(b"content-length", b"%d" % len(said))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": said})


class Long:
    """The same behind an application that names none: all goes through uvicorn's own code and ASGI."""

    def __init__(self, world: World) -> None:
        self._app = Short(world)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)


class Served:
    """`app` at a port of this machine, configured as `playhead serve` does it."""

    def __init__(self, app: Any, **settings: Any) -> None:
        config = configured(app, **settings)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]})

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self.server.started)
        return self

    def __exit__(self, *_exc: object) -> None:
        self.server.should_exit = True
        self.ended()

    def ended(self) -> None:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)

    def connect(self) -> "Line":
        return Line(socket.create_connection(self.listener.getsockname(), timeout=PATIENCE_S))


def configured(app: Any, **settings: Any) -> uvicorn.Config:
    fixed: dict[str, Any] = {
        "http": BatchProtocol,
        "loop": "uvloop",
        "lifespan": "off",
        "access_log": False,
        "log_config": None,
        "log_level": "warning",
        "server_header": False,
        "proxy_headers": False,
    }
    return uvicorn.Config(app, **(fixed | settings))


class Line:
    """One connection."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = connected
        self._received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, data: bytes) -> bytes:
        self.send(data)
        return self.answer()

    def answer(self, *, head_only: bool = False) -> bytes:
        """The next answer, byte for byte; what came of it where the connection ends."""
        while (size := self._size(head_only=head_only)) is None or len(self._received) < size:
            more = self._more()
            if not more:
                size = len(self._received)
                break
            self._received += more
        answer, self._received = self._received[:size], self._received[size:]
        return answer

    def _more(self) -> bytes:
        try:
            return self.socket.recv(65536)
        except ConnectionError:
            return b""

    def _size(self, *, head_only: bool) -> int | None:
        head, end, _rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return None
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        return len(head) + 4 + (int(length[1]) if length and not head_only else 0)


def until(condition: Callable[[], object]) -> None:
    patience = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < patience, "it never came about"
        time.sleep(0.002)
