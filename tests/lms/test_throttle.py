"""Too many refused log-ins make a pause: for one account in one network, for a network, for an account anywhere.

The passwords here are hashed the quick way, because there are hundreds of guesses.
"""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.test import RequestFactory
from django.utils import timezone

from playhead.lms import throttle
from playhead.lms.backends import NameOrEmailBackend
from playhead.lms.models import User
from tests.lms.conftest import PASSWORD, Browser, School, log_in

pytestmark = pytest.mark.django_db(databases=["default", "tracking"])

PAUSED = "Log-ins are paused for 15 minutes"


@pytest.fixture
def password_hash(settings: Any) -> str:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_password(PASSWORD)


def guess(name: str, times: int, *, network: str = "203.0.113.7") -> list[Any]:
    return [log_in(Browser(), name, "nope", network=network) for _ in range(times)]


@pytest.mark.parametrize("name", ["bob", "nobody"])
def test_five_wrong_tries_make_a_pause_whether_or_not_the_account_exists(school: School, name: str) -> None:
    answers = guess(name, 6)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429, 429]
    assert PAUSED in answers[5].content.decode()
    assert int(answers[5]["Retry-After"]) == 15 * 60


def test_in_the_pause_the_right_password_does_not_help(school: School) -> None:
    guess("bob", 5)
    client = Browser()
    assert log_in(client, "bob").status_code == 429
    assert not client.is_in


def test_the_pause_is_not_made_longer_by_trying(school: School) -> None:
    guess("bob", 5)
    back = timezone.now() - timedelta(minutes=10)
    AccessAttempt.objects.update(attempt_time=back)
    assert "paused for 5 minutes" in log_in(Browser(), "bob").content.decode()
    assert AccessAttempt.objects.get().attempt_time == back


def test_after_the_pause_one_gets_in(school: School) -> None:
    guess("bob", 5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert log_in(Browser(), "bob").status_code == 302


def test_capitals_and_look_alikes_make_no_new_budget(school: School) -> None:
    answers = [log_in(Browser(), name, "nope") for name in ("bob", "BOB", " bob", "ｂｏｂ", "boB")]
    assert answers[-1].status_code == 429


def test_who_guesses_elsewhere_does_not_lock_bob_out_at_home(school: School) -> None:
    guess("bob", 6, network="198.51.100.1")
    assert log_in(Browser(), "bob", network="203.0.113.7").status_code == 302


@pytest.fixture
def two_tries(settings: Any) -> None:
    """A pause after two, so that the larger budgets, twelve and twenty times as large, are spent sooner."""
    settings.AXES_FAILURE_LIMIT = 2


def test_one_network_pauses_as_a_whole_after_twelve_times_as_many(school: School, two_tries: None) -> None:
    for number in range(24):
        log_in(Browser(), f"name{number}", "nope")
    assert log_in(Browser(), "bob", network="203.0.113.99").status_code == 429
    assert log_in(Browser(), "bob", network="198.51.100.1").status_code == 302


def test_one_account_pauses_everywhere_after_twenty_times_as_many(school: School, two_tries: None) -> None:
    for number in range(40):
        guess("bob", 1, network=f"198.51.{number}.1")
    assert log_in(Browser(), "bob", network="192.0.2.1").status_code == 429
    assert log_in(Browser(), "alice", network="192.0.2.1").status_code == 302


def test_an_account_of_ones_own_does_not_wash_guesses_away(school: School, two_tries: None) -> None:
    for number in range(24):
        log_in(Browser(), f"name{number}", "nope")
        if number % 3 == 0:
            log_in(Browser(), "charlie")
    assert log_in(Browser(), "bob").status_code == 429


def test_a_login_forgives_ones_own_typing(school: School) -> None:
    for name in ("bob", "bob@school.example"):
        guess(name, 4)
        assert log_in(Browser(), name).status_code == 302
        assert [answer.status_code for answer in guess(name, 4)] == [200] * 4


def test_no_password_and_no_whole_address_is_kept_of_a_try(school: School) -> None:
    log_in(Browser(), "bob", "my secret slip", network="203.0.113.77")
    kept = AccessAttempt.objects.get()
    assert "secret" not in kept.post_data + kept.get_data
    assert kept.ip_address == "203.0.113.0"


def test_without_the_larger_budgets_a_network_could_go_on(
    school: School, two_tries: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: one budget only."""
    monkeypatch.setattr(throttle, "_SHARES", (1, 10**9, 10**9))
    for number in range(24):
        log_in(Browser(), f"name{number}", "nope")
    assert log_in(Browser(), "bob").status_code == 302


def test_the_way_back_survives_the_pause_only_within_the_site(school: School) -> None:
    guess("bob", 5)
    inside = log_in(Browser(), "bob", to="/courses/x/").content.decode()
    outside = log_in(Browser(), "bob", to="//evil.example").content.decode()
    assert 'value="/courses/x/"' in inside
    assert "evil" not in outside


def test_ten_thousand_guesses_from_a_hundred_networks(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most a hundred are looked at. After that a guess changes nothing in the table of attempts, so the ten
    thousandth finds what the two hundredth found: the test makes three hundred, and shows that."""
    looked: list[str] = []
    checks = NameOrEmailBackend.authenticate

    def look(self: NameOrEmailBackend, request: Any, **guess: str) -> User | None:
        looked.append(guess["password"])
        return checks(self, request, **guess)

    def guess_on(numbers: range, password: str) -> None:
        for number in numbers:
            request = RequestFactory().post("/login/", {"username": "bob"}, REMOTE_ADDR=f"198.51.{number % 100}.7")
            assert authenticate(request, username="bob", password=password) is None

    monkeypatch.setattr(NameOrEmailBackend, "authenticate", look)
    guess_on(range(200), "nope")
    assert len(looked) == 100
    before = list(AccessAttempt.objects.order_by("pk").values())
    guess_on(range(200, 300), PASSWORD)
    assert len(looked) == 100
    assert list(AccessAttempt.objects.order_by("pk").values()) == before
