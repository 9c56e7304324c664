"""The forms of the library: what is said about an uploaded video."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playhead.core.errors import PlayheadError
from playhead.lms import library
from playhead.lms.clock import clock
from playhead.lms.library import Item
from playhead.media.texts import check_captions, parse_chapters

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")


class AboutForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )
    chapters = forms.CharField(
        label=gettext_lazy("Chapters"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One on each line: where it begins, then its name, such as 1:30 The second wave."),
    )
    poster = forms.TypedChoiceField(label=gettext_lazy("Picture"), coerce=int, required=False, widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, item: Item) -> None:
        asset = item.asset
        about = item.video or asset
        listed = [f"{clock(chapter['start_ms'])} {chapter['title']}" for chapter in asset.chapters]
        initial = {
            "title": about.title,
            "description": about.description,
            "chapters": "\n".join(listed),
            "poster": asset.poster,
        }
        super().__init__(data, initial=initial)
        self._item = item
        choices = [(number, str(number + 1)) for number in range(asset.stills)]
        self.fields["poster"].choices = choices  # type: ignore[attr-defined]

    def clean_chapters(self) -> list[dict[str, Any]]:
        try:
            return parse_chapters(self.cleaned_data["chapters"], duration_ms=self._item.asset.duration_ms or 0)
        except PlayheadError as refused:
            raise ValidationError(refused.detail) from None

    def save(self) -> None:
        told = dict(self.cleaned_data)
        if told["poster"] == "":
            told["poster"] = self._item.asset.poster
        library.describe(self._item, **told)


class CaptionsForm(forms.Form):
    language = forms.CharField(
        label=gettext_lazy("Language"),
        max_length=16,
        help_text=gettext_lazy("Its short name, such as en, es or pt-BR."),
    )
    label = forms.CharField(label=gettext_lazy("Shown as"), max_length=60)
    file = forms.FileField(
        label=gettext_lazy("WebVTT file"), widget=forms.ClearableFileInput(attrs={"accept": ".vtt,text/vtt"})
    )

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._item = item

    def clean_language(self) -> str:
        language = str(self.cleaned_data["language"]).strip()
        if not LANGUAGE.fullmatch(language):
            raise ValidationError(_("Write the language as en, es or pt-BR."))
        return language

    def clean_file(self) -> str:
        try:
            return check_captions(self.cleaned_data["file"].read())
        except PlayheadError as refused:
            raise ValidationError(refused.detail) from None

    def save(self) -> None:
        told = self.cleaned_data
        library.caption(self._item, told["language"], label=told["label"], text=told["file"])
