"""Who is to be told, what of the outbox each was told, and how every attempt went.

These are tables of the site: the outbox itself is the recorder's and is only read here. Instants are integer epoch
milliseconds, as there.
"""

from django.db import models


class Endpoint(models.Model):
    """An address of another system. Without `integration` it hears of everything in its organisation."""

    key = models.CharField(max_length=40, unique=True)
    organisation_id = models.BigIntegerField(default=1)
    integration = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - as in the recorder's tables
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=2000)
    format = models.CharField(max_length=16, default="standard")  # standard, kollus
    types = models.JSONField(default=list)  # empty: all
    secrets = models.JSONField(default=list)  # [{secret (sealed), created_at, retired_at}], newest first
    created_at = models.BigIntegerField()
    # Off: by an admin (`disabled_reason` empty), or because of what it answered.
    active = models.BooleanField(default=True)
    disabled_at = models.BigIntegerField(null=True)
    disabled_reason = models.CharField(max_length=40, default="")
    # How it goes. `failing_since`: no message got through since then; `alerted_at`: the admins were told.
    failing_since = models.BigIntegerField(null=True)
    alerted_at = models.BigIntegerField(null=True)
    last_ok_at = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.name


class Cursor(models.Model):
    """One row: every message of the outbox up to `outbox_id` was given to the endpoints that want it."""

    id = models.SmallIntegerField(primary_key=True)
    outbox_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.outbox_id)


class Delivery(models.Model):
    """One message for one endpoint."""

    WAITING, DONE, FAILED, DROPPED = "waiting", "done", "failed", "dropped"

    endpoint = models.ForeignKey(Endpoint, models.CASCADE)
    # Its place in the outbox; of a test, which is in no outbox, none, but a body.
    outbox_id = models.BigIntegerField(null=True)
    body = models.BinaryField(null=True)
    message_id = models.CharField(max_length=40, db_index=True)
    type = models.CharField(max_length=40)
    viewer = models.CharField(max_length=200, default="")  # empty: about nobody
    created_at = models.BigIntegerField()
    state = models.CharField(max_length=8, default=WAITING)
    tries = models.IntegerField(default=0)
    next_at = models.BigIntegerField()
    done_at = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "outbox_id"], name="delivery_once")]
        indexes = [
            models.Index(fields=["endpoint", "state", "viewer", "id"], name="delivery_order"),
            models.Index(fields=["endpoint", "state", "next_at"], name="delivery_due"),
        ]

    def __str__(self) -> str:
        return self.message_id


class Attempt(models.Model):
    """One try: `outcome` is one of `sending.OUTCOMES`; `said` the beginning of the answer, or what went wrong."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    at = models.BigIntegerField()
    took_ms = models.IntegerField()
    outcome = models.CharField(max_length=16)
    status = models.IntegerField(null=True)
    address = models.CharField(max_length=64, default="")
    said = models.CharField(max_length=500, default="")

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.outcome
