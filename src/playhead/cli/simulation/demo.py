"""The demo's term takes place: played through the real collector first, put on the learning site when it is over.

It is played under keys that nothing on the site has yet, Bob's and those of the first course included: what a term that
was broken off has left in the tracking tables is then nobody's, and the next one begins with unspent time.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from django.db import transaction

from playhead.cli.recording import recording
from playhead.cli.roster import Clip, Person, make_course
from playhead.cli.simulation.script import Script
from playhead.cli.simulation.term import COURSES, DAYS, FIRST, LESSONS, NAMES, SECOND, THIRD, Plan, scripts, students_of
from playhead.cli.simulation.virtual import Run, Stage, VirtualClock
from playhead.collector.app import Collector
from playhead.lms.models import Course, User, Video, user_key, video_key
from playhead.recorder import service
from playhead.recorder.models import Playback

_DAY_MS: Final = 24 * 3600 * 1000


def term_is_there() -> bool:
    return Course.objects.filter(key=THIRD.key).exists()


def prepare() -> "Term":
    """Everything but the playing; the school and its first course must be there."""
    clips = {video.file.removesuffix(".mp4"): video for video in Video.objects.filter(course__key=FIRST.key)}
    lengths = [clips[lesson.clip].duration_ms or 0 for _course, lesson in LESSONS]
    keys = [_video_key(clips[lesson.clip]) if course is FIRST else video_key() for course, lesson in LESSONS]
    return Term(clips, keys, scripts(lengths))


def _video_key(video: Video) -> str:
    """A new one, unless somebody has watched under the one it has: then a term has to take place around that."""
    return video.key if Playback.objects.filter(video=video.key).exists() else video_key()


def _bob() -> Person:
    bob = User.objects.get(username="bob")
    key = bob.key if Playback.objects.filter(viewer__key=bob.key).exists() else user_key()
    return Person(key, bob.username, bob.name)


class Term:
    """One term: `happenings` says how much there is to play; `play` plays it and makes the courses."""

    def __init__(self, clips: dict[str, Video], video_keys: list[str], written: list[Script]) -> None:
        self._clips = clips
        self.videos = video_keys
        self.written = written
        self.people = [Person(user_key(), f"student{number:02}", name) for number, name in enumerate(NAMES, 1)]
        self.bob = _bob()

    @property
    def happenings(self) -> int:
        return sum(len(script.happenings) for script in self.written)

    def play(self, *, progress: Callable[[int], object]) -> None:
        """Play all of it, then make the courses: a demo that was broken off begins anew, with nobody half-way in it."""
        with recording(clock=VirtualClock()) as recorder:
            run = Run(Collector(recorder, service.ticket_keys()), self._stage())
            asyncio.run(run.play_in_order(self.written, progress=progress))
        with transaction.atomic():
            self._take_the_keys()
            for course in COURSES:
                self._make(course)

    def _stage(self) -> Stage:
        """It ended with yesterday."""
        midnight = time.time_ns() // 1_000_000 // _DAY_MS * _DAY_MS
        viewers = [person.key for person in [*self.people, self.bob]]
        policies = [course.policy for course, _lesson in LESSONS]
        return Stage(viewers, self.videos, self.written[0].durations_ms, midnight - DAYS * _DAY_MS, policies)

    def _take_the_keys(self) -> None:
        User.objects.filter(username=self.bob.username).update(key=self.bob.key)
        for (course, lesson), key in zip(LESSONS, self.videos, strict=True):
            if course is FIRST:
                Video.objects.filter(pk=self._clips[lesson.clip].pk).update(key=key)

    def _make(self, course: Plan) -> None:
        new = [
            Clip(key, lesson.title, "", video.duration_ms or 0, video.file, lesson.description)
            for (plan, lesson), key in zip(LESSONS, self.videos, strict=True)
            if plan is course is not FIRST
            for video in [self._clips[lesson.clip]]
        ]
        make_course(
            key=course.key,
            title=course.title,
            description=course.description,
            people=[self.people[number] for number in students_of(course)] + [self.bob] * (course is SECOND),
            clips=new,
            policy=course.policy,
        )
