"""People, videos and places in a course, in bulk and by key: making them again changes nothing."""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.db import transaction

from playhead.lms.models import Course, Enrolment, Role, Source, User, Video, default_organisation
from playhead.recorder.policy import Policy


class Person(NamedTuple):
    key: str
    username: str
    name: str


class Clip(NamedTuple):
    key: str
    title: str
    url: str  # or `file`, in the media folder
    duration_ms: int
    file: str = ""
    description: str = ""


@transaction.atomic
def make_course(
    *,
    key: str,
    title: str,
    description: str,
    people: Iterable[Person],
    clips: Iterable[Clip],
    policy: Policy | None = None,
) -> Course:
    """A course of these people and clips, and of every teacher the school already has, who so get to see it.

    A course that is there already keeps its title and its policy. The people cannot log in: they have no password
    until somebody gives them one.
    """
    organisation, rules = default_organisation(), policy or Policy()
    texts = {"title": title, "description": description, "organisation_id": organisation}
    terms = {"threshold_percent": rules.threshold_percent, "max_rate": rules.max_rate, "no_skip": rules.no_skip}
    course, _made = Course.objects.get_or_create(key=key, defaults=texts | terms)
    listed = list(people)
    closed = make_password(None)
    User.objects.bulk_create(
        [
            User(key=key, username=username, name=name[:200], password=closed, organisation_id=organisation)
            for key, username, name in listed
        ],
        ignore_conflicts=True,
    )
    Video.objects.bulk_create(
        [
            Video(
                course=course,
                key=clip.key,
                title=clip.title[:200],
                description=clip.description,
                position=position,
                source=Source.FILE if clip.file else Source.URL,
                file=clip.file,
                url=clip.url[:2000],
                duration_ms=clip.duration_ms,
            )
            for position, clip in enumerate(clips)
        ],
        ignore_conflicts=True,
    )
    _enrol(course, [person.key for person in listed])
    return course


def _enrol(course: Course, keys: list[str]) -> None:
    teachers = set(Enrolment.objects.filter(role=Role.TEACHER).values_list("user_id", flat=True))
    ids = dict(User.objects.values_list("key", "pk"))
    places = [(ids[key], Role.STUDENT) for key in keys] + [(teacher, Role.TEACHER) for teacher in sorted(teachers)]
    Enrolment.objects.bulk_create(
        [Enrolment(course=course, user_id=user, role=role) for user, role in places], ignore_conflicts=True
    )
