"""A student's newest playbacks: when, of what, in which environment, as far as it is known, and what never arrived."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from playhead.lms import words
from playhead.lms.models import User, Video
from playhead.lms.timeline import instant
from playhead.recorder.models import Journal, Playback

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Viewing:
    """One opening. `where` are the device, browser and system; `how` the rest, in words. `missing`: how many of the
    reports that the player numbered have not come, though later ones have.
    """

    opened_at: datetime | None
    video: Video
    where: str
    how: str
    was_watched: bool
    missing: int


def viewings_of(student: User, videos: Mapping[str, Video]) -> list[Viewing]:
    """The newest first; `videos` by key."""
    own = Playback.objects.filter(viewer__key=student.key, video__in=videos, kind="live")
    rows = list(own.order_by("-opened_at")[:MOST])
    missing = _missing([row.pk for row in rows])
    return [_viewing(row, videos[row.video], missing.get(row.pk, 0)) for row in rows]


def _missing(playbacks: Sequence[int]) -> dict[int, int]:
    """Reports are numbered from 0 on, and a number that was given is never given again."""
    told = Journal.objects.filter(playback_id__in=playbacks, seq__isnull=False).values_list("playback_id")
    counts = told.annotate(came=Count("seq"), last=Max("seq")).values_list("playback_id", "came", "last")
    return {playback: last + 1 - came for playback, came, last in counts}


def _viewing(row: Playback, video: Video, missing: int) -> Viewing:
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
        opened_at=instant(row.opened_at),
        video=video,
        where=" · ".join(filter(None, where)),
        how=" · ".join(how),
        was_watched=row.first_credit_at is not None,
        missing=missing,
    )


def _address(network: str) -> str:
    """Only a network was kept, and it is shown as one."""
    return f"{network}/48" if ":" in network else f"{network}/24"
