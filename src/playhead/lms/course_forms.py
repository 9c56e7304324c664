"""The forms of a course: its rules, its dates, and what is agreed with one student."""

from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playhead.core import limits
from playhead.lms import class_list, trail
from playhead.lms.models import Course, Role, User, Video
from playhead.lms.rule_words import moment_text

# Offered for the highest speed, in thousandths.
SPEEDS = (250, 500, 750, 1000, 1250, 1500, 1750, 2000, 2500, 3000, 4000)


def speed_choices(current: int | None = None) -> list[tuple[int, str]]:
    speeds = sorted({*SPEEDS, *([current] if current else [])})
    return [(rate, f"{rate / 1000:g}×") for rate in speeds if limits.RATE_MIN <= rate <= limits.RATE_MAX]


def moment(**options: Any) -> forms.DateTimeField:
    """In the site's time zone."""
    picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(required=False, widget=picker, **options)


class CourseForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    max_rate = forms.TypedChoiceField(
        label=gettext_lazy("Highest speed that counts"),
        coerce=int,
        help_text=gettext_lazy("The player offers no faster one, and what is played faster is not credited."),
    )

    class Meta:
        model = Course
        fields = ["title", "description", "threshold_percent", "max_rate", "no_skip", "needs_visible"]
        labels = {
            "threshold_percent": gettext_lazy("Share of a video needed to complete it, in percent"),
            "no_skip": gettext_lazy("No skipping ahead: only what is watched from the start without a gap counts"),
            "needs_visible": gettext_lazy("Only what is in view counts: the tab in front, or picture-in-picture"),
        }
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "threshold_percent": forms.NumberInput(attrs={"min": 1, "max": 100}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["max_rate"].choices = speed_choices(self.instance.max_rate)  # type: ignore[attr-defined]

    @transaction.atomic
    def save_by(self, by: trail.Actor) -> Course:
        """Save, and write down what was changed from what to what."""
        before = Course.objects.filter(pk=self.instance.pk).first()
        course: Course = self.save()
        changes = [self._change(name, before) for name in self.changed_data]
        if changes:
            trail.note(course, by=by, what="settings", detail="\n".join(changes))
        return course

    def _change(self, name: str, before: Course | None) -> str:
        told = {"what": self.fields[name].label, "after": getattr(self.instance, name)}
        if name == "description" or before is None:
            return str(told["what"])
        return _("%(what)s: %(before)s → %(after)s") % {**told, "before": getattr(before, name)}


class DueForm(forms.Form):
    """One moment for each video; empty where there is none."""

    def __init__(self, *args: Any, videos: list[Video], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.videos = {video.key: video for video in videos}
        for video in videos:
            self.fields[video.key] = moment(label=video.title, initial=video.due_at)

    @transaction.atomic
    def save_by(self, by: User) -> int:
        """How many were changed."""
        changed = [self.videos[key] for key in self.changed_data]
        for video in changed:
            set_due(video, self.cleaned_data[video.key], by=by)
        return len(changed)


def set_due(video: Video, due_at: datetime | None, *, by: trail.Actor) -> None:
    video.due_at = due_at
    video.save(update_fields=["due_at"])
    trail.note(video.course, by=by, what="due_dates", video=video, detail=moment_text(due_at))


class OverrideForm(forms.Form):
    video = forms.ModelChoiceField(queryset=Video.objects.none(), label=gettext_lazy("Video"))
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Kept with your name and the time. The student sees it too."),
    )  # fmt: skip

    def __init__(self, *args: Any, course: Course, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = user.overrides.filter(withdrawn_at=None).values("video")
        self.fields["video"].queryset = course.videos.exclude(pk__in=standing)  # type: ignore[attr-defined]


class CopyForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title of the new course"), max_length=200)
    weeks_later = forms.IntegerField(
        label=gettext_lazy("Move due dates by weeks"),
        required=False,
        min_value=0,
        max_value=520,
        help_text=gettext_lazy("Empty: the new course has no due dates."),
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class ListForm(forms.Form):
    """A file, or text pasted."""

    file = forms.FileField(label=gettext_lazy("CSV file"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Or paste it here"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "name,email\nYūko Tanaka,yuko@school.example"}),
    )

    def told(self) -> str:
        """The list as text. Raises Invalid when it is too long or in another encoding."""
        file = self.cleaned_data["file"]
        return class_list.text_of(file.read(class_list.MOST_BYTES + 1)) if file else str(self.cleaned_data["text"])
