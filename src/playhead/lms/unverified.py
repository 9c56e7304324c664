"""Events of pages with an analytics client of their own, in the two forms such clients post: a form, or JSON.

They are kept and shown apart from everything that is recorded under a ticket.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from playhead.core import limits
from playhead.core.errors import Forbidden, Invalid, TooMany
from playhead.lms.models import Organisation, UnverifiedEvent, default_organisation
from playhead.recorder.models import Integration

PERCENT_BINS = 20
_TOLD_BYTES = 4_000
# Ours, and what the clients call it.
_NAMES = ("event", "eventName")
_SESSIONS = ("sessionId", "session")
_PAGES = ("url", "page")


@dataclass(frozen=True, slots=True)
class Told:
    """One event as parsed at the door."""

    name: str
    percent: int | None
    session: str
    page: str
    rest: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a page belongs to: an integration by its origin, or nobody, where that is allowed."""

    organisation_id: int
    integration: str


def sender_of(origin: str) -> Sender:
    """Raises Forbidden for pages of an origin that belongs to no integration, unless the site takes those too."""
    for one in Integration.objects.filter(active=True).order_by("id"):
        if origin in one.origins:
            return Sender(one.organisation_id, one.key)
    if not settings.PLAYHEAD_UNVERIFIED_EVENTS:
        raise Forbidden("origin_unknown", "This page belongs to no integration, and events of others are not taken.")
    return Sender(default_organisation(), "")


def parse(body: bytes, *, content_type: str) -> list[Told]:
    """A form, an object, a list of objects, or `{"events": [...]}`. Raises Invalid for anything else."""
    if len(body) > limits.BODY_BYTES:
        raise Invalid("body_too_large", f"At most {limits.BODY_BYTES} bytes.")
    if content_type == "application/x-www-form-urlencoded":
        return [_told(dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))]
    try:
        given = json.loads(body)
    except ValueError:
        raise Invalid("malformed", "Neither a form nor JSON.") from None
    listed = given.get("events", given) if isinstance(given, dict) else given
    events = listed if isinstance(listed, list) else [listed]
    if not 0 < len(events) <= limits.EVENTS_PER_BATCH or not all(isinstance(one, dict) for one in events):
        raise Invalid("malformed", f"From one event to {limits.EVENTS_PER_BATCH} at a time.")
    return [_told(one) for one in events]


def keep(sender: Sender, told: Sequence[Told]) -> int:
    """Write them down; returns how many. Raises TooMany over what an organisation may be told in a day."""
    since = timezone.now() - timedelta(days=1)
    recent = UnverifiedEvent.objects.filter(organisation_id=sender.organisation_id, received_at__gt=since).count()
    if recent + len(told) > limits.UNVERIFIED_EVENTS_A_DAY:
        raise TooMany("too_many", "As many events as are taken in a day have been told.", retry_after_s=3600)
    rows = [
        UnverifiedEvent(
            organisation_id=sender.organisation_id,
            integration=sender.integration,
            name=one.name,
            percent=one.percent,
            session=one.session,
            page=one.page,
            told=one.rest,
        )
        for one in told
    ]
    return len(UnverifiedEvent.objects.bulk_create(rows))


@dataclass(frozen=True, slots=True)
class Distribution:
    """What was told to an organisation: events by name, the most frequent first, and percents in bins of five."""

    total: int
    sessions: int
    names: dict[str, int]
    percents: list[int]


def distribution(organisation: Organisation) -> Distribution:
    events = UnverifiedEvent.objects.filter(organisation=organisation)
    names = events.values_list("name").annotate(times=Count("id")).order_by("-times", "name")
    sessions = events.exclude(session="").values("session").distinct().count()
    bins: Counter[int] = Counter()
    for percent, times in events.exclude(percent=None).values_list("percent").annotate(times=Count("id")):
        bins[min(percent * PERCENT_BINS // 100, PERCENT_BINS - 1)] += times
    by_name = dict(names)
    return Distribution(sum(by_name.values()), sessions, by_name, [bins[at] for at in range(PERCENT_BINS)])


def _told(given: Mapping[str, Any]) -> Told:
    rest = dict(given)
    name, session, page = (_taken(rest, names) for names in (_NAMES, _SESSIONS, _PAGES))
    if not name or len(name) > 64 or not name.isprintable():
        raise Invalid("malformed", "An event has a name of at most 64 characters.")
    data = rest.get("eventData")
    percent = _percent(rest.get("percent", data.get("percent") if isinstance(data, dict) else None))
    text = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > _TOLD_BYTES:
        raise Invalid("malformed", f"An event has at most {_TOLD_BYTES} bytes.")
    return Told(name, percent, session[:100], page[:500], text)


def _taken(rest: dict[str, Any], names: Sequence[str]) -> str:
    for name in names:
        if isinstance(rest.get(name), str):
            return str(rest.pop(name)).replace("\x00", "")
    return ""


def _percent(given: object) -> int | None:
    try:
        percent = float(str(given))
    except ValueError:
        return None
    return int(percent) if 0 <= percent <= 100 else None
