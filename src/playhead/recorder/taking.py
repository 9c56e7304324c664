"""What there is to ask of whoever records: the same for a thread of this process and for a process beside it."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import islice
from typing import Any, Protocol, Self

from playhead.core import limits
from playhead.core.errors import PlayheadError, Retryable, Unavailable
from playhead.recorder.clock import Clock, SystemClock
from playhead.recorder.counts import Counts
from playhead.recorder.workspace import Operation


class Waiting(Protocol):
    """Who waits for an outcome on an event loop: an asyncio.Future, or whatever needs no coroutine to be woken."""

    def get_loop(self) -> asyncio.AbstractEventLoop: ...

    def done(self) -> bool:
        """Whether nobody waits any more."""
        ...

    def set_result(self, outcome: Any, /) -> None:
        """Called on that loop with the outcome or one of our errors. Must not raise: others of the group come after."""
        ...


class Taking(ABC):
    """Takes operations from any thread and any event loop; answers each after the commit that holds it.

    `queue` bounds how many may wait; over it `Unavailable` is raised, and nothing is stored.
    """

    def __init__(self, *, clock: Clock | None = None, queue: int = limits.QUEUE_OPERATIONS) -> None:
        self.clock: Clock = clock or SystemClock()
        self.queue = queue
        self.counts = Counts()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def stop(self) -> None:
        """Record what waits, then end."""

    @property
    @abstractmethod
    def alive(self) -> bool:
        """Whether there is somebody to write; False before the start, after the end, and should it ever break off."""

    @property
    @abstractmethod
    def waiting(self) -> int:
        """How many operations wait for the disk now; `queue` is how many may."""

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

    async def counted(self) -> Counts:
        """What whoever writes has counted so far."""
        return self.counts

    @abstractmethod
    def _put(self, operation: Operation, waiting: "Future[Any] | Waiting") -> None:
        """Let it wait for the disk, and somebody for its outcome. Raises Unavailable where it cannot."""


def batched(items: Iterable[Operation], size: int) -> Iterator[list[Operation]]:
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some


def failure(outcomes: list[Any]) -> str:
    """The code of the storage's refusal, if it refused: then it did so for the whole group."""
    first = outcomes[0]
    return first.code if isinstance(first, Retryable) else ""


def overloaded() -> Unavailable:
    return Unavailable("overloaded", "Too many batches wait for the disk.", retry_after_s=2)


def stopping() -> Unavailable:
    return Unavailable("stopping", "The server is stopping; nothing was stored.", retry_after_s=2)


def stopped() -> Unavailable:
    return Unavailable("not_recording", "The recorder has stopped; nothing was stored.", retry_after_s=30)


def hand_back(waiting: "Future[Any] | Waiting", outcome: object) -> None:
    if not waiting.done():  # a client that hung up has cancelled its own
        waiting.set_result(outcome)


def _opened(outcome: Any) -> Any:
    if isinstance(outcome, PlayheadError):
        raise outcome
    return outcome
