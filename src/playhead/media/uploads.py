"""Bringing a file: what is agreed before its first byte, and what happens after its last.

Its address holds a secret that only the one who began it knows; the table keeps a hash of that.
"""

import hashlib
import secrets
import shutil
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from playhead.core import limits
from playhead.core.errors import Invalid, StorageFull, TooLarge
from playhead.media.models import Asset, State, Upload
from playhead.media.packer import incoming

PREFIX: Final = "/uploads/"
# What packaging needs beside the file itself, in hundredths of it.
_ROOM_PERCENT: Final = 220
_NAME_LENGTH: Final = 255


def begin(
    *, organisation_id: int, shelf: str, title: str, name: str, size_bytes: int, made_by: str = ""
) -> tuple[Asset, str]:
    """Agree on an upload: (asset, address to send it to). Raises Invalid, TooLarge and StorageFull, each in words."""
    check_name(name)
    if size_bytes <= 0:
        raise Invalid("empty", "The file is empty: it has 0 bytes.")
    if size_bytes > limits.UPLOAD_BYTES:
        raise TooLarge("file_too_large", f"A file may have at most {limits.UPLOAD_BYTES >> 30} GiB.")
    _check_room(size_bytes)
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        asset = Asset.objects.create(
            organisation_id=organisation_id,
            shelf=shelf,
            title=(title.strip() or name.rpartition(".")[0] or name)[:200],
            name=name,
            size_bytes=size_bytes,
            made_by=made_by,
        )
        Upload.objects.create(
            asset=asset,
            token_hash=hashed(token),
            size_bytes=size_bytes,
            expires_at=timezone.now() + timedelta(days=limits.UPLOAD_LIFE_DAYS),
        )
    settings.PLAYHEAD_INCOMING.mkdir(parents=True, exist_ok=True, mode=0o700)
    incoming(asset).touch(mode=0o600)
    return asset, PREFIX + token


def check_name(name: str) -> None:
    """A name is only ever shown, never used; one that tries to be a path is refused all the same."""
    if not name.strip() or len(name) > _NAME_LENGTH:
        raise Invalid("bad_name", "The name of the file is empty or too long.")
    if "/" in name or "\\" in name or name in {".", ".."} or not name.isprintable():
        raise Invalid("bad_name", "The name of the file must be a plain name: no folders, no control characters.")


def find(token: str) -> Upload | None:
    """The upload that is sent to this address, while it may be."""
    found = Upload.objects.select_related("asset").filter(token_hash=hashed(token), expires_at__gt=timezone.now())
    return found.first()


def finish(upload: Upload) -> None:
    """All of it is here: from now on it waits to be packaged. May be repeated."""
    with transaction.atomic():
        now = timezone.now()
        if Upload.objects.filter(pk=upload.pk, finished_at=None).update(finished_at=now):
            Asset.objects.filter(pk=upload.asset_id, state=State.UPLOADING).update(state=State.WAITING)


def give_up(upload: Upload) -> None:
    """The one who sends it does not want to any more; nothing of it is kept."""
    incoming(upload.asset).unlink(missing_ok=True)
    upload.asset.delete()


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _check_room(size_bytes: int) -> None:
    settings.PLAYHEAD_DATA.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.PLAYHEAD_DATA).free
    needed = size_bytes * _ROOM_PERCENT // 100
    if needed > free:
        said = f"This needs about {needed >> 20} MiB on the server, where {free >> 20} are free."
        raise StorageFull("no_room", said, retry_after_s=3600)
