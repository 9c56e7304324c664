"""Where one number comes from: the ledger's lines of one student and one video, and what they say of each stretch."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playhead.core.sections import EMPTY
from playhead.lms import words
from playhead.lms.clock import clock
from playhead.lms.models import User, Video
from playhead.lms.progress import Watched, watched_by
from playhead.lms.timeline import instant, numbered
from playhead.recorder.ledger import IMPORTED, Line, Sums, lines_of, sums_of
from playhead.recorder.models import Playback, Viewer

# More stretches than this are joined where their gaps are smallest: nobody could point at them.
STRETCHES: Final = 400


@dataclass(slots=True)
class Stretch:
    """A part of the video that was all watched once, all watched again, all claimed in vain, or all missed."""

    kind: str  # watched, again, refused, imported, missed
    start_ms: int
    end_ms: int
    credited_ms: int = 0
    first_at: int | None = None
    last_at: int | None = None
    playbacks: set[int] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def times(self) -> str:
        """How often, on average over the stretch."""
        often = self.credited_ms / (self.end_ms - self.start_ms)
        return f"{often:.0f}" if abs(often - round(often)) < 0.05 else f"{often:.1f}"

    @property
    def span(self) -> str:
        return _("%(from)s to %(to)s") % {"from": clock(self.start_ms), "to": clock(self.end_ms)}

    @property
    def what(self) -> str:
        """How often, or that it was not."""
        return {
            "watched": _("watched once"),
            "again": _("watched %(times)s times") % {"times": self.times},
            "refused": _("claimed, not credited"),
            "imported": _("imported, not checked here"),
        }.get(self.kind, _("not watched"))

    @property
    def when(self) -> str:
        if self.first_at is None or self.last_at is None:
            return ""
        first, last = moment(self.first_at), moment(self.last_at)
        return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}

    @property
    def where(self) -> str:
        """In which playbacks, by their numbers on the page."""
        if not self.playbacks:
            return ""
        listed = ", ".join(str(number) for number in sorted(self.playbacks))
        return ngettext("playback %(listed)s", "playbacks %(listed)s", len(self.playbacks)) % {"listed": listed}

    @property
    def why_not(self) -> str:
        return ", ".join(str(words.reason(code).short) for code, _ms in self.reasons.most_common())

    @property
    def told(self) -> str:
        """All of it in one line."""
        return f"{self.span}: " + " · ".join(part for part in (self.what, self.when, self.where, self.why_not) if part)


@dataclass(frozen=True, slots=True)
class Opening:
    """A playback as the page names it. `browser` counts the login sessions: the devices, as far as they are known."""

    number: int
    key: str
    opened_at: datetime | None
    browser: int | None
    kind: str  # live, imported, kept


@dataclass(frozen=True)
class Explained:
    """One student's number for one video, its lines, and the playbacks they were claimed in."""

    student: User
    video: Video
    watched: Watched
    lines: Sequence[Line]
    openings: dict[str, Opening]

    @cached_property
    def sums(self) -> Sums:
        return sums_of(self.lines)

    @property
    def adds_up(self) -> bool:
        """Whether the lines give the stored numbers: anything else is a fault, and is said."""
        sums, stored = self.sums, self.watched
        return (sums.covered_ms, sums.watched_ms, sums.refused_ms, sums.imported_ms) == (
            stored.covered_ms,
            stored.watched_ms,
            stored.refused_ms,
            stored.imported_ms,
        )

    @cached_property
    def stretches(self) -> list[Stretch]:
        return stretches(self.watched, self.lines, {key: one.number for key, one in self.openings.items()})


def explained(student: User, video: Video) -> Explained:
    """`video` must have its course at hand."""
    [watched] = watched_by(student, [video])
    viewer_id = Viewer.objects.filter(key=student.key).values_list("pk", flat=True).first()
    lines = [] if viewer_id is None else list(lines_of(viewer_id, video.key))
    return Explained(student, video, watched, lines, _openings(viewer_id, video, lines))


def _openings(viewer_id: int | None, video: Video, lines: Sequence[Line]) -> dict[str, Opening]:
    """Those with lines, in their order."""
    columns = ("key", "opened_at", "session", "kind")
    rows = {row[0]: row for row in Playback.objects.filter(viewer=viewer_id, video=video.key).values_list(*columns)}
    numbers = numbered(line.playback for line in lines)
    browsers = numbered(rows[key][2] for key in numbers if rows[key][2])
    return {
        key: Opening(number, key, instant(rows[key][1]), browsers.get(rows[key][2] or ""), rows[key][3])
        for key, number in numbers.items()
    }


def stretches(watched: Watched, lines: Sequence[Line], numbers: dict[str, int]) -> list[Stretch]:
    """The video from its start to its end, in stretches, each with what the lines say of it."""
    found = _empty_stretches(watched)
    starts = [stretch.start_ms for stretch in found]
    for line in lines:
        imported = line.kind == IMPORTED
        for start, end in line.credit.pairs():
            for stretch in _touched(found, starts, start, end):
                if imported == (stretch.kind == IMPORTED):
                    _credit(stretch, line, numbers, min(end, stretch.end_ms) - max(start, stretch.start_ms))
        if line.reasons and line.m0 < line.m1:
            for stretch in _touched(found, starts, line.m0, line.m1):
                if stretch.kind == "refused":
                    _refuse(stretch, line, numbers)
    return found


def _empty_stretches(watched: Watched) -> list[Stretch]:
    coverage, again = watched.coverage, watched.again & watched.coverage
    layers = {"again": again, "watched": coverage - again, "refused": watched.refused - coverage}
    layers["imported"] = watched.imported - (coverage | layers["refused"])
    few = {kind: sections.limited(STRETCHES) if sections else EMPTY for kind, sections in layers.items()}
    length_ms = watched.duration_ms or max((s.pairs()[-1][1] for s in few.values() if s), default=0)
    taken, found = EMPTY, list[Stretch]()
    for kind, sections in few.items():
        found += [Stretch(kind, start, end) for start, end in (sections - taken).pairs()]
        taken |= sections
    if length_ms:
        found += [Stretch("missed", start, end) for start, end in taken.gaps(0, length_ms).pairs()]
    return sorted(found, key=lambda stretch: stretch.start_ms)


def _touched(found: list[Stretch], starts: list[int], start: int, end: int) -> list[Stretch]:
    """Those that share some time with `[start, end)`. They follow one another without overlaps."""
    first = max(bisect_right(starts, start) - 1, 0)
    last = bisect_right(starts, end - 1)
    return [stretch for stretch in found[first:last] if stretch.end_ms > start]


def _credit(stretch: Stretch, line: Line, numbers: dict[str, int], ms: int) -> None:
    stretch.credited_ms += ms
    _note(stretch, line, numbers)


def _refuse(stretch: Stretch, line: Line, numbers: dict[str, int]) -> None:
    stretch.reasons.update(dict(line.reasons))
    _note(stretch, line, numbers)


def _note(stretch: Stretch, line: Line, numbers: dict[str, int]) -> None:
    at = line.received_at
    stretch.first_at = at if stretch.first_at is None else min(stretch.first_at, at)
    stretch.last_at = at if stretch.last_at is None else max(stretch.last_at, at)
    if line.playback in numbers:
        stretch.playbacks.add(numbers[line.playback])


def moment(epoch_ms: int) -> str:
    """`12 Nov 10:02`, in the site's time zone; nothing for an instant no calendar has."""
    at = instant(epoch_ms)
    return "" if at is None else date_format(localtime(at), "j M H:i")
