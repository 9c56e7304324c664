"""The one thread that writes the tracking tables: while one group syncs, the next one gathers."""

import asyncio
import contextlib
import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

from playhead.core import limits
from playhead.recorder.clock import Clock
from playhead.recorder.inlet import Inlet, Together
from playhead.recorder.taking import Taking, Waiting, failure, hand_back, overloaded, stopped, stopping
from playhead.recorder.workspace import Operation
from playhead.recorder.writers import SOCKET, open_writer

logger = logging.getLogger(__name__)
_Entry = tuple[Operation, Future[Any] | Together | Waiting]
_RINGS_AT_ONCE: Final = 4096


class Recorder(Taking):
    """Records in a thread of this process.

    `database` is a PostgreSQL URL, the path of a SQLite file, or the socket of the process that owns one (`writers`).
    What comes through the `inlet`, this thread takes and answers by itself: two interpreters work for a batch then, and
    in neither does one thread wait for another.
    """

    def __init__(
        self,
        database: str,
        *,
        clock: Clock | None = None,
        queue: int = limits.QUEUE_OPERATIONS,
        inlet: Inlet | None = None,
    ) -> None:
        super().__init__(clock=clock, queue=queue)
        self._database = database
        self.far = database.startswith(SOCKET)  # whether another process writes what it takes
        self._inlet = inlet
        self._waiting: deque[_Entry] = deque()
        self._lock = threading.Lock()
        self._ending = False
        self._thread: threading.Thread | None = None
        self._bell: _Bell | None = None

    def start(self) -> None:
        """Open the database, so that a bad one fails here, and start recording."""
        ready: Future[None] = Future()
        self._bell = _Bell()
        self._thread = threading.Thread(target=self._run, args=(ready, self._bell), name="recorder", daemon=True)
        self._thread.start()
        ready.result()

    def stop(self) -> None:
        with self._lock:
            self._ending = True
            if self._bell is not None:
                self._bell.ring()
        if self._thread is not None:
            self._thread.join()

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def _put(self, operation: Operation, waiting: "Future[Any] | Waiting") -> None:
        with self._lock:
            if self._ending or self._bell is None:
                raise stopping()
            if not self.alive:
                raise stopped()
            if len(self._waiting) >= self.queue:
                raise overloaded()
            self._waiting.append((operation, waiting))
            if len(self._waiting) == 1:
                self._bell.ring()

    def _run(self, ready: "Future[None]", bell: "_Bell") -> None:
        with contextlib.closing(bell), selectors.DefaultSelector() as sources:
            try:
                writer = open_writer(self._database)
            except Exception as error:  # noqa: BLE001 - whoever starts the recorder learns it
                ready.set_exception(error)
                return
            sources.register(bell, selectors.EVENT_READ, bell.silence)
            if self._inlet is not None:
                sources.register(self._inlet, selectors.EVENT_READ, partial(self._take_in, self._inlet))
            ready.set_result(None)
            try:
                while group := self._gather(sources):
                    began = time.perf_counter()
                    outcomes = writer.record([operation for operation, _waiting in group])
                    self.counts.group(len(group), time.perf_counter() - began, failure(outcomes))
                    _answer([waiting for _operation, waiting in group], outcomes)
            finally:
                if self._inlet is not None:
                    self._inlet.over.set()  # whoever brings something here must not wait for a thread that broke off
            writer.close()

    def _gather(self, sources: selectors.BaseSelector) -> list[_Entry]:
        """All that waits, up to a bound; empty only at the end."""
        while True:
            for key, _events in sources.select(0 if self._waiting or self._ending else None):
                if not key.data():
                    sources.unregister(key.fileobj)
            with self._lock:
                if self._waiting or self._ending:
                    count = min(len(self._waiting), limits.GROUP_OPERATIONS)
                    return [self._waiting.popleft() for _ in range(count)]

    def _take_in(self, inlet: Inlet) -> bool:
        """What has come through the inlet, whose other end bounds how much that can be; False at its end."""
        came = inlet.take(self.counts)
        with self._lock:
            self._waiting.extend(came or ())
        return came is not None


class _Bell:
    """Wakes the thread that waits for it among other sources."""

    def __init__(self) -> None:
        self._pull, self._clapper = socket.socketpair()
        self._pull.settimeout(0)
        self._clapper.settimeout(0)

    def fileno(self) -> int:
        return self._clapper.fileno()

    def ring(self) -> None:
        with contextlib.suppress(OSError):  # it rings already more often than anybody can have heard, or nobody listens
            self._pull.send(b"\0")

    def silence(self) -> bool:
        return bool(self._clapper.recv(_RINGS_AT_ONCE))

    def close(self) -> None:
        self._pull.close()
        self._clapper.close()


def _answer(group: Sequence["Future[Any] | Together | Waiting"], outcomes: list[Any]) -> None:
    """Hand the outcomes back: one wake-up per event loop, however large the group."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Waiting, Any]]] = {}
    for waiting, outcome in zip(group, outcomes, strict=True):
        if isinstance(waiting, (Together, Future)):
            waiting.set_result(outcome)
        else:
            by_loop.setdefault(waiting.get_loop(), []).append((waiting, outcome))
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_set_results, answers)
        except RuntimeError:  # the loop closed while its request waited: nobody is there to answer
            logger.info("%d answers had nobody waiting", len(answers))


def _set_results(answers: list[tuple[Waiting, Any]]) -> None:
    for waiting, outcome in answers:
        hand_back(waiting, outcome)
