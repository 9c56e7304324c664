"""What stands out in a course, each with its why: stretches of its videos, students who may need help, and facts about
odd numbers for a person to judge.

From the recorder's progress rows and the class's sums alone. A rule is a comparison that can be said in one sentence,
and the sentence is what the page shows.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median
from typing import Any, Final
from urllib.parse import quote

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playhead.analytics.class_map import ClassMap, class_map, moments
from playhead.analytics.stretches import leavings, skipped
from playhead.core.sections import Sections
from playhead.lms import evidence, words
from playhead.lms.clock import clock
from playhead.lms.matrix import rows_of
from playhead.lms.models import Course, User, Video
from playhead.lms.spoken import captions_of, spoken
from playhead.lms.standings import Student, students_of, viewers_of
from playhead.lms.timeline import instant
from playhead.recorder.models import Progress

_DAY_MS: Final = 86_400_000
AWAY_DAYS: Final = 7
REFUSED_MS: Final = 60_000
"""Whoever was refused less than this may just have left a second player open."""
_TIMES_AGAIN: Final = 1.5
_TIMES_THE_CLASS: Final = 1.3
_GAPS: Final = 3
_GAP_MS: Final = 3_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a video that stands out. `kind` is `confusing`, `skipped` or `leaving`; `said` its captions."""

    kind: str
    video: Video
    start_ms: int
    end_ms: int
    why: str
    said: str


@dataclass(frozen=True, slots=True)
class Gap:
    video: Video
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class Need:
    """A student who may need help: why, in sentences; what is missing most; since when nothing was seen."""

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
class Note:
    """Facts about one student's odd numbers in one video: what was recorded; what it means a person decides."""

    student: Student
    video: Video
    facts: Sequence[str]
    refused_ms: int


@dataclass(frozen=True, slots=True)
class Insights:
    stretches: Sequence[Stretch]
    needs: Sequence[Need]
    notes: Sequence[Note]
    students: int


def insights(course: Course, *, now: datetime | None = None, only: str = "") -> Insights:
    """`only` keeps the students whose name or username holds this text."""
    now_ms = int((now or timezone.now()).timestamp() * 1000)
    videos, students = list(course.videos.all()), students_of(course)
    rows = _rows(videos, students)
    notes = _notes(videos, students, rows)
    noted = {note.student.key for note in notes}
    notes = _with_facts(notes, videos, students)
    needs = _needs(videos, students, rows, but=noted, now_ms=now_ms)
    _complete(course, needs, videos)
    wanted = only.casefold()
    return Insights(
        stretches=[stretch for video in videos for stretch in stretches_of(video)],
        needs=[need for need in needs if wanted in _named(need.student)],
        notes=[note for note in notes if wanted in _named(note.student)],
        students=len(students),
    )


def _named(student: Student) -> str:
    return f"{student.name} {student.username}".casefold()


# --- stretches


def stretches_of(video: Video, known: ClassMap | None = None) -> list[Stretch]:
    """Where the class of one video went back, skipped or left, in the order of the video; `known` are its seconds."""
    seconds = known or class_map(video.key, duration_ms=video.duration_ms)
    told = [("confusing", one.start_s, one.end_s, _why_confusing(one.repeats, one.pauses)) for one in moments(seconds)]
    told += [("skipped", one.start_s, one.end_s, _why_skipped(one.missing, one.around)) for one in skipped(seconds)]
    told += [("leaving", one.start_s, one.end_s, _why_leaving(one.left, one.before)) for one in leavings(seconds)]
    captions = captions_of(video) if told else ""
    return [
        Stretch(kind, video, start * 1000, end * 1000, why, spoken(captions, start * 1000, end * 1000))
        for kind, start, end, why in sorted(told, key=lambda each: (each[1], each[0]))
    ]


def _why_confusing(repeats: int, pauses: int) -> str:
    words_ = _("watched again %(repeats)d times, stopped at %(pauses)d times: clearly more than elsewhere")
    return words_ % {"repeats": repeats, "pauses": pauses}


def _why_skipped(missing: int, around: int) -> str:
    return _("%(missing)d of the %(around)d who came past did not watch it") % {"missing": missing, "around": around}


def _why_leaving(left: int, before: int) -> str:
    return _("%(left)d of the %(before)d who were still there watched nothing after it") % {
        "left": left,
        "before": before,
    }


# --- students

Rows = Mapping[tuple[str, str], "_Row"]


@dataclass(frozen=True, slots=True)
class _Row:
    """A progress row without its maps."""

    covered_ms: int
    watched_ms: int
    refused_ms: int
    imported_ms: int
    last_seen_at: int
    completed_at: int | None
    refusals: Mapping[str, int]

    @property
    def is_begun(self) -> bool:
        return bool(self.covered_ms or self.refused_ms or self.imported_ms)


def _rows(videos: Sequence[Video], students: Sequence[Student]) -> dict[tuple[str, str], _Row]:
    """By student's and video's key."""
    viewers = viewers_of({student.key for student in students})
    read = Progress.objects.filter(viewer__in=list(viewers), video__in=[video.key for video in videos])
    told = ("covered_ms", "watched_ms", "refused_ms", "imported_ms", "last_seen_at", "completed_at", "refusals")
    return {
        (viewers[viewer], video): _Row(covered, watched, refused, imported, seen_at, completed_at, json.loads(refusals))
        for viewer, video, covered, watched, refused, imported, seen_at, completed_at, refusals in read.values_list(
            "viewer_id", "video", *told
        )
    }


def _notes(videos: Sequence[Video], students: Sequence[Student], rows: Rows) -> list[Note]:
    found = []
    for student in students:
        for video in videos:
            row = rows.get((student.key, video.key))
            if row is not None and row.refused_ms >= max(REFUSED_MS, row.covered_ms // 4):
                found.append(Note(student, video, _facts(row), row.refused_ms))
    return sorted(found, key=lambda note: (-note.refused_ms, note.student.name))


def _with_facts(notes: Sequence[Note], videos: Sequence[Video], students: Sequence[Student]) -> list[Note]:
    """What else is odd about how playing went, with what was refused where that is noted, too."""
    viewers, named = viewers_of([student.key for student in students]), {student.key: student for student in students}
    of_key = {video.key: video for video in videos}
    all_notes = {(note.student.key, note.video.key): note for note in notes}
    for fact in evidence.facts(videos, viewers):
        where = (viewers[fact.viewer_id], fact.video)
        known = all_notes.get(where) or Note(named[where[0]], of_key[fact.video], [], 0)
        all_notes[where] = replace(known, facts=[*known.facts, fact.told])
    return list(all_notes.values())


def _facts(row: _Row) -> list[str]:
    told = _("%(refused)s of video were claimed and not credited, beside %(covered)s that were")
    facts = [told % {"refused": clock(row.refused_ms), "covered": clock(row.covered_ms)}]
    for reason, ms in sorted(row.refusals.items(), key=lambda item: -item[1]):
        said = words.reason(reason)
        facts.append(f"{clock(ms)}: {said.short}. {said.sentence}")
    return facts


def _needs(
    videos: Sequence[Video], students: Sequence[Student], rows: Rows, *, but: Collection[str], now_ms: int
) -> list[Need]:
    shares = {row.student.key: row.share or 0 for row in rows_of(videos, students)}
    middle = int(median(shares.values())) if shares else 0
    usual = {video.key: _usual_ratio(video, students, rows) for video in videos}
    own = {one.key: [row for video in videos if (row := rows.get((one.key, video.key)))] for one in students}
    begun = {
        key for key, held in own.items() if any(row.covered_ms or row.refused_ms or row.imported_ms for row in held)
    }
    needs = []
    for student in students:
        held = own[student.key]
        if student.key in but:
            continue
        need = Need(student, seen_at=max((row.last_seen_at for row in held), default=0))
        if student.key not in begun:
            _not_begun(need, len(begun), len(students))
        elif sum(row.completed_at is not None for row in held) < len(videos):
            _behind(need, shares[student.key], middle, now_ms=now_ms)
            _struggling(need, videos, rows, usual)
        if need.why:
            needs.append(need)
    return sorted(needs, key=lambda need: (-need.weight, need.student.name))


def _not_begun(need: Need, begun: int, students: int) -> None:
    if begun * 2 >= students:
        told = _("has begun none of the videos; %(begun)d of %(others)d others have")
        need.why.append(told % {"begun": begun, "others": students - 1})
        need.weight += 100


def _behind(need: Need, share: int, middle: int, *, now_ms: int) -> None:
    away_days = (now_ms - need.seen_at) // _DAY_MS
    if share * 2 <= middle and away_days >= AWAY_DAYS:
        told = ngettext(
            "has %(share)d %% of the course, the middle of the class %(middle)d %%; not seen for %(days)d day",
            "has %(share)d %% of the course, the middle of the class %(middle)d %%; not seen for %(days)d days",
            away_days,
        )
        need.why.append(told % {"share": share, "middle": middle, "days": away_days})
        need.weight += 50 + middle - share


def _struggling(need: Need, videos: Sequence[Video], rows: Rows, usual: Mapping[str, float]) -> None:
    for video in videos:
        row = rows.get((need.student.key, video.key))
        if row is None or not row.covered_ms:
            continue
        ratio = row.watched_ms / row.covered_ms
        if ratio >= max(_TIMES_AGAIN, usual[video.key] * _TIMES_THE_CLASS):
            told = _("watched what they saw of “%(title)s” %(times).1f times over; the class %(usual).1f times")
            need.why.append(told % {"title": video.title, "times": ratio, "usual": usual[video.key]})
            need.weight += int(20 * ratio)


def _usual_ratio(video: Video, students: Sequence[Student], rows: Rows) -> float:
    ratios = [
        row.watched_ms / row.covered_ms
        for student in students
        if (row := rows.get((student.key, video.key))) is not None and row.covered_ms
    ]
    return median(ratios) if ratios else 1.0


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
    """The longest stretches that are missing in videos that were begun; else the first video, whole."""
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
