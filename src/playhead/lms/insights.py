"""What stands out in a course, each with its why: stretches of its videos, students who may need help, and facts about
odd numbers for a person to judge.

From the recorder's progress rows and the class's sums alone. A rule is a comparison that can be said in one sentence,
and the sentence is what the page shows.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from playhead.analytics.class_map import ClassMap, Moment, class_map, moments
from playhead.analytics.stretches import Skipped, leavings, skipped
from playhead.lms import evidence, words
from playhead.lms.clock import clock
from playhead.lms.models import Course, Video
from playhead.lms.needs import Held, Need, Row, needs_of, progress_of
from playhead.lms.spoken import captions_of, spoken
from playhead.lms.standings import Student, students_of, viewers_of

REFUSED_MS: Final = 60_000
"""Whoever was refused less than this may just have left a second player open."""


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
class Note:
    """Facts about one student's odd numbers in one video: what was recorded; what it means a person decides."""

    student: Student
    video: Video
    facts: Sequence[str]
    refused_ms: int


@dataclass(frozen=True, slots=True)
class Insights:
    """`needs` are those who may need help now; `getting_on` those who go over things again and again, and get on."""

    stretches: Sequence[Stretch]
    needs: Sequence[Need]
    getting_on: Sequence[Need]
    notes: Sequence[Note]
    students: int


def insights(course: Course, *, now: datetime | None = None, only: str = "") -> Insights:
    """`only` keeps the students whose name or username holds this text."""
    now_ms = int((now or timezone.now()).timestamp() * 1000)
    videos, students = list(course.videos.all()), students_of(course)
    rows = progress_of(videos, students)
    notes = _notes(videos, students, rows)
    noted = {note.student.key for note in notes}
    notes = _with_facts(notes, videos, students)
    needs, getting_on = needs_of(course, videos, students, rows, but=noted, now_ms=now_ms)
    wanted = only.casefold()
    return Insights(
        stretches=[stretch for video in videos for stretch in stretches_of(video)],
        needs=[need for need in needs if wanted in _named(need.student)],
        getting_on=[need for need in getting_on if wanted in _named(need.student)],
        notes=[note for note in notes if wanted in _named(note.student)],
        students=len(students),
    )


def _named(student: Student) -> str:
    return f"{student.name} {student.username}".casefold()


# --- stretches


def stretches_of(video: Video, known: ClassMap | None = None) -> list[Stretch]:
    """Where the class of one video went back, skipped or left, in the order of the video; `known` are its seconds."""
    seconds = known or class_map(video.key, duration_ms=video.duration_ms)
    dull = skipped(seconds)
    told = [
        ("confusing", one.start_s, one.end_s, _why_confusing(one.repeats, one.pauses))
        for one in moments(seconds)
        if not any(_jumped_from(one, skip) for skip in dull)
    ]
    told += [("skipped", one.start_s, one.end_s, _why_skipped(one.missing, one.around)) for one in dull]
    told += [("leaving", one.start_s, one.end_s, _why_leaving(one.left, one.before)) for one in leavings(seconds)]
    captions = captions_of(video) if told else ""
    return [
        Stretch(kind, video, start * 1000, end * 1000, why, spoken(captions, start * 1000, end * 1000))
        for kind, start, end, why in sorted(told, key=lambda each: (each[1], each[0]))
    ]


def _jumped_from(moment: Moment, skip: Skipped) -> bool:
    """Whether people stopped there to jump ahead: more of them left the rest out than went over it again."""
    return moment.start_s < skip.end_s and moment.end_s > skip.start_s and moment.repeats < skip.missing


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


# --- odd numbers


def _notes(videos: Sequence[Video], students: Sequence[Student], rows: Held) -> list[Note]:
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


def _facts(row: Row) -> list[str]:
    told = _("%(refused)s of video were claimed and not credited, beside %(covered)s that were")
    facts = [told % {"refused": clock(row.refused_ms), "covered": clock(row.covered_ms)}]
    for reason, ms in sorted(json.loads(row.refusals).items(), key=lambda item: -item[1]):
        said = words.reason(reason)
        facts.append(f"{clock(ms)}: {said.short}. {said.sentence}")
    return facts
