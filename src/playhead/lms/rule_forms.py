"""The forms of the rules of viewing: a course's, a video's, and those of an agreement with one student."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playhead.core import limits
from playhead.lms import ruling
from playhead.lms.clock import clock, parse_clock
from playhead.lms.course_forms import SPEEDS, moment, speed_choices
from playhead.lms.models import Concurrent, Course, Seeking, User, Video


class ClockField(forms.CharField):
    """A position as `1:02:45`, kept in milliseconds."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=12, **options)

    def prepare_value(self, value: Any) -> Any:
        return clock(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            position_ms = parse_clock(text)
        except ValueError:
            raise ValidationError(_("Write it as 1:02:45 or 2:45.")) from None
        if not 0 <= position_ms <= limits.VIDEO_MS:
            raise ValidationError(_("A video may be up to 24 hours long."))
        return position_ms

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((self.prepare_value(initial) or "") != (data or ""))


class RatesField(forms.TypedMultipleChoiceField):
    """Speeds to choose from; none chosen: all of them."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        choices = [(rate, f"{rate / 1000:g}×") for rate in SPEEDS]
        super().__init__(choices=choices, coerce=int, required=False, empty_value=None, **options)

    def clean(self, value: Any) -> list[int] | None:
        rates: list[int] | None = super().clean(value)
        return sorted(rates) if rates else None


def yes_or_no(**options: Any) -> forms.TypedChoiceField:
    """None where neither is said."""
    return forms.TypedChoiceField(required=False, coerce=lambda text: text == "yes", empty_value=None, **options)


YES_OR_NO = (("yes", gettext_lazy("yes")), ("no", gettext_lazy("no")))


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """What is left as it is holds as the course has it; in the course's own form: nothing is restricted."""

    rates = RatesField(
        label=gettext_lazy("Speeds on offer"), help_text=gettext_lazy("None marked: all up to the highest speed.")
    )
    opens_at = moment(label=gettext_lazy("Open from"))
    closes_at = moment(label=gettext_lazy("Open until"))
    watermark = yes_or_no(
        label=gettext_lazy("Name and time over the picture"),
        help_text=gettext_lazy("A mark that moves about, also in fullscreen. It deters from sharing recordings."),
    )

    class Meta:
        model = Course
        fields = [
            "seeking", "rates", "opens_at", "closes_at", "plays", "concurrent", "devices", "watermark",
            "presence_minutes",
        ]  # fmt: skip
        labels = {
            "seeking": gettext_lazy("Moving about in the video"),
            "plays": gettext_lazy("How often it may be watched"),
            "concurrent": gettext_lazy("When a student plays in two places"),
            "devices": gettext_lazy("Devices of a student, at most"),
            "presence_minutes": gettext_lazy("Ask “Are you still there?” about every … minutes"),
        }
        help_texts = {
            "seeking": gettext_lazy("Who may not skip can always go back, and goes on where they stopped."),
            "plays": gettext_lazy("A reload or a crash costs no play. Empty: as often as one likes."),
            "devices": gettext_lazy("The first ones a student watches with are theirs. Empty: any number."),
            "presence_minutes": gettext_lazy(
                "While it plays. Without an answer within a minute it pauses, and nothing counts until there is one. "
                "A hint that somebody watches, no proof. 0: never."
            ),
        }

    unsaid = gettext_lazy("no rule")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = self.instance.watermark
        self.initial["watermark"] = "" if said is None else "yes" if said else "no"
        fields: dict[str, Any] = self.fields
        fields["watermark"].choices = [("", self.unsaid), *YES_OR_NO]
        fields["seeking"].choices = [("", self.unsaid), *Seeking.choices]
        fields["concurrent"].choices = [("", self.unsaid), *Concurrent.choices]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, said in ruling.contradictions(data).items():
            self.add_error(name, said)
        return data

    def save_by(self, by: User) -> None:
        """Save, and write down what holds now."""
        ruling.set_rules(self.instance, {name: self.cleaned_data[name] for name in self.changed_data}, by=by)


class VideoRulesForm(RulesForm):
    """A video's own rules, in the place of the course's."""

    part_start_ms = ClockField(label=gettext_lazy("Only a part: from"))
    part_end_ms = ClockField(
        label=gettext_lazy("to"), help_text=gettext_lazy("As 1:30. Progress is then counted over this part alone.")
    )
    max_rate = forms.TypedChoiceField(
        label=gettext_lazy("Highest speed that counts"), coerce=int, empty_value=None, required=False
    )

    class Meta(RulesForm.Meta):
        model = Video  # type: ignore[assignment]
        fields = ["max_rate", *RulesForm.Meta.fields, "part_start_ms", "part_end_ms", "alias"]
        labels = {**RulesForm.Meta.labels, "alias": gettext_lazy("Its name in other systems")}
        help_texts = {
            **RulesForm.Meta.help_texts,
            "alias": gettext_lazy("Under which another system asks for it, such as a media content key of Kollus."),
        }

    unsaid = gettext_lazy("as in the course")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", self.unsaid), *speed_choices(self.instance.max_rate)]
        self.fields["max_rate"].choices = choices  # type: ignore[attr-defined]

    def clean_alias(self) -> str:
        alias = str(self.cleaned_data["alias"]).strip()
        if ruling.is_taken(alias, self.instance):
            raise ValidationError(_("Another video has this name already."))
        return alias
