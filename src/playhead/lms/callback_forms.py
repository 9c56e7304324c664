"""The forms of the callbacks pages."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playhead.callbacks import endpoints
from playhead.core.errors import PlayheadError
from playhead.recorder import integrations
from playhead.recorder.outbox import TYPES


class EndpointForm(forms.Form):
    """An endpoint as it is made or changed."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    url = forms.CharField(label=gettext_lazy("Address"), max_length=2000, help_text=gettext_lazy("https only."))
    integration = forms.ChoiceField(label=gettext_lazy("Tells of"), required=False)
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[
            (endpoints.STANDARD, gettext_lazy("Standard Webhooks (JSON)")),
            (endpoints.KOLLUS, gettext_lazy("Kollus LMS callback (form)")),
        ],
    )
    types = forms.MultipleChoiceField(
        label=gettext_lazy("Messages"),
        choices=[(name, name) for name in TYPES],
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
        help_text=gettext_lazy("None chosen: all."),
    )

    def __init__(self, *args: Any, organisation: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        joined = [(one.key, one.name) for one in integrations.all_of(organisation)]
        if settings.PLAYHEAD_CALLBACK_LOCAL:
            self.fields["url"].help_text = _("https, or http://localhost:… for a system on this machine.")
        everything = ("", _("everything at this school"))
        self.fields["integration"].choices = [everything, *joined]  # type: ignore[attr-defined]

    def clean_integration(self) -> str | None:
        return self.cleaned_data["integration"] or None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "url" in cleaned and "format" in cleaned:
            try:
                endpoints.checked(url=cleaned["url"], format=cleaned["format"])
            except PlayheadError as refused:
                self.add_error("url", ValidationError(str(refused.detail)))
        return cleaned


class _Moment(forms.DateTimeInput):
    input_type = "datetime-local"


class ResendForm(forms.Form):
    """From when to when; both in the site's time zone."""

    first = forms.DateTimeField(label=gettext_lazy("From"), widget=_Moment())
    last = forms.DateTimeField(label=gettext_lazy("Until"), widget=_Moment())

    def between_ms(self) -> tuple[int, int]:
        first: datetime = self.cleaned_data["first"]
        last: datetime = self.cleaned_data["last"]
        return round(first.timestamp() * 1000), round(last.timestamp() * 1000)
