"""The keys of programs: made, replaced, revoked, and who is behind one."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from playhead.lms.models import ApiKey, User
from playhead.lms.tokens import make_token, token_hash
from playhead.recorder.integrations import Integration

PREFIX: Final = "ph_"
HINT_CHARS: Final = 8

# What a key may be good for: the words of the OpenAPI document and of the page that makes keys.
SCOPES: Final = {
    "courses:read": _("see courses and their videos"),
    "courses:write": _("make and change courses and their videos"),
    "library:read": _("see uploads and what belongs to them"),
    "library:write": _("upload videos, give them captions and chapters, remove them"),
    "viewers:read": _("see people and who is in which course"),
    "viewers:write": _("add people, enrol and unenrol them"),
    "terms:read": _("see what is agreed with students, certificates, and the trail"),
    "terms:write": _("agree on terms with students, mark videos as complete, issue certificates"),
    "playbacks:read": _("see who opened what"),
    "playbacks:write": _("open, renew and close playbacks"),
    "progress:read": _("see progress, ledger lines and events"),
    "statistics:read": _("see the figures of a class"),
    "callbacks:read": _("see callback endpoints and messages"),
    "callbacks:write": _("change callback endpoints, send messages again"),
}


def make_key(
    integration: Integration, *, name: str, scopes: Collection[str], by: User | None = None
) -> tuple[ApiKey, str]:
    """A new key, and its text, which is told now or never."""
    token = PREFIX + make_token()
    made = ApiKey.objects.create(
        integration=integration.key,
        organisation_id=integration.organisation_id,
        name=name,
        token_hash=token_hash(token),
        hint=token[:HINT_CHARS],
        scopes=sorted(set(scopes) & set(SCOPES)),
        made_by=by,
    )
    return made, token


@transaction.atomic
def replace_key(key: ApiKey, *, overlap: timedelta, by: User | None = None) -> tuple[ApiKey, str]:
    """Another key with the same name and scopes. The old one stays good for `overlap`, and no longer."""
    now = timezone.now()
    if key.expires_at is None or key.expires_at > now + overlap:
        key.expires_at = now + overlap
        key.save(update_fields=["expires_at"])
    token = PREFIX + make_token()
    made = ApiKey.objects.create(
        integration=key.integration,
        organisation_id=key.organisation_id,
        name=key.name,
        token_hash=token_hash(token),
        hint=token[:HINT_CHARS],
        scopes=key.scopes,
        made_by=by,
    )
    return made, token


def revoke_key(key: ApiKey) -> None:
    """From the next request on it opens nothing. May be repeated."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())


def key_of(token: str) -> ApiKey | None:
    """The key with this text, if it is good."""
    found = ApiKey.objects.filter(token_hash=token_hash(token)).first()
    return found if found is not None and found.is_good else None


def note_use(key: ApiKey, requests: int) -> None:
    ApiKey.objects.filter(pk=key.pk).update(requests=F("requests") + requests, last_used_at=timezone.now())
