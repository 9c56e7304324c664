"""Where a process that answers requests brings what is to be recorded: the near end of `courier`.

Read by the recorder's own thread between two groups, and answered by it after each commit.
"""

import logging
import pickle
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from playhead.recorder import wire
from playhead.recorder.counts import Counts
from playhead.recorder.workspace import Operation

logger = logging.getLogger(__name__)
_PIECE: Final = 1 << 20


class Together:
    """Operations that came together, and are answered together: `answered` gets the outcomes in their order.

    It is called in the recorder's thread, and must not raise: others come after.
    """

    __slots__ = ("_answered", "_count", "_outcomes")

    def __init__(self, count: int, answered: Callable[[list[Any]], None]) -> None:
        self._count = count
        self._answered = answered
        self._outcomes: list[Any] = []

    def set_result(self, outcome: Any, /) -> None:
        self._outcomes.append(outcome)
        if len(self._outcomes) == self._count:
            self._answered(self._outcomes)


class Inlet:
    """One connection. `over` is set once nothing more comes, `orderly` before that where the other end has said so: a
    process that was killed says nothing."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._frames = wire.Frames()
        self.over = threading.Event()
        self.orderly = False

    def fileno(self) -> int:
        return self._connection.fileno()

    def take(self, counts: Counts) -> list[tuple[Operation, Together]] | None:
        """What has come: operations, and who waits for them; None at the end. Call it when there is something."""
        came: list[tuple[Operation, Together]] = []
        try:
            piece = self._connection.recv(_PIECE)
            for number, told in self._frames.feed(piece):
                if not told:
                    self.orderly = True
                    self.over.set()
                elif told == [wire.COUNTS]:
                    self._answer(number, [counts])
                else:
                    together = Together(len(told), partial(self._answer, number))
                    came += [(operation, together) for operation in told]
        except (OSError, pickle.UnpicklingError) as error:
            logger.warning("the process that answers requests is gone: %s", error)
            piece = b""
        if piece:
            return came
        self.over.set()
        return None

    def _answer(self, number: int, outcomes: list[Any]) -> None:
        try:
            self._connection.sendall(wire.frame(outcomes, number))
        except OSError as error:
            logger.info("%d answers had nobody waiting: %s", len(outcomes), error)
