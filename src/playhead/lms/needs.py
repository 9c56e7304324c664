"""Who of a course may need help, and why: a comparison with the class for each, which one sentence says.

From the recorder's progress rows alone; maps are read only of those of whom one is shown or asked about.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playhead.core.sections import Sections
from playhead.lms.clock import clock
from playhead.lms.matrix import rows_of
from playhead.lms.models import Course, User, Video
from playhead.lms.standings import Student, viewers_of
from playhead.lms.timeline import instant
from playhead.recorder.models import Progress

_DAY_MS: Final = 86_400_000
AWAY_DAYS: Final = 7
_SHARE_OF_MIDDLE: Final = 3  # a third
_TIMES_AGAIN: Final = 1.5
_TIMES_THE_CLASS: Final = 1.3
FURTHER_MS: Final = 10_000
"""Whoever saw less than this after what they go over has not got on."""
_GAPS: Final = 3
_GAP_MS: Final = 3_000


class Row(NamedTuple):
    """A progress row without its maps."""

    covered_ms: int
    watched_ms: int
    refused_ms: int
    imported_ms: int
    last_seen_at: int
    completed_at: int | None
    refusals: str

    @property
    def is_begun(self) -> bool:
        return bool(self.covered_ms or self.refused_ms or self.imported_ms)


Held = Mapping[tuple[str, str], Row]
"""By student's and video's key."""


@dataclass(frozen=True, slots=True)
class Gap:
    video: Video
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class Need:
    """A student to look after: why, in sentences; what is missing most; since when nothing was seen."""

    student: Student
    why: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    seen_at: int = 0
    weight: int = 0
    letter: str = ""  # a mailto address with a draft

    @property
    def seen(self) -> datetime | None:
        return instant(self.seen_at) if self.seen_at else None


@dataclass(frozen=True, slots=True)
class _Again:
    """Somebody who watches what they saw of a video far more often than the class does."""

    student: str
    video: Video
    times: float
    usual: float


def progress_of(videos: Sequence[Video], students: Sequence[Student]) -> dict[tuple[str, str], Row]:
    viewers = viewers_of({student.key for student in students})
    read = Progress.objects.filter(viewer__in=list(viewers), video__in=[video.key for video in videos])
    return {
        (viewers[viewer], video): Row._make(numbers)
        for viewer, video, *numbers in read.values_list("viewer_id", "video", *Row._fields)
    }


def needs_of(
    course: Course,
    videos: Sequence[Video],
    students: Sequence[Student],
    rows: Held,
    *,
    but: Collection[str],
    now_ms: int,
) -> tuple[list[Need], list[Need]]:
    """Who may need help now, and who only goes over things more than the class does and gets on; the first first.

    Not those in `but`: of whom something else is said. Whoever completed everything needs nothing.
    """
    own = {one.key: [row for video in videos if (row := rows.get((one.key, video.key)))] for one in students}
    open_ = {
        key for key, held in own.items() if key not in but and sum(bool(row.completed_at) for row in held) < len(videos)
    }
    seen_at = {key: max((row.last_seen_at for row in held), default=0) for key, held in own.items()}
    now = {student.key: Need(student, seen_at=seen_at[student.key]) for student in students if student.key in open_}
    later = {key: Need(need.student, seen_at=need.seen_at) for key, need in now.items()}
    begun = {key for key, held in own.items() if any(row.is_begun for row in held)}
    shares = {row.student.key: row.share or 0 for row in rows_of(videos, students)}
    middle = int(median(shares.values())) if shares else 0
    for key, need in now.items():
        if key not in begun:
            _not_begun(need, len(begun), len(students))
        else:
            _behind(need, shares[key], middle, now_ms=now_ms)
    going_over = [again for again in _again_and_again(videos, rows) if again.student in now]
    places = _places(going_over)
    for again in going_over:
        stuck = places.get((again.student, again.video.key))
        if stuck is not None:
            _stuck(now[again.student], again, stuck)
        else:
            _goes_over(later[again.student], again)
    needs, getting_on = (_heaviest(some) for some in (now, later))
    needing = {need.student.key for need in needs}
    _complete(course, needs, videos)
    return needs, [need for need in getting_on if need.student.key not in needing]


def _heaviest(some: Mapping[str, Need]) -> list[Need]:
    return sorted((need for need in some.values() if need.why), key=lambda need: (-need.weight, need.student.name))


def _not_begun(need: Need, begun: int, students: int) -> None:
    if begun * 2 >= students:
        told = _("has begun none of the videos; %(begun)d of %(others)d others have")
        need.why.append(told % {"begun": begun, "others": students - 1})
        need.weight += 100


def _behind(need: Need, share: int, middle: int, *, now_ms: int) -> None:
    away_days = (now_ms - need.seen_at) // _DAY_MS
    if share * _SHARE_OF_MIDDLE <= middle and away_days >= AWAY_DAYS:
        told = ngettext(
            "has %(share)d %% of the course, the middle of the class %(middle)d %%; not seen for %(days)d day",
            "has %(share)d %% of the course, the middle of the class %(middle)d %%; not seen for %(days)d days",
            away_days,
        )
        need.why.append(told % {"share": share, "middle": middle, "days": away_days})
        need.weight += 50 + middle - share


def _again_and_again(videos: Sequence[Video], rows: Held) -> list[_Again]:
    """In the order of the videos."""
    all_times: dict[str, dict[str, float]] = {video.key: {} for video in videos}
    for (student, key), row in rows.items():
        if row.covered_ms:
            all_times[key][student] = row.watched_ms / row.covered_ms
    found = []
    for video in videos:
        times = all_times[video.key]
        usual = median(times.values()) if times else 1.0
        far_more = max(_TIMES_AGAIN, usual * _TIMES_THE_CLASS)
        found += [_Again(student, video, ratio, usual) for student, ratio in times.items() if ratio >= far_more]
    return found


def _places(going_over: Sequence[_Again]) -> dict[tuple[str, str], tuple[int, int]]:
    """Of those who did not get further than what they go over: that stretch, in ms, by student and video."""
    asked = {(again.student, again.video.key): again.video for again in going_over}
    maps = Progress.objects.filter(
        viewer__key__in={student for student, _video in asked}, video__in={video for _student, video in asked}
    ).values_list("viewer__key", "video", "completed_at", "coverage", "again")
    found = {}
    for student, key, completed_at, coverage, again in maps:
        video = asked.get((student, key))
        if video is not None and completed_at is None:
            place = _place(Sections.unpack(bytes(coverage)), Sections.unpack(bytes(again)), video.duration_ms)
            if place is not None:
                found[student, key] = place
    return found


def _place(coverage: Sections, again: Sections, duration_ms: int | None) -> tuple[int, int] | None:
    """The last stretch gone over, where nothing was seen after it although there is more; else None.

    Whoever goes over more than half of what they saw does not come back to one place: they take all of it again.
    """
    repeated, seen = again.pairs(), coverage.pairs()
    if not repeated or not seen or again.length * 2 > coverage.length:
        return None
    start_ms, end_ms = repeated[-1]
    reached_ms = seen[-1][1]
    is_end = duration_ms is not None and reached_ms > duration_ms - FURTHER_MS
    return None if is_end or reached_ms - end_ms >= FURTHER_MS else (start_ms, end_ms)


def _stuck(need: Need, again: _Again, place: tuple[int, int]) -> None:
    told = _(
        "watched what they saw of “%(title)s” %(times).1f times over, the class %(usual).1f times: went back to "
        "%(from)s–%(to)s, and saw nothing after it"
    )
    said = {"title": again.video.title, "times": again.times, "usual": again.usual}
    need.why.append(told % (said | {"from": clock(place[0]), "to": clock(place[1])}))
    need.weight += int(20 * again.times)


def _goes_over(need: Need, again: _Again) -> None:
    told = _("watched what they saw of “%(title)s” %(times).1f times over; the class %(usual).1f times")
    need.why.append(told % {"title": again.video.title, "times": again.times, "usual": again.usual})
    need.weight += int(20 * again.times)


# --- what is only read for those who are shown


def _complete(course: Course, needs: Sequence[Need], videos: Sequence[Video]) -> None:
    """Add to each what is missing most, and a letter to begin with."""
    keys = [need.student.key for need in needs]
    covered: dict[tuple[str, str], bytes] = {
        (viewer, video): bytes(packed)
        for viewer, video, packed in Progress.objects.filter(
            viewer__key__in=keys, video__in=[video.key for video in videos]
        ).values_list("viewer__key", "video", "coverage")
    }
    addresses: dict[str, Any] = dict(User.objects.filter(key__in=keys).values_list("key", "email"))
    for need in needs:
        need.gaps = _gaps(need.student, videos, covered)
        need.letter = _letter(course, need, addresses.get(need.student.key, ""))


def _gaps(student: Student, videos: Sequence[Video], covered: Mapping[tuple[str, str], bytes]) -> list[Gap]:
    """The longest stretches that are missing in videos that were begun."""
    gaps = []
    for video in videos:
        packed = covered.get((student.key, video.key))
        if packed and video.duration_ms:
            missing = Sections.one(0, video.duration_ms) - Sections.unpack(packed)
            gaps += [Gap(video, start, end) for start, end in missing.pairs() if end - start >= _GAP_MS]
    return sorted(gaps, key=lambda gap: gap.start_ms - gap.end_ms)[:_GAPS]


def _letter(course: Course, need: Need, address: str) -> str:
    stuck = _("I saw that you may be stuck in “%(course)s”.") % {"course": course.title}
    lines = [_("Dear %(name)s,") % {"name": need.student.name.split(" ")[0]}, "", stuck]
    if need.gaps:
        lines += ["", _("These parts are still missing:")]
        lines += [f"- {gap.video.title}, {clock(gap.start_ms)}–{clock(gap.end_ms)}" for gap in need.gaps]
    lines += ["", _("Is there something I can help with?")]
    return f"mailto:{quote(address)}?subject={quote(course.title)}&body={quote(chr(10).join(lines))}"
