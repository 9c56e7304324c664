"""What the site's own part of the doctor finds, and the command that prints all of it."""

import socket
import threading
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django.utils.html import escape
from pytest_django import Settings

from playhead.cli import main
from playhead.core import limits
from playhead.core.errors import PlayheadError
from playhead.lms import doctor
from playhead.lms.models import User
from playhead.lms.seed import PASSWORD
from playhead.recorder.doctor import Finding, Level
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def levels(findings: Iterator[Finding]) -> list[Level]:
    found = list(findings)
    assert all(bool(finding.remedy) is (finding.level is not Level.OK) for finding in found)
    return [finding.level for finding in found]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, [Level.OK]),
        ({"DEBUG": True}, [Level.PROBLEM]),
        ({"ALLOWED_HOSTS": ["*"], "PLAYHEAD_HTTPS": True, "PLAYHEAD_PROXIES": 1}, [Level.PROBLEM]),
        ({"PLAYHEAD_BIND": "0.0.0.0"}, [Level.WARNING]),
        ({"PLAYHEAD_HTTPS": True}, [Level.WARNING]),
        ({"DEBUG": True, "ALLOWED_HOSTS": ["school.example"]}, [Level.PROBLEM, Level.WARNING]),
    ],
)
def test_settings_no_school_should_have(settings: Settings, changed: dict[str, object], expected: list[Level]) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    for name, value in changed.items():
        setattr(settings, name, value)
    assert levels(doctor.site_settings()) == expected


def test_the_demos_password_in_a_school(settings: Settings) -> None:
    assert levels(doctor.demo_accounts()) == [Level.OK]
    alice = User.objects.create(username="alice", password=make_password(PASSWORD))
    settings.ALLOWED_HOSTS = ["localhost"]
    assert levels(doctor.demo_accounts()) == [Level.OK]
    settings.ALLOWED_HOSTS = ["school.example"]
    assert levels(doctor.demo_accounts()) == [Level.PROBLEM]
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert levels(doctor.demo_accounts()) == [Level.OK]


def test_scripts_that_were_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.contrib.staticfiles.finders.find", lambda _name: "/there")
    assert levels(doctor.static_files()) == [Level.OK]
    monkeypatch.setattr("django.contrib.staticfiles.finders.find", lambda _name: None)
    assert levels(doctor.static_files()) == [Level.PROBLEM]


def greet(listener: socket.socket) -> None:
    """An SMTP server for one short conversation."""
    connection, _address = listener.accept()
    with connection:
        for said in (b"220 here\r\n", b"250 hello\r\n", b"221 bye\r\n"):
            connection.sendall(said)
            if not connection.recv(200):
                return


def test_a_mail_server_that_is_there_and_one_that_is_not(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "127.0.0.1", False, False
    settings.EMAIL_HOST_USER, settings.EMAIL_TIMEOUT = "", 5
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.EMAIL_PORT = listener.getsockname()[1]
        thread = threading.Thread(target=greet, args=(listener,), daemon=True)
        thread.start()
        assert levels(doctor.email()) == [Level.OK]
        thread.join(5)
    assert levels(doctor.email()) == [Level.PROBLEM]


def test_no_mail_at_all_is_a_warning(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert levels(doctor.email()) == [Level.WARNING]


def test_no_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(doctor.video_tools()) == [Level.OK]

    def missing() -> str:
        raise PlayheadError("no_ffmpeg", "Install it.")

    monkeypatch.setattr(doctor, "find_ffmpeg", missing)
    assert levels(doctor.video_tools()) == [Level.WARNING]


def test_sums_that_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(doctor.rollups()) == [Level.OK]
    monkeypatch.setattr(doctor, "rows_behind", lambda: limits.ROLLUP_TAIL_ROWS + 1)
    assert levels(doctor.rollups()) == [Level.WARNING]


def test_migrations_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(doctor.migrations()) == [Level.OK]
    monkeypatch.setattr(doctor, "pending", lambda: {"default": ["lms.0009_more"]})
    [found] = doctor.migrations()
    assert found.level is Level.PROBLEM
    assert "lms.0009_more" in found.said


@pytest.mark.parametrize(("planted", "code"), [(Level.OK, 0), (Level.WARNING, 0), (Level.PROBLEM, 1)])
def test_the_command_prints_all_and_fails_on_problems(
    monkeypatch: pytest.MonkeyPatch, planted: Level, code: int
) -> None:
    monkeypatch.setattr(doctor, "findings", lambda: [Finding(planted, "moon", "It is full.", "Wait.")])
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == code
    assert f"{planted:8} moon            It is full.\n" in done.output
    assert "→ Wait." in done.output
    assert done.output.endswith(f"1 findings: {int(code)} problems, {int(planted is Level.WARNING)} warnings.\n")


def test_everything_is_looked_at() -> None:
    about = {finding.about for finding in doctor.findings()}
    assert about == {
        "migrations", "versions", "secrets", "disk space", "file system", "disk sync", "database sync", "clock",
        "recorder", "settings", "accounts", "static files", "e-mail", "video tools", "class sums", "callbacks",
        "backup",
    }  # fmt: skip


@pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
def test_the_system_page_says_what_the_command_says(live_school: School) -> None:
    body = live_school.client("ada").get(reverse("system")).content.decode()
    for finding in doctor.findings():
        assert escape(finding.about) in body
        assert escape(finding.remedy) in body
