"""The one thread that writes the tracking tables: while one group syncs, the next one gathers."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import islice
from typing import Any, Protocol, Self

from playhead.core import limits
from playhead.core.errors import PlayheadError, Retryable, Unavailable
from playhead.recorder.clock import Clock, SystemClock
from playhead.recorder.counts import Counts
from playhead.recorder.workspace import Operation
from playhead.recorder.writers import SOCKET, open_writer

logger = logging.getLogger(__name__)


class Waiting(Protocol):
    """Who waits for an outcome on an event loop: an asyncio.Future, or whatever needs no coroutine to be woken."""

    def get_loop(self) -> asyncio.AbstractEventLoop: ...

    def done(self) -> bool:
        """Whether nobody waits any more."""
        ...

    def set_result(self, outcome: Any, /) -> None:
        """Called on that loop with the outcome or one of our errors. Must not raise: others of the group come after."""
        ...


class Recorder:
    """Takes operations from any thread and any event loop; answers each after the commit that holds it.

    `database` is a PostgreSQL URL, the path of a SQLite file, or the socket of the process that owns one (`writers`).
    `queue` bounds how many may wait; over it `Unavailable` is raised, and nothing is stored.
    """

    def __init__(self, database: str, *, clock: Clock | None = None, queue: int = limits.QUEUE_OPERATIONS) -> None:
        self.clock: Clock = clock or SystemClock()
        self._database = database
        self.far = database.startswith(SOCKET)  # whether another process writes what it takes
        self.queue = queue
        self._waiting: deque[tuple[Operation, Future[Any] | Waiting]] = deque()
        self.counts = Counts()
        self._wake = threading.Condition()
        self._ending = False
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Open the database, so that a bad one fails here, and start recording."""
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="recorder", daemon=True)
        self._thread.start()
        ready.result()

    def stop(self) -> None:
        """Record what waits, then end."""
        with self._wake:
            self._ending = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether its thread is there to write; False before the start, after the end, and should it ever break off."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How many operations wait for the disk now; `queue` is how many may."""
        return len(self._waiting)

    def now_ms(self) -> int:
        return self.clock.now_ms()

    def do(self, operation: Operation) -> Any:
        """Record one operation from an ordinary thread; blocks until it is on disk. Raises our errors."""
        future: Future[Any] = Future()
        self._put(operation, future)
        return _opened(future.result())

    def do_all(self, operations: Iterable[Operation]) -> list[Any]:
        """Record many from an ordinary thread, a group at a time, in their order. Raises the first error."""
        outcomes: list[Any] = []
        for some in batched(operations, limits.GROUP_OPERATIONS):
            futures: list[Future[Any]] = [Future() for _ in some]
            for operation, future in zip(some, futures, strict=True):
                self._put(operation, future)
            outcomes += [_opened(future.result()) for future in futures]
        return outcomes

    def outcomes(self, operations: Iterable[Operation]) -> list[Any]:
        """Record many from an ordinary thread, together: for each its outcome, or one of our errors."""
        futures: list[Future[Any]] = []
        for operation in operations:
            futures.append(Future())
            try:
                self._put(operation, futures[-1])
            except PlayheadError as refused:
                futures[-1].set_result(refused)
        return [future.result() for future in futures]

    async def record(self, operation: Operation) -> Any:
        """The same from an event loop."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.take(operation, future)
        return _opened(await future)

    def take(self, operation: Operation, waiting: Waiting) -> None:
        """Record one operation for somebody on an event loop. Raises where it cannot even wait for the disk."""
        self._put(operation, waiting)

    def _put(self, operation: Operation, waiting: "Future[Any] | Waiting") -> None:
        with self._wake:
            if self._ending or self._thread is None:
                raise Unavailable("stopping", "The server is stopping; nothing was stored.", retry_after_s=2)
            if not self._thread.is_alive():
                raise Unavailable("not_recording", "The recorder has stopped; nothing was stored.", retry_after_s=30)
            if len(self._waiting) >= self.queue:
                raise Unavailable("overloaded", "Too many batches wait for the disk.", retry_after_s=2)
            self._waiting.append((operation, waiting))
            if len(self._waiting) == 1:
                self._wake.notify()

    def _run(self, ready: "Future[None]") -> None:
        try:
            writer = open_writer(self._database)
        except Exception as error:  # noqa: BLE001 - whoever starts the recorder learns it
            ready.set_exception(error)
            return
        ready.set_result(None)
        while group := self._gather():
            began = time.perf_counter()
            outcomes = writer.record([operation for operation, _waiting in group])
            self.counts.group(len(group), time.perf_counter() - began, _failure(outcomes))
            _answer([waiting for _operation, waiting in group], outcomes)
        writer.close()

    def _gather(self) -> list[tuple[Operation, "Future[Any] | Waiting"]]:
        """All that waits, up to a bound; empty only at the end."""
        with self._wake:
            while not self._waiting and not self._ending:
                self._wake.wait()
            count = min(len(self._waiting), limits.GROUP_OPERATIONS)
            return [self._waiting.popleft() for _ in range(count)]


def batched(items: Iterable[Operation], size: int) -> Iterator[list[Operation]]:
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some


def _failure(outcomes: list[Any]) -> str:
    """The code of the storage's refusal, if it refused: then it did so for the whole group."""
    first = outcomes[0]
    return first.code if isinstance(first, Retryable) else ""


def _opened(outcome: Any) -> Any:
    if isinstance(outcome, PlayheadError):
        raise outcome
    return outcome


def _answer(group: list["Future[Any] | Waiting"], outcomes: list[Any]) -> None:
    """Hand the outcomes back: one wake-up per event loop, however large the group."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Waiting, Any]]] = {}
    for waiting, outcome in zip(group, outcomes, strict=True):
        if isinstance(waiting, Future):
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
        if not waiting.done():  # a client that hung up has cancelled its own
            waiting.set_result(outcome)
