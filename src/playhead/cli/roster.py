"""People, videos and places in a course, in bulk and by key: making them again changes nothing."""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.db import transaction

from playhead.lms.models import Course, Enrolment, Role, Source, User, Video, default_organisation


class Person(NamedTuple):
    key: str
    username: str
    name: str


class Clip(NamedTuple):
    key: str
    title: str
    url: str
    duration_ms: int


@transaction.atomic
def make_course(*, key: str, title: str, description: str, people: Iterable[Person], clips: Iterable[Clip]) -> Course:
    """A course of these people and clips, and of every teacher the school already has, who so get to see it.

    The people cannot log in: they have no password until somebody gives them one.
    """
    organisation = default_organisation()
    course, _made = Course.objects.get_or_create(
        key=key, defaults={"title": title, "description": description, "organisation_id": organisation}
    )
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
                key=key,
                title=title[:200],
                position=position,
                source=Source.URL,
                url=url[:2000],
                duration_ms=duration_ms,
            )
            for position, (key, title, url, duration_ms) in enumerate(clips)
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
