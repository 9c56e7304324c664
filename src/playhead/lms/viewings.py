"""A student's newest playbacks: when, of what, and in which environment, as far as it is known."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from playhead.lms import words
from playhead.lms.models import User, Video
from playhead.lms.timeline import instant
from playhead.recorder.models import Playback

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Viewing:
    """One opening. `where` are the device, browser and system; `how` the rest, in words."""

    opened_at: datetime | None
    video: Video
    where: str
    how: str
    was_watched: bool


def viewings_of(student: User, videos: Mapping[str, Video]) -> list[Viewing]:
    """The newest first; `videos` by key."""
    rows = Playback.objects.filter(viewer__key=student.key, video__in=videos, kind="live").order_by("-opened_at")
    return [_viewing(row, videos[row.video]) for row in rows[:MOST]]


def _viewing(row: Playback, video: Video) -> Viewing:
    known: dict[str, str] = json.loads(row.environment) if row.environment else {}
    where = [words.device(known.get("device", "")), known.get("browser", ""), known.get("os", "")]
    told = {
        "screen": _("screen %(value)s"),
        "network": _("network %(value)s"),
        "language": _("language %(value)s"),
        "country": _("country %(value)s"),
        "address": _("from %(value)s"),
    }
    how = [
        said % {"value": _address(known[name]) if name == "address" else known[name]}
        for name, said in told.items()
        if known.get(name)
    ]
    return Viewing(
        instant(row.opened_at), video, " · ".join(filter(None, where)), " · ".join(how), row.first_credit_at is not None
    )


def _address(network: str) -> str:
    """Only a network was kept, and it is shown as one."""
    return f"{network}/48" if ":" in network else f"{network}/24"
