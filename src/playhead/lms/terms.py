"""What holds for whom: a course's rules, a video's own, and what was agreed with one student instead.

For each rule what is agreed for the video comes first, then what is agreed for the whole course, then the video's own
rule, then the course's. Where nobody says anything, nothing is restricted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from playhead.core import limits
from playhead.lms.models import Accommodation, Role, User, Video, ViewingRules
from playhead.recorder.policy import FREE, NEWEST, Policy

_FOREVER_MS = 2**52


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Rates in thousandths, the part in media milliseconds; `plays` and `devices` 0 or None: any number;
    `presence_minutes` 0 or None: nobody is asked.

    `own` are the names of the rules that are this student's own.
    """

    max_rate: int
    threshold_percent: int
    no_skip: bool
    due_at: datetime | None
    needs_visible: bool = False
    seeking: str = FREE
    rates: tuple[int, ...] | None = None
    part_start_ms: int | None = None
    part_end_ms: int | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    plays: int | None = None
    concurrent: str = NEWEST
    devices: int | None = None
    watermark: bool = False
    presence_minutes: int | None = None
    own: frozenset[str] = frozenset()

    @property
    def part(self) -> tuple[int, int] | None:
        """Half-open; None for the whole video."""
        if self.part_start_ms is None and self.part_end_ms is None:
            return None
        return self.part_start_ms or 0, self.part_end_ms or limits.VIDEO_MS

    @property
    def window(self) -> tuple[int, int] | None:
        """Epoch milliseconds, half-open; None for any time."""
        if self.opens_at is None and self.closes_at is None:
            return None
        return _epoch_ms(self.opens_at, 0), _epoch_ms(self.closes_at, _FOREVER_MS)


def terms_of_all(video: Video) -> Terms:
    """`video` must have its course at hand."""
    course = video.course
    terms = Terms(
        max_rate=course.max_rate,
        threshold_percent=course.threshold_percent,
        no_skip=course.no_skip,
        needs_visible=course.needs_visible,
        due_at=video.due_at,
        **_values(course.said(*ViewingRules.RULES)),
    )
    return replace(terms, **_values(video.said("max_rate", *ViewingRules.RULES)))


def terms_for(user: User, videos: Iterable[Video]) -> dict[int, Terms]:
    """By the video's primary key; one query for all of them. The videos must have their courses at hand."""
    videos = list(videos)
    agreed = list(Accommodation.objects.filter(user=user, course__in={video.course_id for video in videos}))
    return {video.pk: _with(terms_of_all(video), _agreed_on(video, agreed)) for video in videos}


def terms_of_class(video: Video) -> dict[int, Terms]:
    """The same for all students with terms of their own for one video, by the person's primary key."""
    agreed = list(Accommodation.objects.filter(course=video.course_id))
    people = {one.user_id for one in agreed}
    for_all = terms_of_all(video)
    return {user: _with(for_all, _agreed_on(video, [one for one in agreed if one.user_id == user])) for user in people}


def wished(terms: Terms, rules: Mapping[str, object]) -> Terms:
    """Under the rules that another system gives this one opening: nearer than all that is said here."""
    return replace(terms, **_values(dict(rules)))


def policy_of(terms: Terms, role: Role) -> Policy:
    """Who teaches only looks: their views stay out of the class's figures, and nothing is closed to them."""
    policy = Policy(
        max_rate=terms.max_rate,
        threshold_percent=terms.threshold_percent,
        no_skip=terms.no_skip,
        rates=terms.rates,
        watermark=terms.watermark,
    )
    if role.sees_class:
        return replace(policy, preview=True)
    return replace(
        policy,
        no_skip=terms.no_skip or terms.seeking != FREE,
        needs_visible=terms.needs_visible,
        seeking=terms.seeking,
        part=terms.part,
        window=terms.window,
        plays=terms.plays or None,
        concurrent=terms.concurrent,
        presence_every_s=terms.presence_minutes * 60 if terms.presence_minutes else None,
    )


def _agreed_on(video: Video, agreed: Iterable[Accommodation]) -> list[Accommodation]:
    """What holds for this video, the nearer first."""
    here = [one for one in agreed if one.course_id == video.course_id and one.video_id in {None, video.pk}]
    return sorted(here, key=lambda one: one.video_id is None)


def _with(terms: Terms, agreed: list[Accommodation]) -> Terms:
    for one in reversed(agreed):
        own = _values(one.said(*_AGREED, *ViewingRules.RULES))
        terms = replace(terms, **own, own=terms.own | set(own))
    return terms


def _values(said: dict[str, Any]) -> dict[str, Any]:
    rates = said.get("rates")
    return said | {"rates": tuple(rates)} if isinstance(rates, list) else said


def _epoch_ms(moment: datetime | None, otherwise: int) -> int:
    return otherwise if moment is None else round(moment.timestamp() * 1000)


_AGREED = ("max_rate", "threshold_percent", "due_at")
