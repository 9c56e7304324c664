"""Accounts: the first one, invitations, new passwords, sessions, and switching off."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from playhead.lms import first_admin, invitations, postman
from playhead.lms.models import Enrolment, Invitation, Letter, LoginSession, Role, User
from playhead.lms.views import passwords
from playhead.recorder.models import Playback
from tests.lms.conftest import PASSWORD, Browser, School, log_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

NEW = "a quite new phrase 7"


@pytest.fixture
def password_hash(settings: Any) -> str:
    """The quick way: there are many log-ins."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_password(PASSWORD)


@pytest.fixture
def post(settings: Any) -> None:
    """E-mail is set up."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def opened(client: Browser, school: School) -> str:
    answer = client.post("/v1/playbacks", {"video": school.film.key}, content_type="application/json")
    assert answer.status_code == 201
    return str(answer.json()["playback"])


def closed_reason(playback: str) -> str | None:
    return Playback.objects.get(key=playback).closed_reason


# --- the first account


@pytest.fixture
def fields() -> dict[str, str]:
    return {"name": "Ada", "username": "ada1", "email": "ada1@x.example", "password1": NEW, "password2": NEW}


def test_the_first_visit_makes_an_admin_once(db: None, fields: dict[str, str], settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    token = first_admin.offer()
    assert token
    address = reverse("setup", args=[token])
    client = Browser()
    assert client.get(address).status_code == 200
    assert client.post(address, fields).status_code == 302
    assert User.objects.get().is_superuser
    assert client.is_in
    assert Browser().get(address).status_code == 404
    assert Browser().post(address, fields | {"username": "eve", "email": ""}).status_code == 404
    assert first_admin.offer() is None


def test_without_the_token_there_is_nothing_to_set_up(db: None, fields: dict[str, str]) -> None:
    first_admin.offer()
    for guess in ("x", "None", "%20"):
        assert Browser().post(reverse("setup", args=[guess]), fields, REMOTE_ADDR="127.0.0.1").status_code == 404
    assert not User.objects.exists()


# --- invitations


def invited(school: School, **about: Any) -> tuple[Invitation, str]:
    return invitations.invite(by=school.alice, course=school.course, **about)


def test_a_link_makes_an_account_once(live_school: School, fields: dict[str, str]) -> None:
    invitation, path = invited(live_school, role=Role.ASSISTANT)
    assert path.split("/")[2] not in str(vars(invitation))
    client = Browser()
    assert client.get(path).status_code == 200
    assert client.post(path, fields).status_code == 302
    made = User.objects.get(username="ada1")
    assert Enrolment.objects.get(user=made).role == Role.ASSISTANT
    assert not made.is_superuser
    assert Browser().get(path).status_code == 404
    assert live_school.client("charlie").post(path).status_code == 404


def test_who_has_an_account_joins_with_it(live_school: School) -> None:
    _invitation, path = invited(live_school)
    charlie = live_school.client("charlie")
    assert "Join as Charlie Chen" in charlie.get(path).content.decode()
    assert charlie.post(path).status_code == 302
    assert Enrolment.objects.filter(user=live_school.charlie, course=live_school.course).exists()


@pytest.mark.parametrize("over", ["expired", "withdrawn", "used"])
def test_an_invitation_that_is_over_opens_nothing(live_school: School, fields: dict[str, str], over: str) -> None:
    invitation, path = invited(live_school)
    if over == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif over == "used":
        Invitation.objects.update(used_at=timezone.now())
    else:
        address = reverse("withdraw-invitation", args=[live_school.course.key, invitation.pk])
        assert live_school.client("alice").post(address).status_code == 302
    before = User.objects.count()
    assert Browser().post(path, fields).status_code == 404
    assert User.objects.count() == before


def test_an_invitation_by_mail_fixes_the_address(live_school: School, post: None, fields: dict[str, str]) -> None:
    alice = live_school.client("alice")
    form = {"email": "new@school.example", "role": "student"}
    answer = alice.post(reverse("invite", args=[live_school.course.key]), form, follow=True)
    assert "/invitations/" not in re.sub(r"/courses/\S+", "", answer.content.decode())
    assert postman.deliver_waiting() == 1
    letter = mail.outbox[0]
    assert letter.to == ["new@school.example"]
    path = re.search(r"http://testserver(/invitations/\S+)", str(letter.body))
    assert path
    Browser().post(path[1], fields | {"email": "other@school.example"})
    assert User.objects.get(username="ada1").email == "new@school.example"


def test_an_account_made_by_a_list_is_claimed_by_its_own_link_only(live_school: School) -> None:
    live_school.charlie.set_unusable_password()
    live_school.charlie.save()
    _invitation, path = invited(live_school, user=live_school.charlie)
    assert Browser().post(path, {"password1": "short", "password2": "short"}).status_code == 400
    assert Browser().post(path, {"password1": NEW, "password2": NEW}).status_code == 302
    assert log_in(Browser(), "charlie", NEW).status_code == 302


# --- a new password


def ask(who: str, **more: Any) -> Any:
    return Browser().post(reverse("forgotten"), {"who": who}, **more)


def plain(answer: Any) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|<time.*?</time>', "", answer.content.decode())


def reset_path() -> str:
    path = re.search(r"http://testserver(/password/\S+)", str(mail.outbox[-1].body))
    assert path
    return path[1]


def choose(path: str, password: str) -> Any:
    """Open the link and send the form it leads to."""
    client = Browser()
    page = client.get(path, follow=True)
    address = page.request["PATH_INFO"]
    return client.post(address, {"new_password1": password, "new_password2": password})


def test_the_answer_is_the_same_whether_or_not_the_account_exists(
    school: School, post: None, django_assert_num_queries: Any
) -> None:
    answers = []
    for who in ("bob", "nobody"):
        with django_assert_num_queries(2):
            answers.append(plain(ask(who)))
    assert answers[0] == answers[1]
    assert "If there is such an account" in answers[0]
    assert postman.deliver_waiting() == 1
    assert [letter.to for letter in mail.outbox] == [["bob@school.example"]]


def test_a_link_for_a_new_password_works_once_and_ends_every_session(live_school: School, post: None) -> None:
    watching = live_school.client("bob")
    playback = opened(watching, live_school)
    ask("BOB@school.example")
    postman.deliver_waiting()
    path = reset_path()
    assert choose(path, NEW).status_code == 302
    assert log_in(Browser(), "bob", NEW).status_code == 302
    assert watching.get(reverse("home")).status_code == 302
    assert closed_reason(playback) == "logout"
    assert "opens nothing any more" in Browser().get(path, follow=True).content.decode()
    assert not User.objects.get(username="bob").check_password(PASSWORD)


def test_a_link_for_a_new_password_is_short_lived(school: School, post: None, settings: Any) -> None:
    ask("bob")
    postman.deliver_waiting()
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "opens nothing any more" in Browser().get(reset_path(), follow=True).content.decode()


def test_who_logs_in_meanwhile_makes_the_link_worthless(school: School, post: None) -> None:
    ask("bob")
    postman.deliver_waiting()
    log_in(Browser(), "bob")
    assert "opens nothing any more" in Browser().get(reset_path(), follow=True).content.decode()


def test_nobody_is_buried_in_letters(school: School, post: None) -> None:
    for _ in range(10):
        ask("bob")
    assert postman.deliver_waiting() == postman.RESETS_AN_HOUR


def test_one_network_cannot_ask_without_end(school: School, post: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "ASKED_AN_HOUR", 3)
    assert [ask(f"name{number}").status_code for number in range(4)] == [200, 200, 200, 429]
    assert ask("bob", REMOTE_ADDR="198.51.100.1").status_code == 200


def test_an_account_that_is_off_gets_no_letter(school: School, post: None) -> None:
    User.objects.filter(pk=school.bob.pk).update(is_active=False)
    ask("bob")
    assert postman.deliver_waiting() == 0


def test_without_mail_the_page_says_so(school: School, no_post: None) -> None:
    assert "This site sends no e-mail" in ask("bob").content.decode()
    assert not Letter.objects.exists()


def test_a_letter_is_tried_again_when_the_mail_server_is_away(
    school: School, post: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("bob")
    with monkeypatch.context() as patch:
        patch.setattr(postman, "send_mail", lambda *_what: 1 / 0)
        assert postman.deliver_waiting() == 0
    letter = Letter.objects.get()
    assert (letter.tries, letter.done_at) == (1, None)
    assert postman.deliver_waiting() == 0  # not yet
    assert postman.deliver_waiting(timezone.now() + timedelta(minutes=3)) == 1


# --- one's own account


def test_a_name_in_any_script(live_school: School) -> None:
    client = live_school.client("bob")
    for name in ("김민준", "محمد علي", "Ὀδυσσεύς", "สมชาย", "O’Brien <b>", "𝒮𝒶𝓂"):
        assert client.post(reverse("change-name"), {"name": name}).status_code == 302
        live_school.bob.refresh_from_db()
        assert live_school.bob.name == name
        assert "<b>" not in client.get(reverse("home")).content.decode()
    assert client.post(reverse("change-name"), {"name": "  "}).status_code == 400


def test_a_new_password_logs_out_everywhere_else(live_school: School) -> None:
    here, phone = live_school.client("bob"), live_school.client("bob")
    kept, ended = opened(here, live_school), opened(phone, live_school)
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert here.post(reverse("change-password"), form).status_code == 302
    assert here.get(reverse("home")).status_code == 200
    assert phone.get(reverse("home")).status_code == 302
    assert (closed_reason(kept), closed_reason(ended)) == (None, "logout")


def test_guesses_at_the_old_password_make_a_pause(school: School) -> None:
    client = school.client("bob")
    form = {"old_password": "nope", "new_password1": NEW, "new_password2": NEW}
    answers = [client.post(reverse("change-password"), form).status_code for _ in range(6)]
    assert answers[:4] == [400] * 4
    assert answers[5] == 429
    assert client.post(reverse("change-password"), form | {"old_password": PASSWORD}).status_code == 429
    assert User.objects.get(username="bob").check_password(PASSWORD)


def test_sessions_are_listed_and_ended_by_their_owner_only(live_school: School) -> None:
    here, phone, thief = live_school.client("bob"), live_school.client("bob"), live_school.client("charlie")
    playback = opened(phone, live_school)
    listed = LoginSession.objects.filter(user=live_school.bob).values_list("session_key", flat=True)
    assert len(listed) == 2
    phones = next(key for key in listed if key == Playback.objects.get(key=playback).session)
    assert phone.cookies["playhead"].value not in str(list(LoginSession.objects.values()))
    thief.post(reverse("end-session", args=[phones]))
    assert phone.get(reverse("home")).status_code == 200
    assert closed_reason(playback) is None
    assert here.post(reverse("end-session", args=[phones])).status_code == 302
    assert phone.get(reverse("home")).status_code == 302
    assert closed_reason(playback) == "logout"
    assert here.get(reverse("home")).status_code == 200


def test_a_session_ends_two_weeks_after_the_login(school: School) -> None:
    client = school.client("bob")
    LoginSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get(reverse("home")).status_code == 302
    postman.tidy()
    assert not LoginSession.objects.exists()


# --- switching off


def test_switching_off_logs_out_and_closes_at_once(live_school: School) -> None:
    bob = live_school.client("bob")
    playback = opened(bob, live_school)
    assert live_school.client("ada").post(reverse("switch-off", args=[live_school.bob.key])).status_code == 302
    assert closed_reason(playback) == "disabled"
    assert bob.get(reverse("home")).status_code == 302
    assert not LoginSession.objects.filter(user=live_school.bob).exists()
    live_school.client("ada").post(reverse("switch-on", args=[live_school.bob.key]))
    assert log_in(Browser(), "bob").status_code == 302


def test_nobody_switches_off_oneself(live_school: School) -> None:
    assert live_school.client("ada").post(reverse("switch-off", args=[live_school.ada.key])).status_code == 409
