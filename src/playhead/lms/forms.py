"""The forms of the site. What is checked here is checked nowhere else."""

import mimetypes
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playhead.core import limits
from playhead.core.errors import PlayheadError
from playhead.lms.clock import parse_clock
from playhead.lms.embeds import Embed, recognise
from playhead.lms.embeds import content_type as embed_type
from playhead.lms.models import Course, Enrolment, Role, Source, User, Video


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": gettext_lazy("This name and password do not belong together. Check both and try again."),
        "inactive": gettext_lazy("This account is switched off. Ask the people who run this site."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = gettext_lazy("Username or e-mail address")
        self.fields["username"].widget.attrs["maxlength"] = 254
        self.fields["username"].max_length = 254  # type: ignore[attr-defined]


class EnrolForm(forms.Form):
    """Finds a person by the whole username or e-mail address: nobody's list of people can be read through it."""

    who = forms.CharField(label=gettext_lazy("Username or e-mail address"), max_length=254)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, initial=Role.STUDENT)

    def __init__(self, *args: Any, course: Course, roles: list[tuple[str, Any]] | None = None, **kwargs: Any) -> None:
        """`roles`: those that the one who enrols may give."""
        super().__init__(*args, **kwargs)
        self.course = course
        if roles is not None:
            self.fields["role"].choices = roles  # type: ignore[attr-defined]

    def clean_who(self) -> User:
        typed = self.cleaned_data["who"].strip()
        people = User.objects.filter(organisation=self.course.organisation_id, is_active=True)
        user = people.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).first()
        if user is None:
            raise ValidationError(_("Nobody here has the username or e-mail address “%(typed)s”.") % {"typed": typed})
        if Enrolment.objects.filter(course=self.course, user=user).exists():
            raise ValidationError(_("%(name)s is enrolled already.") % {"name": user})
        return user


class VideoForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """A video from a file that lies in the media folder, or from a web address."""

    length = forms.CharField(
        label=gettext_lazy("Length"),
        required=False,
        max_length=12,
        help_text=gettext_lazy(
            "As 1:02:45 or 2:45. Files are measured. For a web address it may stay empty; progress is then not known."
        ),
    )
    url = forms.CharField(
        label=gettext_lazy("Web address"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy(
            "Of a video at Vimeo, YouTube, Cloudinary or Kollus, as your browser shows it, or the code to embed it; "
            "or of a file or an HLS playlist."
        ),
    )
    file = forms.ChoiceField(label=gettext_lazy("File in the media folder"), required=False)

    class Meta:
        model = Video
        fields = ["title", "description", "source", "file", "url"]
        widgets = {"source": forms.RadioSelect, "description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.embed: Embed | None = None
        self.instance.course = course
        names = [(name, name) for name in media_files()]
        self.fields["file"].choices = [("", _("Choose a file")), *names]  # type: ignore[attr-defined]
        # What is uploaded comes by way of the library; which site an address belongs to is seen in it.
        offered = [choice for choice in Source.choices if choice[0] in {Source.FILE, Source.URL}]
        self.fields["source"].choices = offered  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        """The address that the video's player is given; which kind it is stays in `embed`."""
        pasted = str(self.cleaned_data["url"] or "").strip()
        if not pasted:
            return ""
        self.embed = recognise(pasted if "//" in pasted else f"https://{pasted}")
        parts = urlsplit(self.embed.url)
        if parts.scheme not in {"http", "https"} or parts.username or parts.password:
            raise ValidationError(_("The address must begin with https:// or http:// and hold no name or password."))
        URLValidator(schemes=["http", "https"])(self.embed.url)
        return self.embed.url

    def clean_length(self) -> int | None:
        text = self.cleaned_data["length"]
        if not text:
            return None
        try:
            ms = parse_clock(text)
        except ValueError:
            raise ValidationError(_("Write the length as 1:02:45 or 2:45.")) from None
        if not 0 < ms <= limits.VIDEO_MS:
            raise ValidationError(_("A video may be up to 24 hours long."))
        return ms

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        source = data.get("source")
        if source == Source.FILE:
            data["url"] = ""
            if not data.get("file"):
                self.add_error("file", _("Choose a file."))
            else:
                self.instance.duration_ms = self._measured(data["file"])
        elif source == Source.URL:
            data["file"] = ""
            if not data.get("url") and "url" not in self.errors:
                self.add_error("url", _("Give the address of the video."))
            self.instance.duration_ms = data.get("length")
            if self.embed:
                data["source"] = self.embed.source
        name = data.get("file") or urlsplit(data.get("url") or "").path
        self.instance.content_type = (self.embed and embed_type(self.embed)) or content_type(name)
        return data

    def _measured(self, name: str) -> int | None:
        # Needs ffmpeg, which only the machines that keep media have.
        from playhead.media.probe import duration_ms

        try:
            return duration_ms(settings.PLAYHEAD_MEDIA / name)
        except PlayheadError as error:
            self.add_error("file", _("The length of this file could not be measured: %(why)s") % {"why": error.detail})
            return None

    def save(self, commit: bool = True) -> Video:  # noqa: FBT001, FBT002  Django's signature
        with transaction.atomic():
            last = self.instance.course.videos.aggregate(last=Max("position"))["last"]
            self.instance.position = 1 if last is None else last + 1
            video: Video = super().save(commit)
            return video


def media_files() -> list[str]:
    """Names of the playable files that lie directly in the media folder."""
    folder: Path = settings.PLAYHEAD_MEDIA
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_file() and _is_playable(path.name))


def content_type(name: str) -> str:
    """By the ending; video/mp4 when that says nothing."""
    guessed, _encoding = mimetypes.guess_type(name)
    return guessed if guessed and guessed.startswith(("video/", "audio/")) else "video/mp4"


def _is_playable(name: str) -> bool:
    guessed, _encoding = mimetypes.guess_type(name)
    return guessed is not None and guessed.startswith(("video/", "audio/"))
