"""Another e-mail address for one's account: it becomes one's own by a link that was sent to it.

The link works once, for as long as one for a new password, and only for the account that asked, logged in: a letter
that went astray opens nothing. The old address is told.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from playhead.core.errors import Conflict, Missing, TooMany
from playhead.lms.models import AddressChange, Letter, User
from playhead.lms.tokens import make_token, token_hash

# How often an account may ask in an hour, so that nobody is buried in its letters.
ASKED_AN_HOUR = 3


def ask(user: User, address: str, *, site: str) -> None:
    """Have the postman send the link. Raises TooMany. Whether the address is another account's is not looked up here:
    who asks would learn it."""
    hour_ago = timezone.now() - timedelta(hours=1)
    if user.letters.filter(kind="new_address", made_at__gt=hour_ago).count() >= ASKED_AN_HOUR:
        raise TooMany("too_many_addresses", "You asked for another address too often.", retry_after_s=3600)
    wish = {"address": address, "token_hash": "", "expires_at": timezone.now() + life()}
    AddressChange.objects.update_or_create(user=user, defaults=wish)
    Letter.objects.create(kind="new_address", user=user, typed=address, site=site)


def life() -> timedelta:
    return timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def link_path(change: AddressChange) -> str:
    """The path of a new link, in the place of any before."""
    token = make_token()
    change.token_hash = token_hash(token)
    change.save(update_fields=["token_hash"])
    return reverse("confirm-address", args=[token])


def wanted(user: User, token: str) -> AddressChange:
    """What this link would change. Raises Missing, in the same words, whatever is wrong with it."""
    wish = AddressChange.objects.filter(user=user, token_hash=token_hash(token), expires_at__gt=timezone.now())
    found = wish.first()
    if found is None:
        raise Missing("address_link_over", "This link was used already, is too old, or is another account's.")
    return found


def confirm(user: User, token: str, *, site: str) -> None:
    """Use the link up. Raises Missing, or Conflict where another account has the address."""
    change = wanted(user, token)
    before, user.email = user.email, change.address
    try:
        user.validate_constraints()
        with transaction.atomic():
            _use_up(change)
            user.save(update_fields=["email"])
            if before:
                Letter.objects.create(kind="old_address", user=user, typed=before, site=site)
    except (ValidationError, IntegrityError):
        raise Conflict("address_taken", "Another account has this e-mail address.") from None


def _use_up(change: AddressChange) -> None:
    """Raises Missing when the same link was faster elsewhere."""
    used, _rows = AddressChange.objects.filter(pk=change.pk, token_hash=change.token_hash).delete()
    if not used:
        raise Missing("address_link_over", "This link was used already, is too old, or is another account's.")
