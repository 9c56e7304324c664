"""Uploaded videos: what was brought, what was made of it, and what belongs to it.

No file is named after anything a person typed, and no key of a segment is in these tables or beside the files: they are
derived (`media.keys`) from a master key that lies elsewhere, an asset's salt and a segment's place.
"""

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

_LETTERS = "23456789abcdefghijkmnpqrstuvwxyz"


def asset_key() -> str:
    return "a_" + get_random_string(16, _LETTERS)


def new_salt() -> bytes:
    return secrets.token_bytes(16)


class State(models.TextChoices):
    """Where an asset stands. Whoever packages takes what is `WAITING`; the rest of its life is `READY`."""

    UPLOADING = "uploading", _("uploading")
    WAITING = "waiting", _("waiting for its turn")
    PACKAGING = "packaging", _("being packaged")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    DELETED = "deleted", _("deleted")


class Asset(models.Model):
    """One uploaded video. Videos of several courses may show it; `shelf` is the course whose library it is in."""

    key = models.CharField(max_length=40, unique=True, default=asset_key, editable=False)
    organisation_id = models.BigIntegerField(default=1)
    shelf = models.CharField(max_length=40, db_index=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADING, db_index=True)
    progress_percent = models.PositiveSmallIntegerField(default=0)
    # Why it failed: a code of `media.refusals`, and what else there is to say in words.
    reason = models.CharField(max_length=40, blank=True)
    reason_detail = models.CharField(max_length=500, blank=True)
    # What was brought.
    name = models.CharField(max_length=255)  # the file's, as the uploader's machine called it: only ever shown
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    made_by = models.CharField(max_length=40, blank=True)  # a person's key
    created_at = models.DateTimeField(default=timezone.now)
    # What was made of it.
    duration_ms = models.BigIntegerField(null=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    packed_bytes = models.BigIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    master = models.CharField(max_length=16, blank=True)  # which master key
    salt = models.BinaryField(default=new_salt)
    boards = models.PositiveSmallIntegerField(default=0)  # pages of the storyboard
    board_every_ms = models.PositiveIntegerField(default=0)
    stills = models.PositiveSmallIntegerField(default=0)  # pictures to choose the poster from
    poster = models.PositiveSmallIntegerField(default=0)  # the one chosen
    chapters = models.JSONField(default=list)  # [{"start_ms": 0, "title": "..."}], in order
    # Whoever packages it says so again and again; when that stops, another may take it.
    claimed_by = models.CharField(max_length=40, blank=True)
    claimed_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # After this its files go; until then it can be had back.
    delete_after = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def has_picture(self) -> bool:
        return self.width > 0


class Upload(models.Model):
    """A file on its way in, by tus. How far it is, its file says: there is no second number that could differ."""

    asset = models.OneToOneField(Asset, models.CASCADE, related_name="upload")
    token_hash = models.CharField(max_length=64, unique=True)  # of the secret part of its address
    size_bytes = models.BigIntegerField()
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="upload_expires", condition=Q(finished_at=None))]

    def __str__(self) -> str:
        return str(self.asset)


class Rendition(models.Model):
    """An asset in one quality; `segments` is packed by `media.segments`."""

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=16)  # 720p, audio
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    frame_rate = models.PositiveIntegerField(default=0)  # thousandths
    bandwidth = models.PositiveIntegerField()  # bits a second, of the largest segment
    average_bandwidth = models.PositiveIntegerField()
    codecs = models.CharField(max_length=60)
    segments = models.BinaryField()

    class Meta:
        ordering = ["-bandwidth", "pk"]
        constraints = [models.UniqueConstraint(fields=["asset", "name"], name="rendition_once")]

    def __str__(self) -> str:
        return self.name


class Captions(models.Model):
    """What is said, in one language, as WebVTT."""

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="captions")
    language = models.CharField(max_length=16)  # BCP 47: en, es-MX
    label = models.CharField(max_length=60)
    text = models.TextField()

    class Meta:
        ordering = ["language"]
        constraints = [models.UniqueConstraint(fields=["asset", "language"], name="captions_once")]

    def __str__(self) -> str:
        return self.label
