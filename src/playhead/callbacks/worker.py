"""The delivery loop: a thread that looks for what is due, and others that send it, none of which holds up another.

An endpoint that fails is tried by one sender, one that works by a few: a receiver that hangs takes one place, not all.
"""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final

from django.conf import settings
from django.db import close_old_connections, connections

from playhead.callbacks.delivery import Deliverer
from playhead.callbacks.fan_out import fan_out
from playhead.callbacks.models import Delivery, Endpoint
from playhead.recorder.databases import open_store
from playhead.recorder.store import Store

logger = logging.getLogger(__name__)

SENDERS: Final = 32
PER_ENDPOINT: Final = 4
LOOK_EVERY_S: Final = 0.25
"""Until the outbox is looked at again. What waits for an answer before it goes on as soon as that is there."""
_AFTER_TROUBLE_S: Final = 5.0
_AFTER_TROUBLE_MS: Final = 60_000


class Worker:
    """Runs from entering to leaving; on leaving, what is under way is finished."""

    def __init__(self, deliverer: Deliverer) -> None:
        self._deliverer = deliverer
        self._over = threading.Event()
        self._wake = threading.Event()  # an attempt is over, or all is
        self._thread = threading.Thread(target=self._work, name="callbacks", daemon=True)
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="callback")
        self._under_way: dict[int, tuple[int, Future[None]]] = {}

    def __enter__(self) -> "Worker":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._wake.set()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self) -> None:
        store: Store | None = None
        while not self._over.is_set():
            self._wake.clear()
            try:
                store = store or open_store(settings.TRACKING_DATABASE)
                self.turn(store)
                self._wake.wait(LOOK_EVERY_S)
            except Exception:
                logger.exception("the callbacks stumbled, and go on")
                store = None
                self._over.wait(_AFTER_TROUBLE_S)
            finally:
                close_old_connections()
        if store is not None:
            store.close()
        connections.close_all()

    def turn(self, store: Store) -> int:
        """Hand over what is new, and start what is due; returns how many were started."""
        while fan_out(store, now_ms=self._deliverer.clock.now_ms()):
            pass
        done = [id for id, (_endpoint, future) in self._under_way.items() if future.done()]
        for id in done:
            del self._under_way[id]
        return sum(self._start(endpoint) for endpoint in Endpoint.objects.filter(active=True))

    def _start(self, endpoint: Endpoint) -> int:
        mine = [id for id, (key, _future) in self._under_way.items() if key == endpoint.pk]
        room = (1 if endpoint.failing_since else PER_ENDPOINT) - len(mine)
        free = SENDERS - len(self._under_way)
        if room <= 0 or free <= 0:
            return 0
        due = self._deliverer.due(endpoint, most=min(room, free), but=mine)
        for delivery in due:
            attempt = self._pool.submit(self._attempt, delivery)
            self._under_way[delivery.pk] = (endpoint.pk, attempt)
            attempt.add_done_callback(lambda _attempt: self._wake.set())
        return len(due)

    def _attempt(self, delivery: Delivery) -> None:
        try:
            self._deliverer.attempt(delivery)
        except Exception:
            # A secret that does not open, a database away: what may have been sent is sent again, but not at once.
            logger.exception("message %s could not be tried", delivery.message_id)
            later = self._deliverer.clock.now_ms() + _AFTER_TROUBLE_MS
            Delivery.objects.filter(pk=delivery.pk).update(next_at=later)
        finally:
            close_old_connections()
