"""A new version of an uploaded video: it takes the old one's place, and students keep what they had of it.

What was watched belongs to what was shown. So the new version is a video of its own, and a teacher says which seconds
of the old one are in it, and where: those stay watched. The old one is hidden, and can be had back for some weeks.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from playhead.core.errors import Conflict, Invalid
from playhead.core.sections import Sections
from playhead.lms import trail
from playhead.lms.clock import clock, parse_clock
from playhead.lms.library import Item, items_of
from playhead.lms.models import Accommodation, Course, Enrolment, Override, Role, Video, ViewingRules
from playhead.lms.removing import remove_video
from playhead.lms.terms import policy_of, terms_for
from playhead.media.models import State
from playhead.recorder import service
from playhead.recorder.apply import Kept
from playhead.recorder.models import Playback, Progress

_TAKEN_OVER = ("title", "description", "position", "due_at", "max_rate", "alias", *ViewingRules.RULES)
_LINE = re.compile(r"([\d:]+)\s*(?:-|–|to)\s*([\d:]+)(?:\s*(?:=|->|→|at)\s*([\d:]+))?")


@dataclass(frozen=True, slots=True)
class Range:
    """`[start_ms, end_ms)` of the old version is in the new one from `at_ms` on."""

    start_ms: int
    end_ms: int
    at_ms: int

    def __str__(self) -> str:
        return f"{clock(self.start_ms)}-{clock(self.end_ms)} = {clock(self.at_ms)}"


def same_seconds(old: Video, new: Video) -> list[Range]:
    """All that both versions have."""
    return [Range(0, min(old.duration_ms or 0, new.duration_ms or 0), 0)]


def parse_ranges(text: str, *, old: Video, new: Video) -> list[Range]:
    """From lines such as `0:00-4:00 = 0:30`. Raises Invalid, naming the line."""
    lines = filter(None, (line.strip() for line in text.splitlines()))
    return checked(list(map(_range, lines)), old=old, new=new)


def checked(ranges: Sequence[Range], *, old: Video, new: Video) -> list[Range]:
    """None: the same seconds. Raises Invalid where one is not within both versions, or two lead to the same seconds of
    the new one."""
    for one in ranges:
        length_ms = one.end_ms - one.start_ms
        if length_ms <= 0 or one.end_ms > (old.duration_ms or 0) or one.at_ms + length_ms > (new.duration_ms or 0):
            raise Invalid("range", _("This is not within both versions: %(line)s") % {"line": one})
    length_ms = sum(one.end_ms - one.start_ms for one in ranges)
    if Sections.of((one.at_ms, one.at_ms + one.end_ms - one.start_ms) for one in ranges).length < length_ms:
        raise Invalid("range", _("Two lines lead to the same seconds of the new version."))
    return list(ranges) or same_seconds(old, new)


def _range(line: str) -> Range:
    start, end, at = match.groups() if (match := _LINE.fullmatch(line)) else ("", "", "")
    try:
        return Range(parse_clock(start), parse_clock(end), parse_clock(at or start))
    except ValueError:
        raise Invalid("range", _("Write it as 0:00-4:00 = 0:30: %(line)s") % {"line": line[:80]}) from None


def candidates(course: Course, old: Item) -> list[Item]:
    """What may take its place: the course's other videos from the library, as long as nobody watched them."""
    items = [item for item in items_of(course) if item.video is not None and not item.is_removed]
    ready = [item for item in items if item.asset.state == State.READY and item.asset != old.asset]
    watched = _watched(*(_video(item).key for item in ready))
    return [item for item in ready if _video(item).key not in watched]


@transaction.atomic
def replace(old: Video, new: Video, ranges: Sequence[Range], *, by: trail.Actor) -> int:
    """From now on `new` stands where `old` stood; returns how many people keep some progress.

    What is kept is written before the rest is: broken off in between, all stands as before, and to do it again gives
    nobody anything twice. Raises Conflict where somebody has watched `new` already.
    """
    if _watched(new.key):
        raise Conflict("watched_already", _("Somebody has watched the other video already: they stay two videos."))
    for name in _TAKEN_OVER:
        setattr(new, name, getattr(old, name))
    new.save(update_fields=_TAKEN_OVER)
    Video.objects.filter(pk=old.pk).update(alias="")
    for agreed in (Accommodation, Override):
        agreed.objects.filter(video=new).delete()
        agreed.objects.filter(video=old).update(video=new)
    trail.note(new.course, by=by, what="video_replaced", video=new, detail=", ".join(map(str, ranges)))
    remove_video(old, by=by)  # from here on nothing is added to what was watched of it
    kept = service.keep_progress(
        _keeping(old, new, ranges),
        video=new.key,
        duration_ms=new.duration_ms,
        organisation_id=new.course.organisation_id,
    )
    return sum(kept)


def _keeping(old: Video, new: Video, ranges: Sequence[Range]) -> Iterator[service.Keeping]:
    watched = Progress.objects.filter(video=old.key, covered_ms__gt=0)
    rows = {row.viewer.key: row for row in watched.select_related("viewer")}
    new = Video.objects.select_related("course").get(pk=new.pk)
    for place in Enrolment.objects.filter(course=new.course, user__key__in=rows).select_related("user"):
        kept = _kept(rows[place.user.key], old, ranges)
        if kept.sections:
            policy = policy_of(terms_for(place.user, [new])[new.pk], Role(place.role))
            yield service.Keeping(place.user.key, kept, policy)


def _kept(row: Progress, old: Video, ranges: Sequence[Range]) -> Kept:
    coverage, moved, position = Sections.unpack(bytes(row.coverage)), list[tuple[int, int]](), None
    for one in ranges:
        by_ms = one.at_ms - one.start_ms
        moved += [(start + by_ms, end + by_ms) for start, end in coverage.clip(one.start_ms, one.end_ms).pairs()]
        if row.position_at and one.start_ms <= row.position_ms < one.end_ms:
            position = (row.position_ms + by_ms, row.position_at)
    return Kept(old.key, tuple(Sections.of(moved).pairs()), row.evidence, position, row.completed_at)


def _watched(*videos: str) -> set[str]:
    """Those of which somebody has earned something, by watching or as another system said."""
    opened = Playback.objects.filter(video__in=videos).exclude(kind="kept").values_list("viewer", "video")
    earned = Progress.objects.filter(video__in=videos, covered_ms__gt=0).values_list("viewer", "video")
    return {video for _viewer, video in set(opened) & set(earned)}


def _video(item: Item) -> Video:
    assert item.video is not None
    return item.video
