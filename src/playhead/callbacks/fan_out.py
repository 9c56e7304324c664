"""From the outbox to the endpoints: each message becomes a delivery for everyone who wants it, once."""

from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from playhead.callbacks.endpoints import wants
from playhead.callbacks.models import Cursor, Delivery, Endpoint
from playhead.recorder.models import Outbox
from playhead.recorder.store import Store

_AT_ONCE: Final = 500
_FIELDS: Final = ("id", "organisation_id", "integration", "viewer", "type", "message_id", "created_at")


def fan_out(store: Store, *, now_ms: int) -> int:
    """Hand over what is new in the outbox; returns how many messages that were.

    The place in the outbox moves in the same transaction as the deliveries are written: none is forgotten, none
    doubled. `store` says up to where the outbox is settled: on PostgreSQL a lower id may commit after a higher one.
    """
    cursor, _made = Cursor.objects.get_or_create(id=1)
    last = Outbox.objects.aggregate(last=Max("id"))["last"] or 0
    if last <= cursor.outbox_id:
        return 0
    settled = store.horizon("recorder_outbox")
    found = Outbox.objects.filter(id__gt=cursor.outbox_id, id__lte=settled).order_by("id")
    rows = list(found.values(*_FIELDS)[:_AT_ONCE])
    if not rows:
        return 0
    with transaction.atomic():
        endpoints = list(Endpoint.objects.filter(active=True))
        due = [
            Delivery(
                endpoint=endpoint,
                outbox_id=row["id"],
                message_id=row["message_id"],
                type=row["type"],
                viewer=row["viewer"] or "",
                created_at=row["created_at"],
                next_at=now_ms,
            )
            for row in rows
            for endpoint in endpoints
            if row["created_at"] >= endpoint.created_at and wants(endpoint, **_about(row))
        ]
        Delivery.objects.bulk_create(due, ignore_conflicts=True)
        cursor.outbox_id = rows[-1]["id"]
        cursor.save()
    return len(rows)


def _about(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("organisation_id", "integration", "viewer", "type")}
