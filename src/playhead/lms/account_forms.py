"""The forms of accounts: making one, changing one's own, getting back into it."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import BaseUserCreationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playhead.lms.models import Course, Invitation, Role, User

PASSWORD_HELP = gettext_lazy("At least 10 characters; not one of the very common ones, not your name.")

AGAIN = gettext_lazy("The same password again")


def in_our_words(first: forms.Field, second: forms.Field) -> None:
    """The two fields of a new password, as Django's own forms have them."""
    first.help_text, second.label, second.help_text = PASSWORD_HELP, AGAIN, ""


def own_password(request: HttpRequest, user: AbstractBaseUser, typed: str) -> str:
    """The password as typed. A wrong one counts like a refused log-in: a form inside is no place to try thousands."""
    if authenticate(request, username=user.get_username(), password=typed) is None:
        raise ValidationError(_("This is not your password."))
    return typed


class NewAccountForm(BaseUserCreationForm):  # type: ignore[type-arg]  # generic only in the stubs
    """An account with a password its person chooses. An invitation that went to an address fixes that address."""

    class Meta:
        model = User
        fields = ["name", "username", "email"]

    def __init__(self, *args: Any, email: str = "", organisation: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].widget.attrs.update(autocomplete="name", autofocus=True)
        self.fields["username"].widget.attrs.pop("autofocus", None)
        in_our_words(self.fields["password1"], self.fields["password2"])
        if email:
            del self.fields["email"]
            self.instance.email = email
        if organisation is not None:
            self.instance.organisation_id = organisation


class NameForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    class Meta:
        model = User
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].widget.attrs["autocomplete"] = "name"

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


class OwnPasswordForm(PasswordChangeForm):
    def __init__(self, user: User, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.request = request
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        in_our_words(self.fields["new_password1"], self.fields["new_password2"])

    def clean_old_password(self) -> str:
        return own_password(self.request, self.user, str(self.cleaned_data["old_password"]))


class AddressForm(forms.Form):
    """Who sits down at an unattended screen must not take the account along: so the password is asked for."""

    address = forms.EmailField(label=gettext_lazy("New address"), max_length=254)
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.request = user, request
        self.fields["address"].widget.attrs["autocomplete"] = "email"

    def clean_address(self) -> str:
        address = User.objects.normalize_email(self.cleaned_data["address"])
        if address.casefold() == self.user.email.casefold():
            raise ValidationError(_("This is your address already."))
        return address

    def clean_password(self) -> str:
        return own_password(self.request, self.user, str(self.cleaned_data["password"]))


class ForgottenForm(forms.Form):
    who = forms.CharField(label=gettext_lazy("Username or e-mail address"), max_length=254)


class ClaimForm(forms.Form):
    """A first password for an account that a list made."""

    password1 = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
    )
    password2 = forms.CharField(
        label=AGAIN,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ."))
        elif first:
            self._judge(first)
        return data

    def _judge(self, password: str) -> None:
        try:
            password_validation.validate_password(password, self.user)
        except ValidationError as error:
            self.add_error("password1", error)

    def save(self) -> User:
        self.user.set_password(self.cleaned_data["password1"])
        self.user.save()
        return self.user


class InviteForm(forms.Form):
    """Into a course, or with `course` None to the site. `roles` are those that the one who invites may give."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        required=False,
        help_text=gettext_lazy("Empty: you get a link to hand over yourself."),
    )
    role = forms.ChoiceField(label=gettext_lazy("As"))

    def __init__(self, *args: Any, roles: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]


def roles_to_give(role: Role) -> list[tuple[str, Any]]:
    """Teachers give every role; assistants only that of a student, or they could make themselves teachers."""
    given = [Role.STUDENT, Role.ASSISTANT, Role.TEACHER] if role == Role.TEACHER else [Role.STUDENT]
    return [(one.value, one.label) for one in given]


def open_invitations(course: Course) -> list[Invitation]:
    """Those to people without an account here yet, newest first; lists make too many to show."""
    waiting = course.invitations.filter(used_at=None, user=None).select_related("made_by")
    return [one for one in waiting if one.is_open]
