"""The way from the process that answers requests to the one that records beside it: the far end of `inlet`.

One frame for each turn of the event loop, and any number of them under way. A thread between the loop and the other
process would share the loop's interpreter, and each would wait for the other; here the loop itself sends and receives.
"""

import asyncio
import logging
import pickle
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Final, NamedTuple, cast

from playhead.core import limits
from playhead.core.errors import Unavailable
from playhead.recorder import wire
from playhead.recorder.clock import Clock
from playhead.recorder.counts import Counts
from playhead.recorder.taking import Taking, Waiting, failure, hand_back, overloaded, stopped, stopping
from playhead.recorder.workspace import Operation

logger = logging.getLogger(__name__)
_NUMBERS: Final = 2**32
_COUNTS_S: Final = 1.0


class _UnderWay(NamedTuple):
    sent_at: float
    waiting: "Sequence[Future[Any] | Waiting]"


class Courier(Taking, asyncio.Protocol):
    """Hands operations over through a connection, from start to stop on one event loop; other threads may ask, too.

    Should the other process go away, everybody who waits is told to send again: a batch that was kept is known again by
    its number. Then `lost` is called, on the loop.
    """

    def __init__(
        self,
        connection: socket.socket,
        *,
        clock: Clock | None = None,
        queue: int = limits.QUEUE_OPERATIONS,
        lost: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(clock=clock, queue=queue)
        self._connection = connection
        self._lost = lost
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connecting: asyncio.Task[Any] | None = None
        self._thread = 0
        self._transport: asyncio.Transport | None = None
        self._frames = wire.Frames()
        self._gathered: list[tuple[Operation, Future[Any] | Waiting]] = []
        self._under_way: dict[int, _UnderWay] = {}
        self._number = 0
        self._waiting = 0
        self._alive = self._ended = False

    def start(self) -> None:
        """Begin on the running loop; what is asked before the loop has the connection waits for it."""
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        self._alive = True
        self._connecting = self._loop.create_task(
            self._loop.create_unix_connection(lambda: self, sock=self._connection)
        )

    def stop(self) -> None:
        """Whoever starts it has had its last answers by now."""
        self._ended = True
        if self._transport is not None:
            self._transport.close()

    @property
    def alive(self) -> bool:
        return self._alive and not self._ended

    @property
    def waiting(self) -> int:
        return self._waiting

    async def counted(self) -> Counts:
        """Of the other process; of what went this way, where that one does not answer between two groups."""
        if self._transport is None:
            return self.counts
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting += 1
        self._write([wire.COUNTS], [future])
        try:
            counts = await asyncio.wait_for(future, _COUNTS_S)
        except TimeoutError:
            return self.counts
        return counts if isinstance(counts, Counts) else self.counts

    def _put(self, operation: Operation, waiting: "Future[Any] | Waiting") -> None:
        if self._ended or self._loop is None:
            raise stopping()
        if not self._alive:
            raise stopped()
        if self._waiting >= self.queue:
            raise overloaded()
        if threading.get_ident() != self._thread:
            try:
                self._loop.call_soon_threadsafe(self._gather, operation, waiting)
            except RuntimeError:  # the loop is closed
                raise stopping() from None
        elif isinstance(waiting, Future):
            raise RuntimeError("the event loop itself must not wait for the disk: it brings the answer")
        else:
            self._gather(operation, waiting)

    def _gather(self, operation: Operation, waiting: "Future[Any] | Waiting") -> None:
        self._waiting += 1
        self._gathered.append((operation, waiting))
        connecting = self._transport is None and self._alive
        if len(self._gathered) == 1 and not connecting:
            asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        gathered, self._gathered = self._gathered, []
        for start in range(0, len(gathered), limits.GROUP_OPERATIONS):
            some = gathered[start : start + limits.GROUP_OPERATIONS]
            self._write([operation for operation, _waiting in some], [waiting for _operation, waiting in some])

    def _write(self, told: Sequence[Any], waiting: "Sequence[Future[Any] | Waiting]") -> None:
        if self._transport is None:
            self._tell(waiting, [_away()] * len(waiting))
            return
        self._number = (self._number + 1) % _NUMBERS
        self._under_way[self._number] = _UnderWay(time.perf_counter(), waiting)
        self._transport.write(wire.frame(told, self._number))

    def _tell(self, waiting: "Sequence[Future[Any] | Waiting]", outcomes: Sequence[Any]) -> None:
        self._waiting -= len(waiting)
        for one, outcome in zip(waiting, outcomes, strict=True):
            if isinstance(one, Future) or one.get_loop() is self._loop:
                hand_back(one, outcome)
            else:
                one.get_loop().call_soon_threadsafe(hand_back, one, outcome)

    # What the connection tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        try:
            for number, outcomes in self._frames.feed(data):
                sent_at, waiting = self._under_way.pop(number)
                if not isinstance(outcomes[0], Counts):
                    self.counts.group(len(outcomes), time.perf_counter() - sent_at, failure(outcomes))
                self._tell(waiting, outcomes)
        except (pickle.UnpicklingError, KeyError, ValueError) as error:
            logger.error("what the recorder says makes no sense: %s", error)
            assert self._transport is not None
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._alive = False
        under_way, self._under_way = self._under_way, {}
        for _sent_at, waiting in under_way.values():
            self._tell(waiting, [_away()] * len(waiting))
        self._send()
        if not self._ended:
            logger.critical("the process that records has ended (%s)", exc or "it hung up")
            self._lost()


def _away() -> Unavailable:
    return Unavailable("storage_failed", "The process that records does not answer; send this again.", retry_after_s=2)
