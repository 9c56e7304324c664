"""How a video may be watched: what a course, a video, or an agreement with one student may say about it."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from playhead.core import limits
from playhead.lms.models.people import Organisation, User

MOST_PLAYS = 1000
MOST_DEVICES = 10


class Seeking(models.TextChoices):
    FREE = "free", _("free: to anywhere in the video")
    COVERED = "covered", _("only inside what the student has watched")
    NONE = "none", _("none: the video plays on from where the student stopped")


class Concurrent(models.TextChoices):
    NEWEST = "newest", _("the newest goes on, the other one is paused")
    OLDEST = "oldest", _("the oldest goes on, no other one is opened")


class ViewingRules(models.Model):
    """Each rule may be left unsaid (None, or an empty text): then what is said farther away holds, at last nothing.

    The nearer says more: an agreement about one video, one about the course, the video's own rules, the course's.
    """

    seeking = models.CharField(max_length=8, choices=Seeking, blank=True, default="")
    # Thousandths, ascending: all that the player offers.
    rates = models.JSONField(null=True, blank=True)
    part_start_ms = models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(limits.VIDEO_MS)])
    part_end_ms = models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(limits.VIDEO_MS)])
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    # 0: as often as one likes, where a farther rule says a number.
    plays = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(MOST_PLAYS)])
    concurrent = models.CharField(max_length=8, choices=Concurrent, blank=True, default="")
    # 0: any number of devices, where a farther rule says one.
    devices = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(MOST_DEVICES)])
    watermark = models.BooleanField(null=True, blank=True)
    # 0: never, where a farther rule says how often.
    presence_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(limits.PRESENCE_MINUTES)]
    )

    class Meta:
        abstract = True

    RULES = (
        "seeking",
        "rates",
        "part_start_ms",
        "part_end_ms",
        "opens_at",
        "closes_at",
        "plays",
        "concurrent",
        "devices",
        "watermark",
        "presence_minutes",
    )

    def said(self, *names: str) -> dict[str, Any]:
        """Of these rules, those that are said here."""
        return {name: value for name in names if (value := getattr(self, name)) not in (None, "")}


def rate_field() -> "models.PositiveSmallIntegerField[int | None, int | None]":
    """A highest speed of one's own, in thousandths."""
    return models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(limits.RATE_MIN), MaxValueValidator(limits.RATE_MAX)]
    )


class Device(models.Model):
    """A browser that one person watches with. It knows itself by a random name; of that only a hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    token_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=80, blank=True)
    registered_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["registered_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "token_hash"], name="device_once")]

    def __str__(self) -> str:
        return self.name or str(_("a device"))


class Gatekeeper(models.Model):
    """Asks another system, whenever one of its people is about to play, whether they may; see `ask`."""

    organisation = models.ForeignKey(Organisation, models.CASCADE)
    integration = models.CharField(max_length=64, unique=True)
    url = models.URLField(max_length=500)
    timeout_ms = models.PositiveIntegerField(
        default=2_000, validators=[MinValueValidator(200), MaxValueValidator(limits.ASK_TIMEOUT_MS)]
    )
    # What holds when no answer comes in time, or none that can be understood.
    allow_when_silent = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.url
