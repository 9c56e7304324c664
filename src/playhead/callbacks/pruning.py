"""What was delivered leaves after a time: the trail first, then the message, once it was delivered everywhere.

What waits stays, and so does what was given up: somebody may still send it again.
"""

from collections.abc import Iterator
from typing import Final

from django.db import transaction

from playhead.callbacks.models import Attempt, Cursor, Delivery, Endpoint
from playhead.recorder import service
from playhead.recorder.clock import Clock, SystemClock
from playhead.recorder.errand import Errand
from playhead.recorder.models import Outbox

DAY_MS: Final = 24 * 3_600_000
_AT_ONCE: Final = 500
_EVERY_S: Final = 3_600.0
_REST_S: Final = 0.5
"""Between slices: those who write while a class watches come first."""


class Pruner(Errand):
    """Every hour. `days` is how long what was delivered is kept; 0: for ever."""

    def __init__(self, *, days: int, clock: Clock | None = None) -> None:
        super().__init__("pruner")
        self._days = days
        self._clock = clock or SystemClock()

    def take(self) -> float:
        before_ms = self._clock.now_ms() - self._days * DAY_MS
        for _gone in prune(before_ms=before_ms) if self._days else ():
            if self._over.wait(_REST_S):
                break
        return _EVERY_S


def prune(*, before_ms: int) -> Iterator[int]:
    """Take away what was delivered before then, a slice at a time; yields how many rows each slice was."""
    endpoints = list(Endpoint.objects.values_list("pk", flat=True))
    for endpoint in endpoints:
        while gone := _deliveries(endpoint, before_ms):
            yield gone
    yield from _messages(endpoints, before_ms)


def _deliveries(endpoint: int, before_ms: int) -> int:
    old = Delivery.objects.filter(
        endpoint=endpoint, state=Delivery.DONE, next_at__lt=before_ms, done_at__lt=before_ms
    ).order_by("next_at")
    with transaction.atomic():
        # Sent again meanwhile, a message waits: so the state is asked for once more where it counts.
        ids = list(old.select_for_update().values_list("pk", flat=True)[:_AT_ONCE])
        Attempt.objects.filter(delivery__in=ids).delete()
        Delivery.objects.filter(pk__in=ids).delete()
    return len(ids)


def _messages(endpoints: list[int], before_ms: int) -> Iterator[int]:
    """In the outbox: older than that, handed to everybody who wanted it, and in nobody's list any more."""
    handed_over = Cursor.objects.filter(id=1).values_list("outbox_id", flat=True).first() or 0
    last = 0
    while True:
        found = Outbox.objects.filter(id__gt=last, id__lte=handed_over).order_by("id")
        rows = list(found.values_list("id", "created_at")[:_AT_ONCE])
        if not rows or rows[0][1] >= before_ms:
            return
        last = rows[-1][0]
        old = [id for id, created_at in rows if created_at < before_ms]
        kept = Delivery.objects.filter(endpoint__in=endpoints, outbox_id__in=old).values_list("outbox_id", flat=True)
        if gone := sorted(set(old) - set(kept)):
            service.forget_messages(gone)
            yield len(gone)
