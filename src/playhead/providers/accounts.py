"""Accounts: connected, changed, tried, and opened as what they are. No other module reads their secrets."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from playhead.callbacks.addresses import parse
from playhead.callbacks.endpoints import rules
from playhead.core.errors import Invalid, Missing, PlayheadError
from playhead.providers import cloudinary, kollus, vimeo
from playhead.providers.door import Door
from playhead.providers.models import Account, Kind
from playhead.providers.provider import Provider
from playhead.recorder.sealed import seal, unseal

_SAID_CHARS: Final = 500


@dataclass(frozen=True, slots=True)
class Opening:
    """What an account of a kind consists of, and how it is opened. `settings` may be shown, `secrets` not."""

    settings: tuple[str, ...]
    secrets: tuple[str, ...]
    open: Callable[[Mapping[str, str]], Provider]


def _vimeo(told: Mapping[str, str]) -> Provider:
    door = Door(vimeo.NAME, rules(), vimeo.said, reset="X-RateLimit-Reset", is_full=vimeo.is_full)
    home = told.get("home") or vimeo.HOME
    return vimeo.Vimeo(door, token=told["token"], privacy=told.get("privacy", ""), home=home)


def _cloudinary(told: Mapping[str, str]) -> Provider:
    door = Door(cloudinary.NAME, rules(), cloudinary.said, reset=cloudinary.RESET)
    home = told.get("home") or cloudinary.HOME
    return cloudinary.Cloudinary(
        door, cloud=told["cloud"], api_key=told["api_key"], api_secret=told["api_secret"], home=home
    )


def _kollus(told: Mapping[str, str]) -> Provider:
    return kollus.Kollus(
        Door(kollus.NAME, rules(), kollus.said),
        token=told["token"],
        region=told.get("region") or "kr",
        category=told.get("category", ""),
        channel=told.get("channel", ""),
        home=told.get("home", ""),
    )


OPENINGS: Final[Mapping[str, Opening]] = {
    Kind.VIMEO: Opening(("privacy", "home"), ("token",), _vimeo),
    Kind.CLOUDINARY: Opening(("cloud", "api_key", "home"), ("api_secret",), _cloudinary),
    Kind.KOLLUS: Opening(("region", "category", "channel", "home"), ("token",), _kollus),
}


def connect(*, organisation_id: int, kind: str, name: str, told: Mapping[str, str]) -> Account:
    """A new account. Raises Invalid for an address of its own that requests do not go to."""
    shown, hidden = _split(kind, told)
    return Account.objects.create(
        organisation_id=organisation_id, kind=kind, name=name, settings=shown, secrets=seal(json.dumps(hidden))
    )


def change(account: Account, *, name: str, told: Mapping[str, str]) -> None:
    """A secret that is left empty stays as it is. Raises Invalid."""
    shown, hidden = _split(account.kind, told)
    kept = json.loads(unseal(account.secrets)) | hidden if hidden else None
    account.name, account.settings = name, shown
    if kept is not None:
        account.secrets = seal(json.dumps(kept))
    account.next_at = timezone.now()
    account.save(update_fields=["name", "settings", "secrets", "next_at"])


def provider_of(account: Account) -> Provider:
    """Raises Unavailable where its secrets do not open under this deployment's own."""
    return OPENINGS[account.kind].open(account.settings | json.loads(unseal(account.secrets)))


def try_out(account: Account) -> str:
    """Ask it who it is; how that went is kept. Raises what the provider refuses with."""
    try:
        called = provider_of(account).check()
    except PlayheadError as refused:
        failed(account, refused)
        raise
    well(account)
    return called


def well(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(last_ok_at=timezone.now(), failing_since=None, last_error="")


def failed(account: Account, refused: PlayheadError) -> None:
    since = account.failing_since or timezone.now()
    said = (refused.detail or refused.code)[:_SAID_CHARS]
    Account.objects.filter(pk=account.pk).update(failing_since=since, last_error=said)


def of_organisation(organisation_id: int) -> QuerySet[Account]:
    return Account.objects.filter(organisation_id=organisation_id)


def find(organisation_id: int, key: str) -> Account:
    """Raises Missing (code `no_account`)."""
    found = of_organisation(organisation_id).filter(key=key).first()
    if found is None:
        raise Missing("no_account", "There is no such account at a provider.")
    return found


def callback_token(account: Account) -> str:
    """The secret part of the address its callbacks come to: Kollus signs none of them."""
    key = settings.PLAYHEAD_SECRETS.site_key.encode()
    made = hmac.digest(key, f"provider callback {account.key}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made[:24]).decode()


def called_back(key: str, token: str) -> Account | None:
    """The account whose address this is; None for an address that was not made here."""
    account = Account.objects.filter(key=key, active=True).first()
    if account is None or not hmac.compare_digest(token.encode(), callback_token(account).encode()):
        return None
    return account


def check_home(home: str) -> None:
    """Raises Invalid for an address that requests do not go to, or that is more than an origin: it gets into the
    library page's content policy."""
    if parse(home, rules()).path != "/":
        raise Invalid("url_invalid", "Scheme, host and port are all of it: https://api.provider.example.")


def _split(kind: str, told: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    if told.get("home"):
        check_home(told["home"])
    opening = OPENINGS[kind]
    shown = {name: told[name] for name in opening.settings if told.get(name)}
    return shown, {name: told[name] for name in opening.secrets if told.get(name)}
