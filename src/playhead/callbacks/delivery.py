"""Which delivery is due, one attempt at it, and what follows from the answer."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from random import Random, SystemRandom
from typing import Final

from django.db import transaction

from playhead.callbacks import endpoints
from playhead.callbacks.alerts import Alert, tell_admins
from playhead.callbacks.models import Attempt, Delivery, Endpoint
from playhead.callbacks.schedule import next_try_at
from playhead.callbacks.sending import BLOCKED, GONE, TOO_LARGE, Answer, Sender
from playhead.callbacks.signing import signed_headers
from playhead.recorder.clock import Clock, SystemClock
from playhead.recorder.models import Outbox

logger = logging.getLogger(__name__)

ALERT_AFTER_MS: Final = 24 * 3_600_000
DISABLE_AFTER_MS: Final = 5 * 24 * 3_600_000
"""An endpoint that let nothing through for so long is told of, and then switched off."""

# Of each viewer the oldest that waits, found by going from viewer to viewer along the index: an endpoint that was down
# for hours has hundreds of thousands waiting, and looking through all of them would hold up everybody else.
_HEADS: Final = """
WITH RECURSIVE head (id) AS (
    SELECT (
        SELECT id FROM callbacks_delivery WHERE endpoint_id = %(endpoint)s AND state = %(waiting)s
        ORDER BY viewer, id LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT later.id FROM callbacks_delivery AS later
        WHERE later.endpoint_id = %(endpoint)s AND later.state = %(waiting)s AND later.viewer > this.viewer
        ORDER BY later.viewer, later.id LIMIT 1
    )
    FROM head JOIN callbacks_delivery AS this ON this.id = head.id
)
SELECT delivery.* FROM callbacks_delivery AS delivery JOIN head ON head.id = delivery.id
WHERE delivery.next_at <= %(now)s ORDER BY delivery.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one attempt sends, and where to."""

    url: str
    content_type: str
    body: bytes


# How other formats write a message: from the endpoint's address and the message's body.
Renderer = Callable[[str, bytes], Letter]


def as_standard(url: str, body: bytes) -> Letter:
    return Letter(url, "application/json", body)


@dataclass(frozen=True)
class Deliverer:
    """One attempt at a time; a worker runs several side by side."""

    sender: Sender
    clock: Clock = field(default_factory=SystemClock)
    dice: Random = field(default_factory=SystemRandom)
    renderers: Mapping[str, Renderer] = field(default_factory=dict)

    def due(self, endpoint: Endpoint, *, most: int, but: Collection[int] = ()) -> list[Delivery]:
        """What may be sent now: of each viewer the oldest that waits, so that nothing overtakes anything. `but` are
        deliveries under way."""
        asked = {
            "endpoint": endpoint.pk,
            "waiting": Delivery.WAITING,
            "now": self.clock.now_ms(),
            "most": most + len(but),
        }
        found = [delivery for delivery in Delivery.objects.raw(_HEADS, asked) if delivery.pk not in but][:most]
        for delivery in found:
            delivery.endpoint = endpoint
        return found

    def attempt(self, delivery: Delivery) -> Answer:
        """Send it, then write down how that went. Breaking off in between sends it again, under the same id."""
        answer = self.send(delivery)
        self.note(delivery, answer)
        return answer

    def send(self, delivery: Delivery) -> Answer:
        endpoint, now_ms = delivery.endpoint, self.clock.now_ms()
        body = _body(delivery)
        if body is None:
            return Answer(TOO_LARGE, said="the message is not in the outbox any more")
        letter = self.renderers.get(endpoint.format, as_standard)(endpoint.url, body)
        headers = signed_headers(
            letter.body,
            message_id=delivery.message_id,
            at_s=now_ms // 1000,
            signing_secrets=endpoints.signing_secrets(endpoint, now_ms=now_ms),
        )
        return self.sender.post(letter.url, headers=[("content-type", letter.content_type), *headers], body=letter.body)

    @transaction.atomic
    def note(self, delivery: Delivery, answer: Answer) -> None:
        """Keep the attempt, and decide what comes next."""
        now_ms = self.clock.now_ms()
        Attempt.objects.create(
            delivery=delivery,
            at=now_ms,
            took_ms=answer.took_ms,
            outcome=answer.outcome,
            status=answer.status,
            address=answer.address,
            said=answer.said,
        )
        delivery.tries += 1
        if answer.ok:
            delivery.state, delivery.done_at = Delivery.DONE, now_ms
        else:
            self._try_again(delivery, answer, now_ms)
        delivery.save(update_fields=["tries", "state", "next_at", "done_at"])
        endpoint = Endpoint.objects.get(pk=delivery.endpoint_id)
        if answer.ok:
            self._recovered(endpoint, now_ms)
        else:
            self._failed(endpoint, answer, now_ms)

    def _try_again(self, delivery: Delivery, answer: Answer, now_ms: int) -> None:
        next_at = next_try_at(delivery.tries, now_ms=now_ms, retry_after_ms=answer.retry_after_ms, dice=self.dice)
        if next_at is None or answer.outcome == TOO_LARGE:
            delivery.state, delivery.done_at = Delivery.FAILED, now_ms
        else:
            delivery.next_at = next_at

    def _recovered(self, endpoint: Endpoint, now_ms: int) -> None:
        """One got through: what waits for a later try need not wait for it."""
        if endpoint.failing_since is not None:
            Delivery.objects.filter(endpoint=endpoint, state=Delivery.WAITING, next_at__gt=now_ms).update(
                next_at=now_ms
            )
        endpoint.failing_since = endpoint.alerted_at = None
        endpoint.last_ok_at = now_ms
        endpoint.save(update_fields=["failing_since", "alerted_at", "last_ok_at"])

    def _failed(self, endpoint: Endpoint, answer: Answer, now_ms: int) -> None:
        since = endpoint.failing_since = endpoint.failing_since or now_ms
        endpoint.save(update_fields=["failing_since"])
        if not endpoint.active:
            return
        if answer.outcome == GONE or now_ms - since >= DISABLE_AFTER_MS:
            reason = endpoints.GONE if answer.outcome == GONE else endpoints.FAILED_FOR_DAYS
            endpoints.switch_off(endpoint, now_ms=now_ms, reason=reason)
            tell_admins(Alert(endpoint, reason, answer))
        elif endpoint.alerted_at is None and (now_ms - since >= ALERT_AFTER_MS or answer.outcome == BLOCKED):
            endpoint.alerted_at = now_ms
            endpoint.save(update_fields=["alerted_at"])
            tell_admins(Alert(endpoint, "trouble", answer))


def _body(delivery: Delivery) -> bytes | None:
    if delivery.body is not None:
        return bytes(delivery.body)
    if delivery.outbox_id is None:
        return None
    row = Outbox.objects.filter(pk=delivery.outbox_id).values_list("body", flat=True).first()
    return None if row is None else bytes(row)
