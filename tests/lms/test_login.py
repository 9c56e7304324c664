"""Logging in: who gets in, what a refusal tells, and where one is led."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from playhead.lms.models import LoginSession
from playhead.recorder.service import session_hash
from tests.lms.conftest import Browser, School, log_in

pytestmark = pytest.mark.django_db(databases=["default", "tracking"])

WRONG = "This name and password do not belong together"
OFF = "This account is switched off"


@pytest.mark.parametrize("name", ["bob", "Bob", "BOB", "bob@school.example", "BOB@School.Example"])
def test_by_username_or_mail_in_any_capitals(school: School, name: str) -> None:
    client = Browser()
    assert log_in(client, name).url == reverse("home")
    assert client.is_in


def test_a_wrong_password_and_a_name_that_is_not_there_look_alike(school: School) -> None:
    known, unknown = Browser(), Browser()
    answers = [log_in(known, "bob", "nope"), log_in(unknown, "nobody", "nope")]
    assert [answer.status_code for answer in answers] == [200, 200]
    bodies = [plain(answer, name) for answer, name in zip(answers, ("bob", "nobody"), strict=True)]
    assert bodies[0] == bodies[1]
    assert WRONG in bodies[0]
    assert not known.is_in


def test_a_name_that_is_not_there_costs_a_hash_too(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []

    def hash_it(raw: str) -> str:
        hashed.append(raw)
        return "x"

    monkeypatch.setattr("django.contrib.auth.base_user.make_password", hash_it)
    log_in(Browser(), "nobody", "nope")
    assert hashed == ["nope"]


def test_an_account_switched_off_shows_only_to_its_password(school: School) -> None:
    school.bob.is_active = False
    school.bob.save()
    assert OFF in log_in(Browser(), "bob").content.decode()
    assert WRONG in log_in(Browser(), "bob", "nope").content.decode()


def test_switching_an_account_off_ends_its_sessions(school: School) -> None:
    client = school.client("bob")
    school.bob.is_active = False
    school.bob.save()
    assert client.get(reverse("home")).status_code == 302


def test_passwords_are_kept_as_argon2(school: School) -> None:
    assert school.bob.password.startswith("argon2$argon2id$")


# --- the session, and the way back


def test_a_session_planted_before_the_login_is_worth_nothing_after_it(school: School) -> None:
    client = Browser()
    client.session.save()
    planted = client.session.session_key
    client.cookies["playhead"] = planted or ""
    log_in(client, "bob")
    assert client.session.session_key != planted
    assert not LoginSession.objects.filter(session_key=session_hash(planted)).exists()
    thief = Browser()
    thief.cookies["playhead"] = planted or ""
    assert thief.get(reverse("home")).status_code == 302


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(school: School) -> None:
    client = Browser()
    cookie = log_in(client, "bob").cookies["playhead"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_sessions_live_on_the_server(school: School) -> None:
    client = Browser()
    log_in(client, "bob")
    LoginSession.objects.all().delete()
    assert client.get(reverse("home")).status_code == 302


def test_one_comes_back_to_the_page_one_asked_for(school: School) -> None:
    client = Browser()
    asked = reverse("watch", args=[school.film.key]) + "?part=2"
    led = client.get(asked)
    assert led.status_code == 302
    form = client.get(led["Location"])
    assert "You come back to the page you asked for" in form.content.decode()
    assert log_in(client, "bob", to=form.context["next"]).url == asked


OUTSIDE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    r"/\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver@evil.example/",
    " https://evil.example",
    "\thttps://evil.example",
    "data:text/html,x",
]


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_way_back_never_leads_off_the_site(school: School, address: str) -> None:
    target = log_in(Browser(), "bob", to=address).url
    assert target.startswith("/")
    assert not target.startswith(("//", "/\\"))
    assert "\\" not in target


def test_the_form_needs_its_token(school: School) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = log_in(client, "bob")
    assert answer.status_code == 403
    assert "This form is out of date" in answer.content.decode()


def test_the_admin_logs_in_by_the_same_form(school: School) -> None:
    assert Browser().get("/admin/login/?next=/admin/")["Location"] == "/login/?next=/admin/"


def plain(response: HttpResponse, name: str) -> str:
    """The page without what differs by design: the name typed, the token, the time."""
    import re

    body = response.content.decode().replace(f'value="{name}"', "")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|<time.*?</time>', "", body)
