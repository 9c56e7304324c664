"""`admin`: makes one, and lets one back in."""

from typing import Any

import pytest
from click.testing import CliRunner, Result

from playhead.cli import main
from playhead.lms.models import LoginSession, User

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

NEW = "a quite new phrase 7"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def run(*arguments: str, password: str = NEW) -> Result:
    return CliRunner().invoke(main, ["admin", *arguments], input=f"{password}\n{password}\n")


def test_it_makes_an_admin() -> None:
    made = run("ada", "--email", "ada@x.example")
    assert made.exit_code == 0, made.output
    assert NEW not in made.output
    user = User.objects.get()
    assert (user.username, user.is_superuser, user.check_password(NEW)) == ("ada", True, True)


def test_it_lets_one_back_in_and_ends_what_was_open() -> None:
    run("ada")
    user = User.objects.get()
    LoginSession.objects.create(session_key="x", session_data="", expire_date=user.date_joined, user=user)
    User.objects.update(is_active=False, is_superuser=False)
    again = run("ADA", password="another phrase 8")
    assert again.exit_code == 0, again.output
    user.refresh_from_db()
    assert (user.is_active, user.is_superuser, user.check_password("another phrase 8")) == (True, True, True)
    assert not LoginSession.objects.exists()


@pytest.mark.parametrize(("name", "password"), [("a b", NEW), ("ada", "short"), ("ada", "password123")])
def test_what_cannot_be_used_is_said_and_nothing_is_made(name: str, password: str) -> None:
    refused = run(name, password=password)
    assert refused.exit_code == 1
    assert "Error:" in refused.output
    assert not User.objects.exists()
