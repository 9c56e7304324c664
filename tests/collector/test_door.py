"""POST /v1/batches: what the door lets in, what it turns away, and that it stores nothing of that."""

import asyncio
import json
import random
from typing import Any

import pytest

from playhead.core import limits
from playhead.core.tickets import TicketKeys, sign
from tests.world import World, section

GOOD: dict[str, Any] = {
    "seq": 0,
    "sent": 10_000,
    "sections": [section(0, 10_000, 0, 10_000, rate=1000, visible=True, muted=False, pip=False, end="beat")],
    "events": [{"type": "play", "t": 0, "m": 0}, {"type": "ratechange", "t": 5, "m": 5, "rate": 2000}],
}


def stored(world: World) -> int:
    [(batches,)] = world.rows("SELECT count(*) FROM recorder_journal WHERE kind = 'batch'")
    return int(batches)


def encoded(batch: object) -> bytes:
    return json.dumps(batch).encode()


def test_it_works(world: World) -> None:
    opening = world.open()
    world.clock.forward(10_000)
    assert world.post(opening.ticket, encoded(GOOD)).status == 200
    assert stored(world) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"seq": -1},
        {"seq": "0"},
        {"seq": 0.0},
        {"seq": True},
        {"seq": 2**53 + 1},
        {"sent": None},
        {"more": 1},
        {"sections": {}},
        {"sections": [section(0, 1, 0, 1)] * (limits.SECTIONS_PER_BATCH + 1)},
        {"sections": [section(0, 1, 0, 1, speed=3)]},
        {"sections": [section(0, 1, 0, 1) | {"t1": 1.5}]},
        {"sections": [{"t0": 0, "t1": 1, "m0": 0}]},
        {"sections": [section(0, 1, 0, 1, end="because")]},
        {"sections": [section(0, 1, 0, 1, visible="yes")]},
        {"events": [{"type": "play", "t": 0, "m": 0}] * (limits.EVENTS_PER_BATCH + 1)},
        {"events": [{"type": "percentcomplete", "t": 0, "m": 0}]},
        {"events": [{"type": "play", "t": 0}]},
        {"events": [{"type": "play", "t": 0, "m": 0, "who": "me"}]},
        {"events": [{"type": "ratechange", "t": 0, "m": 0}]},
        {"events": ["play"]},
    ],
    ids=str,
)
def test_what_is_not_the_contract_is_400_and_stores_nothing(world: World, change: dict[str, Any]) -> None:
    opening = world.open()
    answer = world.post(opening.ticket, encoded(GOOD | change))
    assert (answer.status, answer.body["code"]) == (400, "batch_invalid")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["type"] == "urn:playhead:problem:batch_invalid"
    assert stored(world) == 0


def test_a_request_without_a_second_line_is_400(world: World) -> None:
    opening = world.open()
    assert world.request(opening.ticket.encode()).status == 400
    assert world.request(b"").status == 400


@pytest.mark.parametrize("ticket", ["", "x", "a.b.c", "é", "a" * limits.TICKET_BYTES, "a" * (limits.TICKET_BYTES + 1)])
def test_a_ticket_that_is_none_is_401(world: World, ticket: str) -> None:
    answer = world.post(ticket, encoded(GOOD))
    assert (answer.status, answer.body["code"]) == (401, "ticket_invalid")


def test_a_ticket_of_another_server_is_401(world: World) -> None:
    opening = world.open()
    others = TicketKeys([("test", b"fedcba9876543210fedcba9876543210")])
    now_s = world.clock.now_ms() // 1000
    forged = sign(viewer="bob", video="film", playback=opening.playback, jti="j", keys=others, now_s=now_s)
    assert world.post(forged, encoded(GOOD)).status == 401


def test_a_cached_ticket_still_expires(world: World) -> None:
    opening = world.open()
    assert world.play(opening, 10_000, 0).status == 200
    world.clock.forward(limits.TICKET_LIFETIME_S * 1000)
    answer = world.play(opening, 10_000, 10_000)
    assert (answer.status, answer.body["code"]) == (401, "ticket_expired")


def test_a_body_over_the_limit_is_413_wherever_it_is_cut(world: World) -> None:
    opening = world.open()
    padded = encoded(GOOD) + b" " * limits.BODY_BYTES
    answer = world.post(opening.ticket, padded[: limits.BODY_BYTES + 1])
    assert (answer.status, answer.body["code"]) == (413, "body_too_large")
    assert world.post(opening.ticket, padded[: limits.BODY_BYTES]).status == 200


def test_reading_stops_at_the_limit(world: World) -> None:
    given = 0

    async def endless() -> dict[str, Any]:
        nonlocal given
        given += 16_384
        return {"type": "http.request", "body": b"x" * 16_384, "more_body": True}

    answered: list[Any] = []

    async def send(message: Any) -> None:
        answered.append(message)

    asyncio.run(world.collector({"type": "http", "method": "POST", "headers": []}, endless, send))
    assert answered[0]["status"] == 413
    assert given <= limits.TICKET_BYTES + limits.BODY_BYTES + 2 * 16_384


def test_a_client_that_hangs_up_in_the_middle_stores_nothing(world: World) -> None:
    opening = world.open()
    begun = opening.ticket.encode() + b"\n" + encoded(GOOD)[:50]
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": begun, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        pass

    asyncio.run(world.collector({"type": "http", "method": "POST", "headers": []}, receive, send))
    assert stored(world) == 0


def test_only_post(world: World) -> None:
    answer = world.request(b"", method="GET")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_a_full_queue_is_503_with_a_time_to_come_back(world: World) -> None:
    opening = world.open()
    world.recorder.queue = 0
    answer = world.post(opening.ticket, encoded(GOOD))
    assert (answer.status, answer.headers["retry-after"], answer.body["code"]) == (503, "2", "overloaded")


def test_ten_thousand_malformed_bodies_never_break_the_door(world: World) -> None:
    """Mutations of a good request: bits, cuts, splices, other JSON. No 5xx, and only what is a batch is stored."""
    draw = random.Random(20260901)
    opening = world.open()
    good = encoded(GOOD)
    tokens = [
        b"null",
        b"-1",
        b"1e999",
        b"[]",
        b"{}",
        b'"\\ud800"',
        b"9" * 400,
        b"NaN",
        b"\x00",
        b"\xff\xfe",
        b"true",
        b"[" * 500,
    ]
    statuses: dict[int, int] = {}
    recorded = 0
    for _ in range(10_000):
        body = bytearray(good)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(body) + 1)
            kind = draw.randrange(4)
            if kind == 0 and body:
                body[at % len(body)] ^= 1 << draw.randrange(8)
            elif kind == 1:
                del body[at : at + draw.randint(1, 30)]
            elif kind == 2:
                body[at:at] = draw.choice(tokens)
            else:
                body[at : at + draw.randint(1, 8)] = draw.choice(tokens)
        world.clock.forward(100)  # not a flood
        answer = world.post(opening.ticket, bytes(body))
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        recorded += answer.body.get("status") == "recorded"
    assert set(statuses) <= {200, 400, 409}
    assert statuses[400] > 9_000
    # Some mutations are still batches, with other numbers in them: those are judged, and they alone are stored.
    assert stored(world) == recorded
    assert world.differences() == []


def test_one_ticket_that_floods_is_429_and_comes_back_a_second_later(world: World) -> None:
    opening = world.open()
    empty = {"seq": 0, "sent": 0, "sections": [], "events": []}
    answers = [world.post(opening.ticket, encoded(empty)) for _ in range(limits.BATCHES_AT_ONCE + 5)]
    assert [answer.status for answer in answers] == [200] * limits.BATCHES_AT_ONCE + [429] * 5
    assert (answers[-1].body["code"], answers[-1].headers["retry-after"]) == ("too_many", "1")
    world.clock.forward(1_000)
    later = [world.post(opening.ticket, encoded(empty)).status for _ in range(limits.BATCHES_A_SECOND + 1)]
    assert later == [200] * limits.BATCHES_A_SECOND + [429]
