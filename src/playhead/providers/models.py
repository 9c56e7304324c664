"""Accounts at providers, and the videos there that a course's library holds. Instants are Django's."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def _account_key() -> str:
    return "pa_" + secrets.token_hex(8)


def _remote_key() -> str:
    return "r_" + secrets.token_hex(8)


class Kind(models.TextChoices):
    VIMEO = "vimeo", "Vimeo"
    CLOUDINARY = "cloudinary", "Cloudinary"
    KOLLUS = "kollus", "Kollus"


class Account(models.Model):
    """`settings` may be shown; `secrets` is a JSON object, sealed, and is never shown again."""

    key = models.CharField(max_length=40, unique=True, default=_account_key)
    organisation_id = models.BigIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=100)
    settings = models.JSONField(default=dict)
    secrets = models.TextField()
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    # How it goes; nothing is asked of it before `next_at`.
    last_ok_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, default="", blank=True)
    next_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    """Where a video at a provider stands."""

    UPLOADING = "uploading", _("uploading")
    TRANSCODING = "transcoding", _("being transcoded")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    GONE = "gone", _("deleted there")
    DELETED = "deleted", _("deleted")


UNDECIDED = frozenset({State.UPLOADING, State.TRANSCODING})
OVER = frozenset({State.GONE, State.DELETED})


class RemoteVideo(models.Model):
    """A video that lies at a provider, in the library of the course `shelf`.

    `video` is the key of the course's video that shows it, once there is one. `ours`: it was uploaded from here, so it
    is deleted there when it is deleted here; one that was there before is only let go of. `untold`: what is said about
    it here is not said there yet.
    """

    key = models.CharField(max_length=40, unique=True, default=_remote_key)
    account = models.ForeignKey(Account, models.PROTECT, related_name="videos")
    remote_id = models.CharField(max_length=255)
    shelf = models.CharField(max_length=40, db_index=True)
    video = models.CharField(max_length=40, default="", blank=True, db_index=True)
    ours = models.BooleanField(default=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    untold = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADING)
    reason = models.CharField(max_length=500, default="", blank=True)
    trouble = models.CharField(max_length=500, default="", blank=True)  # what its provider refused, until it does not
    duration_ms = models.BigIntegerField(null=True)
    url = models.CharField(max_length=2000, default="", blank=True)
    thumbnail = models.CharField(max_length=2000, default="", blank=True)
    name = models.CharField(max_length=255, default="", blank=True)  # the file's: only ever shown
    size_bytes = models.BigIntegerField(default=0)
    made_by = models.CharField(max_length=40, default="", blank=True)  # a person's key
    created_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(default=timezone.now)  # when its provider is asked about it next
    delete_after = models.DateTimeField(null=True)  # until then it can be had back

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["next_at"], name="remote_due", condition=~Q(state="deleted"))]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "remote_id", "shelf"], name="remote_once", condition=~Q(state="deleted")
            )
        ]

    def __str__(self) -> str:
        return self.title
