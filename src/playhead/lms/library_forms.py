"""The forms of the library: what is said about an uploaded video."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playhead.core.errors import PlayheadError
from playhead.lms import library
from playhead.lms.clock import clock
from playhead.lms.library import Item
from playhead.lms.models import Video
from playhead.lms.replacing import Range, parse_ranges
from playhead.media.texts import LANGUAGE, LANGUAGE_CHARS, check_captions, parse_chapters


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
        max_length=LANGUAGE_CHARS,
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


class ReplaceForm(forms.Form):
    """`new` is the key of another upload; `ranges` says which seconds of the old version it has, and where."""

    new = forms.ChoiceField(label=gettext_lazy("The new version"), widget=forms.RadioSelect)
    ranges = forms.CharField(
        label=gettext_lazy("Seconds that both have"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "0:00-4:00 = 0:30"}),
        help_text=gettext_lazy(
            "Empty: the same seconds, from the start to where the shorter one ends. Else one line for each part that "
            "was kept: from and to in the old version, then where it begins in the new one, such as 0:00-4:00 = 0:30."
        ),
    )

    def __init__(self, data: Any = None, *, old: Video, candidates: list[Item]) -> None:
        super().__init__(data)
        self._old = old
        self._candidates = {item.asset.key: item for item in candidates}
        self.fields["new"].choices = [  # type: ignore[attr-defined]
            (key, f"{item.title} ({clock(item.asset.duration_ms or 0)})") for key, item in self._candidates.items()
        ]

    def clean_new(self) -> Video:
        video = self._candidates[self.cleaned_data["new"]].video
        assert video is not None
        return video

    def clean_ranges(self) -> list[Range]:
        if "new" not in self.cleaned_data:
            return []
        try:
            return parse_ranges(self.cleaned_data["ranges"], old=self._old, new=self.cleaned_data["new"])
        except PlayheadError as refused:
            raise ValidationError(refused.detail) from None
