"""The follower: a thread that keeps the sums up with the journal, and never in the way of a viewer.

It reads and counts over a connection of its own, and hands each slice to the recorder's thread, the only one that
writes. A slice is small, and after each the follower rests much longer than it worked.
"""

import logging
import threading
import time
from typing import Self

from playhead.analytics.rollups import next_turn, rows_after
from playhead.core import limits
from playhead.core.errors import PlayheadError
from playhead.recorder.databases import open_store
from playhead.recorder.recorder import Recorder
from playhead.recorder.store import Store

logger = logging.getLogger(__name__)
_AFTER_TROUBLE_S = 30.0


class Follower:
    """Runs from `start` to `stop`, beside a recorder that is started before it and stopped after it."""

    def __init__(self, recorder: Recorder, database: str) -> None:
        self._recorder = recorder
        self._database = database
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        store: Store | None = None
        rest_s = 0.0
        while not self._ending.wait(rest_s):
            try:
                store = store or open_store(self._database)
                rest_s = self.turn(store)
            except PlayheadError as refused:  # the recorder has no room, or is about to stop
                logger.info("rollups wait: %s", refused)
                rest_s = _AFTER_TROUBLE_S
            except Exception:
                # Sums can wait, and be rebuilt: nothing that goes wrong here may end the server or stay unseen.
                logger.exception("rollups failed; trying again in %d s", _AFTER_TROUBLE_S)
                store, rest_s = None, _AFTER_TROUBLE_S
        if store is not None:
            store.close()

    def turn(self, store: Store) -> float:
        """Sum up the next slice, if one waits; returns how long to rest, in seconds."""
        began = time.monotonic()
        turn = next_turn(store, now_ms=self._recorder.now_ms())
        if turn is None:
            self._recorder.counts.follower(0)
            return limits.ROLLUP_PAUSE_S
        self._recorder.do(turn)
        self._recorder.counts.follower(rows_after(store, turn.upto))
        rest_s = (time.monotonic() - began) * limits.ROLLUP_REST
        return rest_s if turn.more else max(rest_s, limits.ROLLUP_PAUSE_S)
