"""The forms of an integration: what it is, what is given to it, and its keys."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playhead.callbacks import endpoints
from playhead.core.errors import PlayheadError
from playhead.lms.api_keys import SCOPES
from playhead.lms.models import Course

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?", re.ASCII)
MOST_ORIGINS = 20
_OVERLAPS = ((0, gettext_lazy("ends now")), (24, gettext_lazy("is good for one more day")),
             (168, gettext_lazy("is good for one more week")))  # fmt: skip


class IntegrationForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    kind = forms.ChoiceField(
        label=gettext_lazy("Speaks"),
        choices=[("playhead", gettext_lazy("Playhead’s own language")), ("kollus", gettext_lazy("Kollus’s language"))],
    )
    origins = forms.CharField(
        label=gettext_lazy("Its pages"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "https://lms.example"}),
        help_text=gettext_lazy("Origins that may show our player, one a line."),
    )
    progress_every_s = forms.IntegerField(
        label=gettext_lazy("Report progress every … seconds"), min_value=1, max_value=3600, initial=10
    )

    def clean_origins(self) -> tuple[str, ...]:
        told = [line.strip().rstrip("/").lower() for line in self.cleaned_data["origins"].splitlines() if line.strip()]
        wrong = [origin for origin in told if not _ORIGIN.fullmatch(origin)]
        if wrong:
            raise ValidationError(
                _("“%(origin)s” is not an origin such as https://lms.example.") % {"origin": wrong[0]}
            )
        if len(told) > MOST_ORIGINS:
            raise ValidationError(_("At most %(most)d origins.") % {"most": MOST_ORIGINS})
        return tuple(dict.fromkeys(told))


class GrantForm(forms.Form):
    whole_school = forms.BooleanField(
        label=gettext_lazy("The whole school: every course and everybody in it, now and later"), required=False
    )
    courses = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Or these courses, and the people it sends"),
        queryset=Course.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, organisation_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["courses"].queryset = Course.objects.filter(  # type: ignore[attr-defined]
            organisation=organisation_id
        )


class KeyForm(forms.Form):
    key_name = forms.CharField(label=gettext_lazy("What it is for"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )


class HookForm(forms.Form):
    """Where it wants to hear of its own viewers, in the language it speaks."""

    url = forms.CharField(label=gettext_lazy("Address"), max_length=2000)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.format = endpoints.KOLLUS if kind == "kollus" else endpoints.STANDARD

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            endpoints.checked(url=url, format=self.format)
        except PlayheadError as refused:
            raise ValidationError(str(refused.detail)) from None
        return url


class OverlapForm(forms.Form):
    hours = forms.TypedChoiceField(label=gettext_lazy("The old one"), choices=_OVERLAPS, coerce=int, initial=168)

    @property
    def overlap(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["hours"])
