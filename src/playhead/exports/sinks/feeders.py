"""The worker's part: a thread for each sink that is switched on, so that one whose store is away or slow holds up
neither another one nor anything else."""

import logging
import threading
import time
from typing import Final

from django.db import close_old_connections, connections

from playhead.core import limits
from playhead.exports.models import Sink
from playhead.exports.sinks.feeding import failed, once, well
from playhead.recorder.errand import Errand

logger = logging.getLogger(__name__)
_LOOK_EVERY_S: Final = 2.0
_LEAVE_BEHIND_S: Final = 5.0


class Feeders(Errand):
    """Runs from entering to leaving. A store that hangs is left behind on leaving: its piece comes again."""

    def __init__(self, *, every_s: float = limits.SINK_PAUSE_S) -> None:
        super().__init__("sinks")
        self._every_s = every_s
        self._feeding: dict[str, threading.Thread] = {}

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        until = time.monotonic() + _LEAVE_BEHIND_S
        for thread in self._feeding.values():
            thread.join(max(until - time.monotonic(), 0))

    def take(self) -> float:
        """Start what is switched on and not fed yet."""
        for key in Sink.objects.filter(active=True).values_list("key", flat=True):
            thread = self._feeding.get(key)
            if thread is None or not thread.is_alive():
                thread = threading.Thread(target=self._feed, args=[key], name=f"sink {key}", daemon=True)
                self._feeding[key] = thread
                thread.start()
        return _LOOK_EVERY_S

    def _feed(self, key: str) -> None:
        """Until it is over, switched off or gone."""
        try:
            while not self._over.is_set():
                sink = Sink.objects.filter(key=key, active=True).first()
                if sink is None:
                    return
                self._over.wait(self._turn(sink))
                close_old_connections()
        except Exception:
            logger.exception("a sink stumbled; it is started again")
        finally:
            connections.close_all()

    def _turn(self, sink: Sink) -> float:
        """Feed it, if it is time; returns for how long to rest."""
        now_ms = round(time.time() * 1000)
        if sink.next_at > now_ms:
            return _LOOK_EVERY_S  # not longer: somebody may say "try now"
        try:
            once(sink, over=self._over.is_set)
        except Exception as error:  # noqa: BLE001 - whatever a store does, it is tried again
            wait_s = failed(sink, error, now_ms=round(time.time() * 1000))
            logger.warning("sink %s failed (%s); trying again in %d s", sink.name, type(error).__name__, wait_s)
            return min(wait_s, _LOOK_EVERY_S)
        well(sink, now_ms=round(time.time() * 1000))
        return self._every_s
