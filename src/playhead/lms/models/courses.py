"""Courses, who is in them, and their videos."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from playhead.core import limits
from playhead.lms.models.people import KEY_LENGTH, KEY_LETTERS, Organisation, User
from playhead.lms.models.rules import ViewingRules, rate_field
from playhead.media.models import Asset


def course_key() -> str:
    return "c_" + get_random_string(KEY_LENGTH, KEY_LETTERS)


def video_key() -> str:
    return "v_" + get_random_string(KEY_LENGTH, KEY_LETTERS)


class Course(ViewingRules):
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
    needs_visible = models.BooleanField(_("only what is in view counts"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # Set while the course is over: everybody may read it, nothing in it changes, and nothing is earned in it.
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title


class Role(models.TextChoices):
    STUDENT = "student", _("student")
    ASSISTANT = "assistant", _("assistant")
    TEACHER = "teacher", _("teacher")

    @property
    def sees_class(self) -> bool:
        """Teachers and assistants see everything of a course; only teachers change it (see `access`)."""
        return self != Role.STUDENT


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
    ASSET = "asset", _("an uploaded video")
    # By a web address too; `lms.embeds` tells them apart.
    HLS = "hls", _("a playlist (HLS)")
    VIMEO = "vimeo", "Vimeo"
    YOUTUBE = "youtube", "YouTube"
    CLOUDINARY = "cloudinary", "Cloudinary"
    KOLLUS = "kollus", "Kollus"


class PresentVideos(models.Manager["Video"]):
    """Those that were not removed."""

    def get_queryset(self) -> models.QuerySet["Video"]:
        return super().get_queryset().filter(removed_at=None)


class Video(ViewingRules):
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
    asset = models.ForeignKey(
        Asset, models.PROTECT, related_name="videos", verbose_name=_("uploaded video"), null=True, blank=True
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    max_rate = rate_field()
    # What other systems call it, as a media content key of Kollus: nobody else in the organisation has the same.
    alias = models.CharField(max_length=200, blank=True, default="", db_index=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # Removed ones stay, hidden, so that they can be had back, and because what was watched refers to them.
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True, editable=False)

    objects = PresentVideos()
    all_objects = models.Manager["Video"]()

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source="file", url="", asset=None) & ~Q(file="")
                | ~Q(source__in=["file", "asset"]) & Q(file="", asset=None) & ~Q(url="")
                | Q(source="asset", file="", url="", asset__isnull=False),
                name="video_source",
                violation_error_message=_("A video has a file, a web address, or was uploaded."),
            )
        ]

    def __str__(self) -> str:
        return self.title
