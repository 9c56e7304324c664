"""The ways in: invitations, login sessions, and the letters that wait to be sent."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from playhead.lms.models.courses import Course, Role
from playhead.lms.models.people import Organisation, User


class Invitation(models.Model):
    """Lets whoever holds its link in, once, until it expires. Of the link only a hash is kept."""

    organisation = models.ForeignKey(Organisation, models.CASCADE)
    token_hash = models.CharField(max_length=64, unique=True)
    # For an account that a list made and nobody has a password for yet; else the invited person makes one.
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="invitations")
    email = models.EmailField(blank=True)
    course = models.ForeignKey(Course, models.CASCADE, null=True, related_name="invitations")
    role = models.CharField(max_length=10, choices=Role, default=Role.STUDENT)
    as_admin = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.email or str(self.user or _("by link"))

    @property
    def is_open(self) -> bool:
        return self.used_at is None and self.expires_at > timezone.now()


class AddressChange(models.Model):
    """An e-mail address that somebody wants for their account; it is theirs once they open the link sent to it.

    The newest wish replaces the one before. Of the link only a hash is kept, made when the letter is written.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="address_change")
    address = models.EmailField()
    token_hash = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.address


class LoginSession(AbstractBaseSession):
    """A login session. `session_key` is a hash of the cookie: who reads this table can open no session with it."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="login_sessions")
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    device = models.CharField(max_length=80, blank=True)
    network = models.CharField(max_length=45, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user"], name="login_session_user")]


class Letter(models.Model):
    """An e-mail to be written and sent by the postman. It holds no token: those are made when it is written.

    `typed` is what somebody typed: who asked for a new password, or the address that an account should have. Whether
    that is an account is looked up only when the letter is written, so that asking takes the same time either way.
    """

    kind = models.CharField(max_length=12)  # a code of postman.WRITERS
    invitation = models.ForeignKey(Invitation, models.CASCADE, null=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="letters")  # whose address changes
    typed = models.CharField(max_length=254, blank=True)
    site = models.CharField(max_length=300)  # https://school.example, as the one who asked sees it
    network = models.CharField(max_length=45, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    not_before = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["done_at", "not_before"], name="letter_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
