"""Registered devices: where a rule says how many a student may watch with, the first so many are theirs.

A device is a browser that knows itself by a random name it keeps. Whoever copies that name copies the device: it holds
off sharing an account by the way, not somebody who knows how.
"""

import hashlib
import re

from django.db import transaction
from django.utils import timezone

from playhead.core.errors import Forbidden
from playhead.lms.models import Device, User

_NAME = re.compile(r"[A-Za-z0-9_-]{16,64}")


def admit(user: User, token: str, *, most: int | None, name: str) -> None:
    """Note the device, and raise Forbidden where it would be one too many. `token` is what the browser calls itself."""
    if not most:
        return
    if not _NAME.fullmatch(token):
        told = "This video may be watched on registered devices only, and this browser does not say which one it is."
        raise Forbidden("device_unknown", told)
    hashed = hashlib.sha256(token.encode()).hexdigest()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two new devices at once must not both be the last
        known = user.devices.filter(token_hash=hashed).update(seen_at=timezone.now())
        if known:
            return
        if user.devices.count() >= most:
            told = "You watch on other devices already. Ask your teacher to take one of them off the list."
            raise Forbidden("device_not_registered", told)
        Device.objects.create(user=user, token_hash=hashed, name=name[:80])
