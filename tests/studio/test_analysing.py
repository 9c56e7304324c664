"""The studio on a machine of its own: with the site's log-in, or for this machine alone."""

import asyncio
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings as django_settings

from playhead.analysing import Message, Workbench
from playhead.cli import main
from playhead.lms.analysts import everybody
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def call(bench: Workbench, path: str, *, kind: str = "http", **headers: str) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": f"{kind}.connect" if kind == "websocket" else "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": kind, "path": path, "raw_path": path.encode(), "query_string": b"", "method": "GET",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()], "root_path": "",
        "scheme": "http", "server": ("127.0.0.1", 8600), "client": ("127.0.0.1", 9), "http_version": "1.1",
    }  # fmt: skip
    asyncio.run(bench(scope, receive, send))
    return sent


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who got through to Streamlit."""
    reached: list[str] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        reached.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    monkeypatch.setattr("playhead.studio.door.Studio._streamlit", lambda _studio: app)
    return reached


def test_with_a_login_it_asks_who_it_is(live_school: School, inside: list[str]) -> None:
    bench = Workbench(login=True)
    assert call(bench, "/studio/", host="localhost")[0]["status"] == 302
    assert inside == []
    cookie = f"{django_settings.SESSION_COOKIE_NAME}={live_school.client('alice').session.session_key}"
    call(bench, "/studio/", host="localhost", cookie=cookie)
    assert inside == ["/studio/"]
    bob = f"{django_settings.SESSION_COOKIE_NAME}={live_school.client('bob').session.session_key}"
    assert call(bench, "/studio/", host="localhost", cookie=bob)[0]["status"] == 403
    assert call(bench, "/login/", host="localhost")[0]["status"] == 200
    for path in ("/", "/system/", "/v1/batches", "/courses/x/"):
        assert dict(call(bench, path, host="localhost")[0]["headers"])[b"location"] == b"/studio/"


def test_without_one_only_this_machines_own_name_opens_it(inside: list[str]) -> None:
    bench = Workbench(login=False)
    for host in ("localhost:8600", "127.0.0.1:8600", "[::1]:8600"):
        call(bench, "/studio/", host=host)
    assert len(inside) == 3
    for host in ("evil.example:8600", "", "localhost.evil.example"):
        assert call(bench, "/studio/", host=host)[0]["status"] == 421
        assert call(bench, "/studio/_stcore/stream", kind="websocket", host=host, origin=f"http://{host}") == [
            {"type": "websocket.close", "code": 1008}
        ]
    assert len(inside) == 3


def test_without_one_every_course_is_there(live_school: School) -> None:
    seat = everybody({})
    assert {video.course for video in seat.videos} == {live_school.course.key}
    assert {student.name for student in seat.students} == {"Bob Brown"}


def test_no_login_stays_on_this_machine(settings: Any) -> None:
    settings.PLAYHEAD_BIND = "0.0.0.0"
    done = CliRunner().invoke(main, ["studio", "--no-login"])
    assert done.exit_code == 2
    assert "this machine only" in done.output
