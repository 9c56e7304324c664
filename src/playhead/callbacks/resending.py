"""Sending again what was sent before, and sending a test: by an admin, or by the API."""

import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from django.db.models import QuerySet

from playhead.callbacks.models import Delivery, Endpoint

TEST = "callback.test"


def messages(endpoint: Endpoint, *, state: str = "") -> QuerySet[Delivery]:
    """An endpoint's messages, newest first; in one state where one is given."""
    found = Delivery.objects.filter(endpoint=endpoint).order_by("-id")
    return found.filter(state=state) if state else found


def resend(deliveries: QuerySet[Delivery], *, now_ms: int) -> int:
    """Try these again now, with ten tries before them, under the ids they have; returns how many."""
    return deliveries.update(state=Delivery.WAITING, tries=0, next_at=now_ms, done_at=None)


def resend_failed(endpoint: Endpoint, *, now_ms: int) -> int:
    return resend(messages(endpoint, state=Delivery.FAILED), now_ms=now_ms)


def resend_between(endpoint: Endpoint, *, first_ms: int, last_ms: int, now_ms: int) -> int:
    """Everything that happened in `[first_ms, last_ms)`, delivered or not: receivers know the ids they have seen."""
    happened = messages(endpoint).filter(created_at__gte=first_ms, created_at__lt=last_ms)
    return resend(happened, now_ms=now_ms)


def resend_ids(endpoint: Endpoint, ids: Iterable[str], *, now_ms: int) -> int:
    return resend(messages(endpoint).filter(message_id__in=list(ids)), now_ms=now_ms)


def send_test(endpoint: Endpoint, *, now_ms: int) -> Delivery:
    """A message that says it is a test; it is about nobody, so it waits for nobody's messages."""
    moment = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = {"type": TEST, "timestamp": moment, "data": {"endpoint": endpoint.key}}
    message_id = f"msg_{secrets.token_hex(12)}"
    return Delivery.objects.create(
        endpoint=endpoint,
        body=json.dumps(body, separators=(",", ":")).encode(),
        message_id=message_id,
        type=TEST,
        viewer=f"test {message_id}",
        created_at=now_ms,
        next_at=now_ms,
    )
