"""The studio's door: by HTTP and WebSocket alike, only who has a seat gets in."""

import asyncio
from typing import Any

import pytest

from playhead.studio import door
from playhead.studio.door import Message, Scope, Studio, cookies_of


class Inside:
    """Stands for Streamlit, and for the site: remembers who was let through to it."""

    def __init__(self, name: str, reached: list[str]) -> None:
        self.name, self.reached = name, reached

    async def __call__(self, _scope: Scope, _receive: Any, send: Any) -> None:
        self.reached.append(self.name)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-security-policy", b"x")]})


@pytest.fixture
def reached() -> list[str]:
    return []


@pytest.fixture
def studio(reached: list[str], monkeypatch: pytest.MonkeyPatch) -> Studio:
    made = Studio(lambda cookies: object() if cookies.get("who") == "alice" else None, Inside("site", reached))  # type: ignore[arg-type,return-value]
    inside = Inside("streamlit", reached)
    monkeypatch.setattr(made, "_streamlit", lambda: inside)
    return made


def call(studio: Studio, kind: str = "http", path: str = "/studio/", **headers: str) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": f"{kind}.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    named = [(name.encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(studio({"type": kind, "path": path, "headers": named}, receive, send))
    return sent


def test_who_has_a_seat_gets_in(studio: Studio, reached: list[str]) -> None:
    [start] = call(studio, cookie="who=alice")
    assert reached == ["streamlit"]
    policies = [value for name, value in start["headers"] if name == b"content-security-policy"]
    assert len(policies) == 1
    assert b"frame-ancestors 'none'" in policies[0]


@pytest.mark.parametrize("cookie", ["", "who=bob", "who", "who=alice2", ";;=;", "who=\x00alice"])
def test_others_are_led_to_the_site(studio: Studio, reached: list[str], cookie: str) -> None:
    for path in ("/studio", "/studio/", "/studio/_stcore/health", "/studio/static/js/x.js", "/studio/../studio/"):
        call(studio, path=path, cookie=cookie)
    assert set(reached) == {"site"}


def test_where_it_is_not_installed_the_site_says_so(
    studio: Studio, reached: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "find_spec", lambda _name: None)
    call(studio, cookie="who=alice")
    assert reached == ["site"]


@pytest.mark.parametrize(
    ("headers", "enters"),
    [
        ({"cookie": "who=alice", "origin": "https://learn.example", "host": "learn.example"}, True),
        ({"cookie": "who=alice", "origin": "https://evil.example", "host": "learn.example"}, False),
        ({"cookie": "who=alice", "host": "learn.example"}, False),
        ({"cookie": "who=bob", "origin": "https://learn.example", "host": "learn.example"}, False),
        ({"origin": "https://learn.example", "host": "learn.example"}, False),
    ],
)
def test_a_websocket_needs_a_seat_and_the_own_origin(
    studio: Studio, reached: list[str], headers: dict[str, str], enters: bool
) -> None:
    sent = call(studio, "websocket", "/studio/_stcore/stream", **headers)
    assert reached == (["streamlit"] if enters else [])
    assert enters or sent == [{"type": "websocket.close", "code": 1008}]


def test_cookies_that_cannot_be_read_are_none() -> None:
    assert cookies_of("a=1; b=2") == {"a": "1", "b": "2"}
    assert cookies_of("") == {}
