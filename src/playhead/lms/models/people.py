"""Schools and the people with accounts in them."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

# Without 0, 1, l, o: keys are read aloud and typed.
KEY_LETTERS = "23456789abcdefghijkmnpqrstuvwxyz"
KEY_LENGTH = 16


def user_key() -> str:
    return "u_" + get_random_string(KEY_LENGTH, KEY_LETTERS)


class Organisation(models.Model):
    """One school. Nothing of one organisation is ever shown to another."""

    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name


def default_organisation() -> int:
    """The id of the organisation that was there first, made when there is none."""
    found = Organisation.objects.order_by("pk").first() or Organisation.objects.create(name="Playhead")
    return found.pk


class User(AbstractUser):
    """A person with an account. `key` is what the tracking side knows them by; it says nothing about them."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("organisation"))
    key = models.CharField(_("key"), max_length=40, unique=True, default=user_key, editable=False)
    username = models.CharField(
        _("username"),
        max_length=150,
        unique=True,
        error_messages={"unique": _("This username is taken.")},
        help_text=_("Letters, digits and . + - _ only; capitals make no difference."),
        # No @: so a username can never be somebody else's e-mail address.
        validators=[RegexValidator(r"^[\w.+-]+\Z", _("Use letters, digits and . + - _ only."))],
    )
    name = models.CharField(_("name"), max_length=200, blank=True, help_text=_("As it is shown to others."))

    REQUIRED_FIELDS = ["email"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("username"), name="user_username", violation_error_message=_("This username is taken.")
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="user_email",
                violation_error_message=_("Another account has this e-mail address."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """An account made on the command line belongs to the first organisation."""
        if not hasattr(self, "organisation"):
            self.organisation_id = default_organisation()
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)
