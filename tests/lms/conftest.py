"""The cast: Alice teaches, Bob is enrolled, Charlie must see nothing; Olga teaches elsewhere, Ada runs the site."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from playhead.lms.models import Course, Enrolment, Organisation, Role, Source, User, Video

PASSWORD = "correct horse 1"
MEDIA_NAME = "film-one.mp4"
MEDIA_URL = "https://videos.example.org/film-two.mp4"


class Browser(Client):
    """Django's test client, all of them behind one set of middleware: setting that up takes longer than most tests."""

    shared = ClientHandler(enforce_csrf_checks=False)

    def __init__(self) -> None:
        super().__init__()
        self.handler = self.shared

    @property
    def is_in(self) -> bool:
        return "_auth_user_id" in self.session


@dataclass(frozen=True)
class School:
    """Two courses: `course` is Alice's, with Bob in it; `other` is Olga's, with nobody in it."""

    course: Course
    other: Course
    film: Video  # a file
    link: Video  # a web address
    alice: User
    bob: User
    charlie: User
    olga: User
    ada: User

    def client(self, who: str) -> Browser:
        """A browser in which this person of the cast is logged in; `anonymous` is nobody."""
        client = Browser()
        if who != "anonymous":
            client.force_login(getattr(self, who), backend=settings.AUTHENTICATION_BACKENDS[1])
        return client


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Made once: argon2 takes its time."""
    return make_password(PASSWORD)


def make_school(password_hash: str) -> School:
    organisation = Organisation.objects.create(name="Test school")

    def person(username: str, name: str, **rights: bool) -> User:
        email = f"{username}@school.example"
        return User.objects.create(
            username=username, name=name, email=email, password=password_hash, organisation=organisation, **rights
        )

    alice, bob = person("alice", "Alice Archer"), person("bob", "Bob Brown")
    charlie, olga = person("charlie", "Charlie Chen"), person("olga", "Olga Orlov")
    ada = person("ada", "Ada Admin", is_superuser=True, is_staff=True)
    course = Course.objects.create(organisation=organisation, title="Film basics")
    other = Course.objects.create(organisation=organisation, title="Somewhere else")
    for place, user, role in ((course, alice, Role.TEACHER), (course, bob, Role.STUDENT), (other, olga, Role.TEACHER)):
        Enrolment.objects.create(course=place, user=user, role=role)
    film = Video.objects.create(course=course, title="The first film", position=1, file=MEDIA_NAME, duration_ms=60_000)
    link = Video.objects.create(course=course, title="The second film", position=2, source=Source.URL, url=MEDIA_URL)
    return School(course, other, film, link, alice, bob, charlie, olga, ada)


@pytest.fixture
def school(db: None, password_hash: str) -> School:
    """For tests that only read; those with the recorder use `live_school`."""
    return make_school(password_hash)


@pytest.fixture
def no_post(settings: Any) -> None:
    """E-mail is not set up; pytest-django otherwise keeps letters in memory."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


@pytest.fixture
def live_school(recorder: object, password_hash: str) -> School:
    """The school beside a running recorder."""
    return make_school(password_hash)


def log_in(
    client: Client, username: str, password: str = PASSWORD, *, network: str = "203.0.113.7", to: str = ""
) -> Any:
    """Send the login form from an address in some network, asking to be led on to `to`."""
    form = {"username": username, "password": password, "next": to}
    return client.post(reverse("login"), form, REMOTE_ADDR=network)
