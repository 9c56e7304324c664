"""What a student did, event by event, as the journal has it: for people, the newest first."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from playhead.analytics.archive import LEFT, bodies
from playhead.analytics.reading import Site
from playhead.core.events import EVENTS
from playhead.lms.clock import clock
from playhead.lms.models import Video
from playhead.recorder.timeline import NEWEST, Entry, entries_of

EVENTS_A_PAGE: Final = 50
_ENTRIES_A_LOOK: Final = 100
_MOST_LOOKS: Final = 20  # beats without events fill the journal of somebody who just watches


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: when it happened by the server's clock (as the player's own clock tells), and what is known of it."""

    at: datetime | None
    video: Video
    playback: str
    name: str
    meaning: str
    position_ms: int | None
    details: str
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class TimelinePage:
    happenings: Sequence[Happening]
    before: int | None  # the journal id that the next page ends before; None where nothing is older


def timeline_page(viewer_id: int, videos: Mapping[str, Video], *, before: int = NEWEST) -> TimelinePage:
    """About fifty events: whole batches, so that no event is on two pages or on none."""
    found: list[Happening] = []
    for _look in range(_MOST_LOOKS):
        entries = _whole(entries_of(viewer_id, list(videos), before=before, most=_ENTRIES_A_LOOK))
        for entry in entries:
            found += _happenings(entry, videos[entry.video])
            before = entry.journal_id
            if len(found) >= EVENTS_A_PAGE:
                return TimelinePage(found, before)
        if len(entries) < _ENTRIES_A_LOOK:
            return TimelinePage(found, None)
    return TimelinePage(found, before)


def _whole(entries: Sequence[Entry]) -> list[Entry]:
    """The entries, those whose bodies have left the journal with what the archive has of them."""
    gone = [entry.journal_id for entry in entries if entry.body == LEFT]
    kept = bodies(Site(), settings.PLAYHEAD_ARCHIVE, gone) if gone else {}
    return [replace(entry, body=kept.get(entry.journal_id, LEFT)) if entry.body == LEFT else entry for entry in entries]


def _happenings(entry: Entry, video: Video) -> list[Happening]:
    received = instant(entry.received_at)
    if entry.kind != "batch":
        name, meaning = _words(entry.kind)
        return [Happening(received, video, entry.playback, name, meaning, None, _details(_read(entry.body)), received)]
    events = sorted(events_in(entry.body), key=lambda event: event["t"], reverse=True)
    return [
        Happening(
            instant(entry.opened_at + event["t"]),
            video,
            entry.playback,
            event["type"],
            EVENTS[event["type"]].meaning if event["type"] in EVENTS else "",
            max(event["m"], 0),
            _details(event),
            received,
        )
        for event in events
    ]


def _words(kind: str) -> tuple[str, str]:
    return {
        "opened": (_("opened"), _("a playback was opened")),
        "closed": (_("closed"), _("the playback was closed and earns no more")),
        "imported": (_("imported"), _("brought in from elsewhere")),
        "kept": (_("kept"), _("watched in the version before this one")),
    }.get(kind, (kind, ""))


def events_in(body: bytes) -> Iterator[dict[str, Any]]:
    """Those that can be read: what a batch must look like was checked when it came in."""
    for event in _read(body).get("events", []):
        if isinstance(event, dict) and {"type", "t", "m"} <= event.keys():
            yield event


def _read(body: bytes) -> dict[str, Any]:
    try:
        kept = json.loads(body)
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


_SHOWN_ELSEWHERE: Final = {
    *("type", "t", "m", "playback", "video", "kind", "policy"),
    *("sections", "source", "position", "completed_at", "environment"),
}


def _details(kept: Mapping[str, Any]) -> str:
    return ", ".join(_detail(name, value) for name, value in kept.items() if name not in _SHOWN_ELSEWHERE)


def _detail(name: str, value: object) -> str:
    """`from 0:10`: positions and lengths as people read them, everything else as it was told."""
    label = name.removesuffix("_ms").replace("_", " ")
    if name.endswith("_ms") and isinstance(value, int):
        return f"{label} {clock(value)}"
    if isinstance(value, bool):
        return label if value else _("not %(what)s") % {"what": label}
    return f"{label} {value}"


def instant(epoch_ms: int) -> datetime | None:
    """None for an instant that no calendar has: a player may claim any."""
    try:
        return datetime.fromtimestamp(epoch_ms / 1000, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def numbered(keys: Iterable[str]) -> dict[str, int]:
    """Playbacks by the order in which they first appear."""
    return {key: number for number, key in enumerate(dict.fromkeys(keys), start=1)}
