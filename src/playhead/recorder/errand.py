"""Work that goes on beside everything else: a thread that takes a turn, rests, and takes the next."""

import logging
import threading
from typing import Final, Self

from django.db import close_old_connections, connections

from playhead.core.errors import Retryable
from playhead.recorder.databases import open_store
from playhead.recorder.store import Store

logger = logging.getLogger(__name__)

AFTER_TROUBLE_S: Final = 5.0


class Errand:
    """Runs from entering to leaving its block; a turn that is under way is finished. `take` is the turn.

    What goes wrong in one is logged, and the next comes after a while: a database that is away for a moment must not
    end it for good. `leave_s` is how long leaving waits for a turn that does not end; None for as long as it takes.
    """

    def __init__(
        self,
        name: str,
        *,
        after_trouble_s: float = AFTER_TROUBLE_S,
        first_rest_s: float = 0.0,
        leave_s: float | None = None,
    ) -> None:
        self._after_trouble_s = after_trouble_s
        self._first_rest_s = first_rest_s
        self._leave_s = leave_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self._thread.join(self._leave_s)

    def take(self) -> float:
        """Do the next piece of work; returns how long to rest, in seconds."""
        raise NotImplementedError

    def stumbled(self) -> None:
        """After trouble: let go of what may be broken."""

    def ended(self) -> None:
        """In the thread, at its end."""

    def _run(self) -> None:
        rest_s = self._first_rest_s
        while not self._over.wait(rest_s):
            try:
                rest_s = self.take()
            except Retryable as refused:  # the recorder has no room, or is about to stop
                logger.info("the %s waits: %s", self._thread.name, refused)
                rest_s = self._after_trouble_s
            except Exception:
                logger.exception("the %s stumbled, and goes on in %g s", self._thread.name, self._after_trouble_s)
                self.stumbled()
                rest_s = self._after_trouble_s
            finally:
                close_old_connections()
        self.ended()
        connections.close_all()


class StoreErrand(Errand):
    """One that reads the tracking database over a connection of its own, opened anew after trouble."""

    def __init__(self, name: str, database: str, *, after_trouble_s: float) -> None:
        super().__init__(name, after_trouble_s=after_trouble_s)
        self._database = database
        self._store: Store | None = None

    def take(self) -> float:
        if self._store is None:
            self._store = open_store(self._database)
            self.begin(self._store)
        return self.take_from(self._store)

    def begin(self, store: Store) -> None:
        """Before the first turn over a new connection."""

    def take_from(self, store: Store) -> float:
        """What `take` is for this one."""
        raise NotImplementedError

    def stumbled(self) -> None:
        self._store = None

    def ended(self) -> None:
        if self._store is not None:
            self._store.close()
