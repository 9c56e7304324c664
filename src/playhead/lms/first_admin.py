"""The first account of an empty site, made on its first visit.

Bound to a one-time token that `playhead serve` prints, not to the loopback address: behind a reverse proxy every
visitor comes from there. The token lives in the memory of the server that printed it, and opens nothing once anybody
has an account.
"""

import secrets

from django.utils.crypto import constant_time_compare

from playhead.lms.models import User

_offered: list[str] = []


def offer() -> str | None:
    """A fresh token while nobody has an account; None else."""
    _offered.clear()
    if User.objects.exists():
        return None
    _offered.append(secrets.token_urlsafe(32))
    return _offered[0]


def is_open(token: str) -> bool:
    return bool(_offered) and constant_time_compare(token, _offered[0]) and not User.objects.exists()
