"""Batches from other sites' pages: who may read the answer."""

import json
from typing import Any

import pytest

from playhead.collector.cross_origin import CrossOrigin
from playhead.recorder.integrations import origins
from playhead.recorder.store import Store
from tests.world import World, section

SCHOOL = "https://school.example"


class Door:
    """The collector as asked from pages; `now_s` is the door's own clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now_s = 0.0
        self.asked = 0
        self._door = CrossOrigin(world.collector, self._origins, now_s=lambda: self.now_s)

    def post(self, body: bytes, *, origin: str, method: str = "POST") -> tuple[int, dict[str, str]]:
        """The answer's status and headers."""
        messages: list[Any] = []

        async def send(message: Any) -> None:
            messages.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        headers = [(b"host", b"playhead.example"), (b"origin", origin.encode())]
        scope = {"type": "http", "method": method, "path": "/v1/batches", "headers": headers}
        self.world.wait_for(self._door(scope, receive, send))
        return messages[0]["status"], {name.decode(): value.decode() for name, value in messages[0]["headers"]}

    def _origins(self) -> frozenset[str]:
        self.asked += 1
        return origins(self.world.database)


@pytest.fixture
def door(world: World) -> Door:
    return Door(world)


def join(world: World, *origins: str, active: bool = True) -> None:
    """An integration, written past the recorder as another process would have."""
    store: Store = world._reader()
    store.begin()
    store.many(
        "INSERT INTO recorder_integration (key, organisation_id, name, kind, origins, progress_every_s, playback_keys, "
        "active, created_at) VALUES (?, 1, 'School', 'playhead', ?, 10, '[]', ?, 0)",
        [(f"i_{len(origins)}{active}", json.dumps(origins), active)],
    )
    store.commit()


def batch(world: World) -> bytes:
    opening = world.open()
    world.clock.forward(10_000)
    body = {"seq": 0, "sent": 10_000, "sections": [section(0, 10_000, 0, 10_000)], "events": []}
    return opening.ticket.encode() + b"\n" + json.dumps(body).encode()


def test_pages_of_a_joined_system_read_answers_and_problems(world: World, door: Door) -> None:
    join(world, SCHOOL)
    for body, expected in ((batch(world), 200), (b"no ticket", 400)):
        status, headers = door.post(body, origin=SCHOOL)
        assert (status, headers["access-control-allow-origin"], headers["vary"]) == (expected, SCHOOL, "origin")


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "http://school.example", "https://school.example.evil.example", "null"]
)
def test_no_other_page_does(world: World, door: Door, origin: str) -> None:
    join(world, SCHOOL)
    status, headers = door.post(batch(world), origin=origin)
    assert status == 200  # a ticket is a ticket
    assert "access-control-allow-origin" not in headers


def test_nor_those_of_a_system_that_is_switched_off(world: World, door: Door) -> None:
    join(world, SCHOOL, active=False)
    assert "access-control-allow-origin" not in door.post(batch(world), origin=SCHOOL)[1]


def test_our_own_pages_ask_for_nothing(world: World, door: Door) -> None:
    assert "vary" not in door.post(batch(world), origin="https://playhead.example")[1]
    assert door.asked == 0


def test_what_is_allowed_is_read_now_and_then(world: World, door: Door) -> None:
    body = batch(world)
    assert "access-control-allow-origin" not in door.post(body, origin=SCHOOL)[1]
    join(world, SCHOOL)
    assert "access-control-allow-origin" not in door.post(body, origin=SCHOOL)[1]
    door.now_s = 31
    assert door.post(body, origin=SCHOOL)[1]["access-control-allow-origin"] == SCHOOL
    assert door.asked == 2


def test_who_asks_before_is_told(world: World, door: Door) -> None:
    join(world, SCHOOL)
    status, headers = door.post(b"", origin=SCHOOL, method="OPTIONS")
    assert (status, headers["access-control-allow-methods"]) == (204, "POST")
