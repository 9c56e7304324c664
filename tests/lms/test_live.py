"""The live view tells who is where to who teaches the course, and to nobody else; one question however many look."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from playhead.core.credit import Claim
from playhead.core.tickets import verify
from playhead.lms.live import HERE_MS, Hub
from playhead.lms.live_door import LiveDoor, seat
from playhead.recorder import service
from playhead.recorder.operations import RecordBatch
from playhead.recorder.policy import Policy
from playhead.recorder.recorder import Recorder
from tests.lms.conftest import School
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def watch(recorder: Recorder, clock: HandClock, school: School, upto_ms: int) -> None:
    """Bob watches the film up to there."""
    opened = service.open_playback(
        viewer=school.bob.key, video=school.film.key, duration_ms=60_000, policy=Policy(), session=None
    )
    clock.forward(upto_ms)
    ticket = verify(opened.ticket, keys=service.ticket_keys(), now_s=clock.now_ms() // 1000)
    claim = Claim(0, upto_ms, 0, upto_ms, 1000, True, False, False)
    body = json.dumps({"seq": 0, "sent": upto_ms, "sections": [], "events": []}).encode()
    recorder.do(RecordBatch.under(ticket, 0, [claim], body, clock.now_ms()))


class Reader:
    """A browser at the door, in process."""

    def __init__(self, door: LiveDoor, course: str, cookies: dict[str, str]) -> None:
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._gone = asyncio.Event()
        header = "; ".join(f"{name}={value}" for name, value in cookies.items()).encode()
        scope = {"type": "http", "path": f"/live/{course}/events", "headers": [(b"cookie", header)]}
        self.task = asyncio.ensure_future(self._run(door, scope))

    async def _run(self, door: Callable[..., Awaitable[None]], scope: dict[str, Any]) -> None:
        async def send(message: Any) -> None:
            await self.messages.put(dict(message))

        async def receive() -> dict[str, Any]:
            await self._gone.wait()
            return {"type": "http.disconnect"}

        await door(scope, receive, send)

    async def status(self) -> int:
        return int((await self.messages.get())["status"])

    async def event(self) -> tuple[str, dict[str, Any]]:
        name, data = (await self.messages.get())["body"].decode().strip().split("\n")
        return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))

    async def hang_up(self) -> None:
        self._gone.set()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def cookies_of(school: School, who: str) -> dict[str, str]:
    client = school.client(who)
    return {name: morsel.value for name, morsel in client.cookies.items()}


@pytest.mark.parametrize("who", ["anonymous", "charlie", "olga", "bob"])
def test_nobody_else_may_look(live_school: School, who: str) -> None:
    assert seat(cookies_of(live_school, who), live_school.course.key) is None

    async def asked() -> int:
        reader = Reader(LiveDoor(Hub(lambda: 0)), live_school.course.key, cookies_of_who)
        try:
            return await reader.status()
        finally:
            await reader.hang_up()

    cookies_of_who = cookies_of(live_school, who)
    assert asyncio.run(asked()) == 403
    assert seat(cookies_of(live_school, "alice"), "c_nowhere") is None


def test_teachers_see_where_everybody_is(recorder: Recorder, clock: HandClock, live_school: School) -> None:
    watch(recorder, clock, live_school, 20_000)
    alice, ada = cookies_of(live_school, "alice"), cookies_of(live_school, "ada")
    hub = Hub(clock.now_ms, every_s=3_600)
    place = [live_school.bob.key, live_school.film.key]

    async def look() -> None:
        readers = [Reader(LiveDoor(hub), live_school.course.key, cookies) for cookies in (alice, ada, alice)]
        assert [await reader.status() for reader in readers] == [200] * 3
        while not hub.questions:  # its own first one, which comes with the first reader
            await asyncio.sleep(0.01)
        firsts = [await reader.event() for reader in readers]
        assert {name for name, _told in firsts} == {"all"}
        await hub.turn()
        seconds = [await reader.event() for reader in readers if firsts[readers.index(reader)][1]["here"] == []]
        for _name, told in seconds or firsts:
            assert [entry[:3] for entry in told["here"]] == [[*place, 20_000]]
        questions = hub.questions
        await hub.turn()
        assert hub.questions == questions + 1
        assert all(reader.messages.empty() for reader in readers)  # nothing changed
        clock.forward(HERE_MS + 1)
        await hub.turn()
        assert [(await reader.event())[1]["gone"] for reader in readers] == [[place]] * 3
        for reader in readers:
            await reader.hang_up()
        assert hub.readers == 0

    asyncio.run(look())


def test_who_cannot_keep_up_begins_anew(recorder: Recorder, clock: HandClock, live_school: School) -> None:
    alice = cookies_of(live_school, "alice")
    members = seat(alice, live_school.course.key)
    assert members is not None
    hub = Hub(clock.now_ms, every_s=3_600)

    async def fall_behind() -> None:
        queue = hub.join(live_school.course.key, members)
        for upto_ms in (5_000, 10_000, 15_000, 20_000, 25_000):
            await asyncio.to_thread(watch, recorder, clock, live_school, upto_ms)
            await hub.turn()
        waiting = [queue.get_nowait() for _ in range(queue.qsize())]
        assert any(said.startswith(b"event: all") and b'here":[[' in said for said in waiting)

    asyncio.run(fall_behind())


def test_a_server_that_stops_ends_it(live_school: School) -> None:
    cookies = cookies_of(live_school, "alice")
    hub = Hub(lambda: 0, every_s=3_600)

    async def look() -> None:
        reader = Reader(LiveDoor(hub), live_school.course.key, cookies)
        assert await reader.status() == 200
        await reader.event()
        hub.close()
        await asyncio.wait_for(reader.task, 30)
        assert (await reader.messages.get())["more_body"] is False
        assert hub.readers == 0

    asyncio.run(look())


def test_logging_out_ends_it(live_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playhead.lms.live_door._LOOK_AGAIN_S", 0.0)
    client = live_school.client("alice")
    cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    assert seat(cookies, live_school.course.key) is not None
    client.logout()

    async def look() -> None:
        reader = Reader(LiveDoor(Hub(lambda: 0, every_s=3_600)), live_school.course.key, cookies)
        assert await reader.status() == 403
        await reader.hang_up()

    asyncio.run(look())


def test_the_page_names_who_is_there(recorder: Recorder, live_school: School) -> None:
    page = live_school.client("alice").get(reverse("live", args=[live_school.course.key])).content.decode()
    assert f'data-live="/live/{live_school.course.key}/events"' in page
    assert "Nobody" in page
    assert "Bob Brown" in page  # among the names the script knows
