"""What holds for whom: a course's rules, and what was agreed with one student instead.

For each rule what is agreed for the video comes first, then what is agreed for the whole course, then the rule of all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from playhead.lms.models import Accommodation, Role, User, Video
from playhead.recorder.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Rates in thousandths. `own` are the names of the rules that are this student's own."""

    max_rate: int
    threshold_percent: int
    no_skip: bool
    due_at: datetime | None
    own: frozenset[str] = frozenset()


def terms_of_all(video: Video) -> Terms:
    """`video` must have its course at hand."""
    course = video.course
    return Terms(
        max_rate=course.max_rate,
        threshold_percent=course.threshold_percent,
        no_skip=course.no_skip,
        due_at=video.due_at,
    )


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


def policy_for(user: User, video: Video, role: Role) -> Policy:
    """What a playback is opened under now. Who teaches only looks: their views stay out of the class's figures."""
    terms = terms_for(user, [video])[video.pk]
    return replace(
        video.course.policy,
        max_rate=terms.max_rate,
        threshold_percent=terms.threshold_percent,
        preview=role.sees_class,
    )


def _agreed_on(video: Video, agreed: Iterable[Accommodation]) -> list[Accommodation]:
    """What holds for this video, the nearer first."""
    here = [one for one in agreed if one.course_id == video.course_id and one.video_id in {None, video.pk}]
    return sorted(here, key=lambda one: one.video_id is None)


def _with(terms: Terms, agreed: list[Accommodation]) -> Terms:
    for one in reversed(agreed):
        own = {name: value for name in _RULES if (value := getattr(one, name)) is not None}
        terms = replace(terms, **own, own=terms.own | set(own))
    return terms


_RULES = ("max_rate", "threshold_percent", "due_at")
