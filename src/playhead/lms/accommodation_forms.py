"""The form of what is agreed with one student: rules of their own."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playhead.lms import agreeing, ruling
from playhead.lms.course_forms import moment, speed_choices
from playhead.lms.models import Accommodation, Concurrent, Course, Seeking, User
from playhead.lms.rule_forms import YES_OR_NO, ClockField, RatesField, yes_or_no

_CHOICES: Final[dict[str, Any]] = {
    "max_rate": speed_choices(),
    "seeking": Seeking.choices,
    "concurrent": Concurrent.choices,
    "watermark": YES_OR_NO,
}


class AccommodationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """Other terms for one student. Made again for the same video, it takes the place of the one before.

    Every rule that a course or a video can have may be agreed on; what is left as it is holds as for everybody.
    """

    max_rate = forms.TypedChoiceField(label=gettext_lazy("Highest speed"), coerce=int, empty_value=None, required=False)
    due_at = moment(label=gettext_lazy("Due"))
    opens_at = moment(label=gettext_lazy("Open from"))
    closes_at = moment(label=gettext_lazy("Open until"))
    rates = RatesField(label=gettext_lazy("Speeds on offer"), help_text=gettext_lazy("None marked: as for everybody."))
    part_start_ms = ClockField(label=gettext_lazy("Only a part: from"))
    part_end_ms = ClockField(
        label=gettext_lazy("to"), help_text=gettext_lazy("As 1:30. Progress is then counted over this part alone.")
    )
    watermark = yes_or_no(label=gettext_lazy("Name and time over the picture"))

    class Meta:
        model = Accommodation
        fields = [
            "video", "max_rate", "rates", "threshold_percent", "due_at", "seeking", "part_start_ms", "part_end_ms",
            "opens_at", "closes_at", "plays", "concurrent", "devices", "watermark", "presence_minutes", "reason",
        ]  # fmt: skip
        labels = {
            "video": gettext_lazy("For"),
            "threshold_percent": gettext_lazy("Percent needed"),
            "seeking": gettext_lazy("Moving about in the video"),
            "concurrent": gettext_lazy("When they play in two places"),
            "plays": gettext_lazy("Plays (0: as often as they like)"),
            "devices": gettext_lazy("Devices (0: any number)"),
            "presence_minutes": gettext_lazy("Asked whether they are there, every … minutes (0: never)"),
            "reason": gettext_lazy("Why"),
        }
        widgets = {"threshold_percent": forms.NumberInput(attrs={"min": 1, "max": 100})}

    def __init__(self, *args: Any, course: Course, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.course, self.user = course, user
        fields: dict[str, Any] = self.fields
        fields["video"].queryset = course.videos.all()
        fields["video"].empty_label = _("All videos of the course")
        for name, choices in _CHOICES.items():
            fields[name].choices = [("", _("as for everybody")), *choices]
        self.fields["threshold_percent"].widget.attrs["placeholder"] = str(course.threshold_percent)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and all(data.get(name) in (None, "") for name in self.fields.keys() - {"video", "reason"}):
            raise ValidationError(_("Give at least one rule: speed, percent, a date, or another."))
        for name, said in ruling.contradictions(data).items():
            self.add_error(name, said)
        return data

    def save_by(self, by: User) -> Accommodation:
        said = dict(self.cleaned_data)
        video, reason = said.pop("video"), said.pop("reason")
        return agreeing.agree(self.course, self.user, video, said, by=by, reason=reason)
