"""Writes and sends the letters that wait: no page waits for a mail server, and none is lost while one is away.

Links are made here, when a letter is written: until then there is nothing in the table that opens anything. Whether a
name typed into "forgotten password" is an account is looked up here too, so that the page answers in the same time
either way.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from playhead.lms import addresses
from playhead.lms.invitations import renewed_path
from playhead.lms.models import AddressChange, Letter, LoginSession, User
from playhead.recorder.errand import Errand

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
AT_ONCE = 20
TRIES = 10
MOST_WAIT = timedelta(hours=1)
KEPT = timedelta(days=7)
# Letters with a link for a new password that one account gets in an hour, however often somebody asks.
RESETS_AN_HOUR = 3


class Written(NamedTuple):
    to: str
    subject: str
    text: str


def is_on() -> bool:
    """Whether e-mail is set up at all."""
    return not settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend")


def deliver_waiting(now: datetime | None = None) -> int:
    """Send what is due; returns how many letters left. What fails is tried again, later each time."""
    now = now or timezone.now()
    due = Letter.objects.filter(done_at=None, not_before__lte=now).order_by("not_before", "pk")
    letters = due.select_related("invitation__course", "invitation__made_by", "invitation__user", "user")
    return sum(_deliver(letter, now) for letter in letters[:AT_ONCE])


def _deliver(letter: Letter, now: datetime) -> bool:
    written = WRITERS[letter.kind](letter)
    if written is not None:
        try:
            send_mail(written.subject, written.text, None, [written.to])
        except Exception as error:  # noqa: BLE001 - whatever a mail server does must not stop the others' letters
            _failed(letter, now, error)
            return False
    letter.done_at = now
    letter.save(update_fields=["done_at"])
    return written is not None


def _failed(letter: Letter, now: datetime, error: Exception) -> None:
    letter.tries += 1
    letter.trouble = f"{type(error).__name__}: {error}"[:300]
    letter.not_before = now + min(timedelta(minutes=2**letter.tries), MOST_WAIT)
    if letter.tries >= TRIES:
        letter.done_at = now
    letter.save(update_fields=["tries", "trouble", "not_before", "done_at"])
    log.warning("A letter (%s) could not be sent: %s", letter.kind, letter.trouble)


def _invitation(letter: Letter) -> Written | None:
    invitation = letter.invitation
    if invitation is None or not invitation.is_open:
        return None
    to = invitation.email or (invitation.user.email if invitation.user else "")
    context = {"invitation": invitation, "link": letter.site + renewed_path(invitation)}
    if invitation.course:
        subject = _("Invitation to the course “%(title)s”") % {"title": invitation.course.title}
    else:
        subject = _("Invitation to Playhead")
    return Written(to, subject, render_to_string("lms/letters/invitation.txt", context)) if to else None


def _reset(letter: Letter) -> Written | None:
    """None, and so no letter, unless it is an account that is on and has an address."""
    named = Q(username__iexact=letter.typed) | Q(email__iexact=letter.typed)
    user = User.objects.filter(named, is_active=True).exclude(email="").first()
    if user is None or _asked_too_often(user):
        return None
    token = default_token_generator.make_token(user)
    path = reverse("password-reset", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])
    context = {"user": user, "link": letter.site + path, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}
    return Written(user.email, _("A new password for Playhead"), render_to_string("lms/letters/reset.txt", context))


def _asked_too_often(user: User) -> bool:
    typed = Q(typed__iexact=user.username) | Q(typed__iexact=user.email)
    sent = Letter.objects.filter(typed, kind="reset", done_at__gt=timezone.now() - timedelta(hours=1))
    return sent.count() >= RESETS_AN_HOUR


def _new_address(letter: Letter) -> Written | None:
    """None where a newer wish took its place, or another account has the address: who asked learns nothing of that."""
    change = AddressChange.objects.filter(user=letter.user, address=letter.typed, expires_at__gt=timezone.now()).first()
    if change is None or User.objects.filter(email__iexact=letter.typed).exclude(pk=change.user.pk).exists():
        return None
    link = letter.site + addresses.link_path(change)
    context = {"user": change.user, "link": link, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}
    subject = _("Your new e-mail address for Playhead")
    return Written(change.address, subject, render_to_string("lms/letters/new_address.txt", context))


def _old_address(letter: Letter) -> Written | None:
    text = render_to_string("lms/letters/old_address.txt", {"user": letter.user, "site": letter.site})
    return Written(letter.typed, _("Your e-mail address for Playhead was changed"), text)


WRITERS: dict[str, Callable[[Letter], Written | None]] = {
    "invitation": _invitation,
    "reset": _reset,
    "new_address": _new_address,
    "old_address": _old_address,
}


def tidy(now: datetime | None = None) -> None:
    """Drop what is of no use any more: letters sent long ago, sessions that are over, addresses nobody confirmed."""
    now = now or timezone.now()
    Letter.objects.filter(done_at__lt=now - KEPT).delete()
    LoginSession.objects.filter(expire_date__lt=now).delete()
    AddressChange.objects.filter(expires_at__lt=now).delete()


class Postman(Errand):
    """Looks every two seconds, for as long as the server runs; a mail server that hangs does not hold up its end."""

    def __init__(self) -> None:
        super().__init__("postman", first_rest_s=LOOK_EVERY_S, leave_s=5)
        self._tidied = timezone.now() - MOST_WAIT

    def take(self) -> float:
        deliver_waiting()
        if timezone.now() - self._tidied >= MOST_WAIT:
            self._tidied = timezone.now()
            tidy(self._tidied)
        return LOOK_EVERY_S
