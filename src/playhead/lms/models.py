"""The learning site's own tables. What was watched lives with the recorder, which knows people and videos by key."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from playhead.core import limits
from playhead.recorder.policy import Policy

# Without 0, 1, l, o: keys are read aloud and typed.
KEY_LETTERS = "23456789abcdefghijkmnpqrstuvwxyz"
KEY_LENGTH = 16


def user_key() -> str:
    return "u_" + get_random_string(KEY_LENGTH, KEY_LETTERS)


def course_key() -> str:
    return "c_" + get_random_string(KEY_LENGTH, KEY_LETTERS)


def video_key() -> str:
    return "v_" + get_random_string(KEY_LENGTH, KEY_LETTERS)


class Organisation(models.Model):
    """One school. Nothing of one organisation is ever shown to another."""

    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name


def default_organisation() -> int:
    """The id of the organisation that was there first, made when there is none."""
    found = Organisation.objects.order_by("pk").first() or Organisation.objects.create(name="Playhead")
    return found.pk


class User(AbstractUser):
    """A person with an account. `key` is what the tracking side knows them by; it says nothing about them."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("organisation"))
    key = models.CharField(_("key"), max_length=40, unique=True, default=user_key, editable=False)
    username = models.CharField(
        _("username"),
        max_length=150,
        unique=True,
        error_messages={"unique": _("This username is taken.")},
        help_text=_("Letters, digits and . + - _ only; capitals make no difference."),
        # No @: so a username can never be somebody else's e-mail address.
        validators=[RegexValidator(r"^[\w.+-]+\Z", _("Use letters, digits and . + - _ only."))],
    )
    name = models.CharField(_("name"), max_length=200, blank=True, help_text=_("As it is shown to others."))

    REQUIRED_FIELDS = ["email"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("username"), name="user_username", violation_error_message=_("This username is taken.")
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="user_email",
                violation_error_message=_("Another account has this e-mail address."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """An account made on the command line belongs to the first organisation."""
        if not hasattr(self, "organisation"):
            self.organisation_id = default_organisation()
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Course(models.Model):
    """A course run. Its policy holds for all its videos and binds the playbacks opened from now on."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("organisation"))
    key = models.CharField(_("key"), max_length=40, unique=True, default=course_key, editable=False)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    people = models.ManyToManyField(User, through="Enrolment", related_name="courses")
    threshold_percent = models.PositiveSmallIntegerField(
        _("share needed for completion, percent"),
        default=limits.THRESHOLD_PERCENT_DEFAULT,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    max_rate = models.PositiveSmallIntegerField(
        _("highest speed, thousandths"),
        default=limits.RATE_POLICY_DEFAULT,
        validators=[MinValueValidator(limits.RATE_MIN), MaxValueValidator(limits.RATE_MAX)],
    )
    no_skip = models.BooleanField(_("no skipping ahead"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def policy(self) -> Policy:
        """What a playback of one of its videos is opened under."""
        return Policy(max_rate=self.max_rate, threshold_percent=self.threshold_percent, no_skip=self.no_skip)


class Role(models.TextChoices):
    STUDENT = "student", _("student")
    TEACHER = "teacher", _("teacher")


class Enrolment(models.Model):
    """One person's place in one course."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="enrolments", verbose_name=_("course"))
    user = models.ForeignKey(User, models.CASCADE, related_name="enrolments", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.STUDENT)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [models.UniqueConstraint(fields=["course", "user"], name="enrolment_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.course}"


class Source(models.TextChoices):
    FILE = "file", _("a file on the server")
    URL = "url", _("a web address")


class Video(models.Model):
    """One video of one course. A replaced video is a new video: what was watched belongs to what was shown."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="videos", verbose_name=_("course"))
    key = models.CharField(_("key"), max_length=40, unique=True, default=video_key, editable=False)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.FILE)
    file = models.CharField(_("file name in the media folder"), max_length=255, blank=True)
    url = models.URLField(_("web address"), max_length=2000, blank=True)
    content_type = models.CharField(_("content type"), max_length=100, default="video/mp4")
    duration_ms = models.PositiveIntegerField(
        _("length in milliseconds"), null=True, blank=True, validators=[MaxValueValidator(limits.VIDEO_MS)]
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source="file", url="") & ~Q(file="") | Q(source="url", file="") & ~Q(url=""),
                name="video_source",
                violation_error_message=_("A video has either a file or a web address."),
            )
        ]

    def __str__(self) -> str:
        return self.title
