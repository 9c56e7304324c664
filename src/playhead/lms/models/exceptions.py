"""What a teacher decides for one student, and the trail of what was decided in a course."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from playhead.lms.models.courses import Course, Video
from playhead.lms.models.people import User
from playhead.lms.models.rules import ViewingRules, rate_field


class Accommodation(ViewingRules):
    """Other terms for one student: for one video, or with `video` empty for all of the course. What is empty here is as
    it is for the others. It binds the playbacks opened from now on."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="accommodations")
    user = models.ForeignKey(User, models.CASCADE, related_name="accommodations")
    video = models.ForeignKey(Video, models.CASCADE, related_name="accommodations", null=True, blank=True)
    max_rate = rate_field()
    threshold_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    due_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True, default="")  # also where another system made it
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "user"], condition=Q(video=None), name="accommodation_of_course_once"
            ),
            models.UniqueConstraint(
                fields=["user", "video"], condition=~Q(video=None), name="accommodation_of_video_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.video or self.course}"

    @property
    def by(self) -> str:
        """Who made it."""
        return self.by_name or str(self.made_by or "")


class Override(models.Model):
    """A teacher's word that a video is complete for a student. It stands beside the progress and changes no credit.
    Withdrawn ones stay, so that it can be seen later who said what when."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="overrides")
    user = models.ForeignKey(User, models.CASCADE, related_name="overrides")
    reason = models.CharField(_("reason"), max_length=500)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True, default="")  # also where another system made it
    made_at = models.DateTimeField(auto_now_add=True)
    withdrawn_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    withdrawn_by_name = models.CharField(max_length=200, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["video", "user"], condition=Q(withdrawn_at=None), name="override_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.video}"

    @property
    def by(self) -> str:
        """Who made it."""
        return self.by_name or str(self.made_by or "")

    @property
    def withdrawn_by_whom(self) -> str:
        return self.withdrawn_by_name or str(self.withdrawn_by or "")


class TrailEntry(models.Model):
    """Who decided what in a course, when and why. Written once, never changed; names are kept as they were then."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="trail")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    what = models.CharField(max_length=40)  # a code of trail.WORDS
    about_user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    about_name = models.CharField(max_length=200, blank=True)
    about_video = models.ForeignKey(Video, models.SET_NULL, null=True, related_name="+")
    video_title = models.CharField(max_length=200, blank=True)
    detail = models.TextField(blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.by_name} · {self.what}"
