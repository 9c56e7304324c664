"""The forms of an account at a provider. Secrets are only ever written: their fields are empty, however often shown."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playhead.core.errors import PlayheadError
from playhead.providers.accounts import OPENINGS, check_home
from playhead.providers.models import Account, Kind


def _text(label: Any, help_text: Any = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=200)


def _secret(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, help_text=help_text, max_length=500, widget=widget)


_FIELDS: Final[dict[str, dict[str, forms.Field]]] = {
    Kind.VIMEO: {
        "token": _secret(
            gettext_lazy("Access token"),
            gettext_lazy("Made at developer.vimeo.com, with the scopes private, upload, edit and delete."),
        ),
        "privacy": forms.ChoiceField(
            label=gettext_lazy("Who may see an upload at Vimeo"),
            required=False,
            choices=[
                ("", gettext_lazy("as the account has it")),
                ("unlisted", gettext_lazy("who has its address")),
                ("disable", gettext_lazy("nobody there, only here (needs a paid plan)")),
            ],
        ),
    },
    Kind.CLOUDINARY: {
        "cloud": _text(gettext_lazy("Cloud name")),
        "api_key": _text(gettext_lazy("API key")),
        "api_secret": _secret(gettext_lazy("API secret"), gettext_lazy("On the console’s page “API keys”.")),
    },
    Kind.KOLLUS: {
        "token": _secret(
            gettext_lazy("API access token"),
            gettext_lazy("In the console: Service account, API. A new one made there ends the old at once."),
        ),
        "region": forms.ChoiceField(label=gettext_lazy("Region"), choices=[("kr", "kr"), ("jp", "jp")], required=False),
        "channel": _text(
            gettext_lazy("Channel key"),
            gettext_lazy("Where uploads are put: without one a video has no address to be played from."),
            required=False,
        ),
        "category": _text(gettext_lazy("Category key"), required=False),
    },
}


class AccountForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)

    def __init__(self, data: Any = None, *, kind: str, account: Account | None = None) -> None:
        """With an account: to change it; a secret that is left empty stays as it is."""
        initial = {"name": account.name, **account.settings} if account else {"name": Kind(kind).label}
        super().__init__(data, initial=initial)
        for name, field in _FIELDS[kind].items():
            self.fields[name] = field.__deepcopy__({})
        self.fields["home"] = forms.CharField(
            label=gettext_lazy("Another address of its API"),
            required=False,
            max_length=200,
            help_text=gettext_lazy("Only for another region of the provider, or a proxy of your own: https://…"),
        )
        for name in OPENINGS[kind].secrets if account else ():
            self.fields[name].required = False
            self.fields[name].help_text = _("Empty: as it is. It is kept sealed and never shown.")

    def clean_home(self) -> str:
        home = str(self.cleaned_data["home"]).strip().rstrip("/")
        try:
            if home:
                check_home(home)
        except PlayheadError as refused:
            raise ValidationError(refused.detail) from None
        return home

    @property
    def told(self) -> dict[str, str]:
        return {name: str(value).strip() for name, value in self.cleaned_data.items() if name != "name"}
