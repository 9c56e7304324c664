"""Logging out: the session is gone, what it was watching is closed, and one is back at the login form."""

import pytest
from django.test import Client
from django.urls import reverse

from playhead.core.errors import Unavailable
from playhead.recorder import service
from playhead.recorder.models import Playback
from tests.lms.conftest import Browser, School

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def open_film(client: Client, school: School) -> str:
    answer = client.post(reverse("open-playback"), {"video": school.film.key}, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return str(answer.json()["playback"])


def test_it_ends_the_session_and_closes_its_playbacks_only(live_school: School) -> None:
    here, phone = live_school.client("bob"), live_school.client("bob")
    closed, kept = open_film(here, live_school), open_film(phone, live_school)
    answer = here.post(reverse("logout"))
    assert answer["Location"] == reverse("login")
    assert here.get(reverse("home")).status_code == 302
    assert Playback.objects.get(key=closed).closed_reason == "logout"
    assert Playback.objects.get(key=kept).closed_at is None
    assert phone.get(reverse("home")).status_code == 200


def test_the_old_cookie_opens_nothing(live_school: School) -> None:
    client = live_school.client("bob")
    cookie = client.cookies["playhead"].value
    client.post(reverse("logout"))
    thief = Browser()
    thief.cookies["playhead"] = cookie
    assert thief.get(reverse("home")).status_code == 302


def test_it_needs_a_form_of_ours(live_school: School) -> None:
    client = live_school.client("bob")
    assert client.get(reverse("logout")).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(reverse("logout")).status_code == 403
    assert client.get(reverse("home")).status_code == 200


def test_without_a_session_it_leads_to_the_login_form(live_school: School) -> None:
    assert Browser().post(reverse("logout"))["Location"] == reverse("login")


def test_when_the_recorder_is_down_the_session_ends_all_the_same(
    live_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(**_which: object) -> int:
        raise Unavailable("stopping", retry_after_s=2)

    monkeypatch.setattr(service, "close_playbacks", down)
    client = live_school.client("bob")
    answer = client.post(reverse("logout"))
    assert answer.status_code == 503
    assert answer["Retry-After"] == "2"
    assert client.get(reverse("home")).status_code == 302


def test_the_admin_logs_out_by_the_same_door(live_school: School) -> None:
    client = live_school.client("ada")
    playback = open_film(client, live_school)
    client.post("/admin/logout/")
    assert Playback.objects.get(key=playback).closed_reason == "logout"
