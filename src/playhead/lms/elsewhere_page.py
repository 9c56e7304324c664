"""What the library page tells of videos at providers, and what it may load because of them."""

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from playhead.core.errors import PlayheadError
from playhead.lms.elsewhere import Line
from playhead.lms.models import Course
from playhead.providers import accounts
from playhead.providers.models import UNDECIDED, Account, State

_HOST: Final = re.compile(r"[a-z0-9.-]+(:\d{1,5})?", re.ASCII)


def accounts_of(course: Course) -> list[Account]:
    return list(accounts.of_organisation(course.organisation_id).filter(active=True))


def standing_of(line: Line) -> dict[str, Any]:
    """Where it stands, in words; `undecided` while that may still change by itself."""
    remote = line.remote
    words = remote.get_state_display()
    if remote.state == State.FAILED:
        words = _("failed: %(why)s") % {"why": remote.reason or _("its provider does not say why")}
    return {"state": remote.state, "words": words, "percent": None, "undecided": remote.state in UNDECIDED}


def content_policy(course: Course, lines: list[Line]) -> dict[str, list[str]]:
    """What the library page may load beside our own: where files go to, and where pictures come from."""
    sends_to = {origin for one in accounts_of(course) for origin in _sends_to(one)}
    return {"connect-src": sorted(sends_to), "img-src": origins(one.remote.thumbnail for one in lines)}


def _sends_to(account: Account) -> list[str]:
    try:
        return list(accounts.provider_of(account).sends_to())
    except PlayheadError:  # its secrets do not open: then nothing is sent there either
        return []


def origins(addresses: Iterable[str]) -> list[str]:
    """Only what is a plain host: a provider's answer must not say more in a content policy than where pictures are."""
    parts = (urlsplit(address) for address in addresses if address)
    return sorted({f"https://{one.netloc}" for one in parts if one.scheme == "https" and _HOST.fullmatch(one.netloc)})
