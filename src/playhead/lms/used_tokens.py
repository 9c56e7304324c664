"""Playback tokens that are good once: those with a `jti` (RFC 7519 section 4.1.7; RFC 8725 on replay).

Once means one browser, not one opening: a page that is loaded again, or opens anew after its ticket has expired, is the
same student in the same place. Looking at the page spends nothing, so a program that fetches links ahead does no harm.
"""

import hashlib
from typing import Final

from django.db import transaction

from playhead.core.errors import Forbidden
from playhead.core.watch_tokens import Grant
from playhead.lms.models import UsedToken

_LONGER_S: Final = 3600  # kept so long beyond its expiry: the clock may be set back


def spend(integration: str, grant: Grant, *, device: str, now_s: int) -> None:
    """Note that this browser opens it. Raises Forbidden where another did, or one that cannot be told from another.

    Of two at once the database lets one in.
    """
    if not grant.once:
        return
    browser = _hash(device) if device else ""
    with transaction.atomic():
        UsedToken.objects.filter(forget_at_s__lt=now_s).delete()
        used, is_first = UsedToken.objects.get_or_create(
            integration=integration,
            jti_hash=_hash(grant.once),
            defaults={"device_hash": browser, "forget_at_s": grant.expires_at_s + _LONGER_S},
        )
    if not is_first and not (browser and used.device_hash == browser):
        again = "Open the video from the page you came from."
        raise Forbidden("token_used", f"This link was opened in another browser already. {again}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
