"""Another e-mail address for one's account: by a link to it, once, for a short time, and only for who asked."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from playhead.lms import addresses, postman
from playhead.lms.models import AddressChange, Letter, User
from tests.lms.conftest import PASSWORD, Browser, School, log_in

pytestmark = pytest.mark.django_db(databases=["default", "tracking"])

NEW = "bob@elsewhere.example"
OLD = "bob@school.example"


@pytest.fixture(autouse=True)
def post(settings: Any) -> None:
    """E-mail is set up."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def password_hash(settings: Any) -> str:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_password(PASSWORD)


def ask(client: Browser, address: str = NEW, password: str = PASSWORD) -> Any:
    return client.post(reverse("change-address"), {"address": address, "password": password}, follow=True)


def link() -> str:
    """The path of the link in the newest letter."""
    postman.deliver_waiting()
    found = re.search(r"http://testserver(/account/address/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def address_of(who: str) -> str:
    return User.objects.get(username=who).email


def test_the_link_changes_it_once_and_the_old_address_is_told(school: School) -> None:
    bob = school.client("bob")
    assert f"on its way to {NEW}" in ask(bob).content.decode()
    path = link()
    assert mail.outbox[-1].to == [NEW]
    assert NEW in bob.get(path).content.decode()
    assert address_of("bob") == OLD, "opening it changes nothing: programs that look into letters open links, too"
    assert "Your e-mail address is changed" in bob.post(path, follow=True).content.decode()
    assert address_of("bob") == NEW
    assert bob.post(path).status_code == 404
    assert postman.deliver_waiting() == 1
    assert mail.outbox[-1].to == [OLD]
    assert NEW not in str(mail.outbox[-1].body)
    assert log_in(Browser(), NEW).status_code == 302
    assert log_in(Browser(), OLD).status_code == 200


def test_of_the_link_only_a_hash_is_kept(school: School) -> None:
    ask(school.client("bob"))
    token = link().split("/")[-2]
    assert token not in str(list(AddressChange.objects.values())) + str(list(Letter.objects.values()))


def test_only_who_asked_can_use_it_and_logged_in(school: School) -> None:
    ask(school.client("bob"))
    path = link()
    anonymous: Any = Browser().post(path)
    assert (anonymous.status_code, anonymous.url.startswith("/login/")) == (302, True)
    assert school.client("charlie").post(path).status_code == 404
    assert (address_of("bob"), address_of("charlie")) == (OLD, "charlie@school.example")
    assert school.client("bob").post(path).status_code == 302


def test_it_is_short_lived(school: School) -> None:
    bob = school.client("bob")
    ask(bob)
    path = link()
    AddressChange.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert bob.post(path).status_code == 404
    postman.tidy()
    assert not AddressChange.objects.exists()


def test_the_newest_wish_replaces_the_one_before(school: School) -> None:
    bob = school.client("bob")
    ask(bob, "first@elsewhere.example")
    first = link()
    ask(bob, NEW)
    second = link()
    assert bob.post(first).status_code == 404
    assert bob.post(second).status_code == 302
    assert address_of("bob") == NEW


def test_whether_another_account_has_the_address_is_not_told(school: School) -> None:
    bob = school.client("bob")
    taken, free = (re.sub(r"\S+@\S+|<time.*?</time>|value=\S+", "", ask(bob, to).content.decode()) for to in (
        "CHARLIE@school.example",
        NEW,
    ))  # fmt: skip
    assert taken == free
    assert postman.deliver_waiting() == 1
    assert [letter.to for letter in mail.outbox] == [[NEW]]


def test_who_takes_the_address_meanwhile_keeps_it(school: School) -> None:
    bob = school.client("bob")
    ask(bob)
    path = link()
    User.objects.filter(username="charlie").update(email=NEW.upper())
    assert bob.post(path).status_code == 409
    assert address_of("bob") == OLD


def test_it_takes_the_password_and_guesses_make_a_pause(school: School) -> None:
    bob = school.client("bob")
    assert [ask(bob, password="nope").status_code for _ in range(5)] == [400] * 4 + [429]
    assert ask(bob).status_code == 429
    assert not Letter.objects.exists()


@pytest.mark.parametrize("wrong", ["", "not an address", OLD.upper(), "a" * 250 + "@x.example"])
def test_what_is_no_new_address_is_refused(school: School, wrong: str) -> None:
    assert ask(school.client("bob"), wrong).status_code == 400


def test_nobody_is_buried_in_letters(school: School) -> None:
    bob = school.client("bob")
    answers = [ask(bob, f"bob{number}@elsewhere.example").status_code for number in range(5)]
    assert answers == [200] * addresses.ASKED_AN_HOUR + [429] * 2


def test_who_had_no_address_gets_one_and_no_letter_about_it(school: School) -> None:
    User.objects.filter(username="bob").update(email="")
    bob = school.client("bob")
    ask(bob)
    assert bob.post(link()).status_code == 302
    assert address_of("bob") == NEW
    assert postman.deliver_waiting() == 0


def test_a_link_for_a_new_password_does_not_outlive_the_address(school: School) -> None:
    bob = school.client("bob")
    Browser().post(reverse("forgotten"), {"who": "bob"})
    postman.deliver_waiting()
    reset = re.search(r"http://testserver(/password/\S+)", str(mail.outbox[-1].body))
    assert reset
    ask(bob)
    bob.post(link())
    assert "opens nothing any more" in Browser().get(reset[1], follow=True).content.decode()


def test_without_mail_the_page_says_so(school: School, no_post: None) -> None:
    bob = school.client("bob")
    assert "This site sends no e-mail" in bob.get(reverse("account")).content.decode()
    assert ask(bob).status_code == 409
