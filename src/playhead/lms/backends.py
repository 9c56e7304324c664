"""Who is logging in: by username or by e-mail address, either in any capitals."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Q
from django.http import HttpRequest

from playhead.lms.models import User


class NameOrEmailBackend(ModelBackend):
    """Checks a password. One that is right for an account switched off gives that account all the same, and the login
    form refuses it: only who knows the password learns that the account exists. `get_user` stays strict, so that
    switching an account off ends its sessions."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002  Django's signature
        username: str | None = None,
        password: str | None = None,
        **_kwargs: Any,
    ) -> User | None:
        if not username or not password:
            return None
        user = User.objects.filter(Q(username__iexact=username) | Q(email__iexact=username)).first()
        if user is None:
            User().set_password(password)  # takes the time of a check: how long an answer takes must tell nothing
            return None
        return user if user.check_password(password) else None
