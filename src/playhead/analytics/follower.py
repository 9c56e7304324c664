"""The follower: a thread that keeps the sums up with the journal, and never in the way of a viewer.

It reads and counts over a connection of its own, and hands each slice to the recorder's thread, the only one that
writes. A slice is small, and after each the follower rests much longer than it worked.
"""

import time
from typing import Final

from playhead.analytics.rollups import next_turn, rows_after
from playhead.core import limits
from playhead.recorder.errand import StoreErrand
from playhead.recorder.recorder import Recorder
from playhead.recorder.store import Store

_AFTER_TROUBLE_S: Final = 30.0


class Follower(StoreErrand):
    """Runs beside a recorder that is started before it and stopped after it. Sums can wait, and be rebuilt."""

    def __init__(self, recorder: Recorder, database: str) -> None:
        super().__init__("follower", database, after_trouble_s=_AFTER_TROUBLE_S)
        self._recorder = recorder

    def take_from(self, store: Store) -> float:
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
