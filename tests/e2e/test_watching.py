"""Scripted watching in headless Chromium: what is credited is what was played."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.watching import Watcher, credits, key_of, watcher, worst_cut_ms

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

TITLE = "Waves in one minute"
WORST_CUT_MS = 150


async def skip_ahead(student: Watcher) -> None:
    """Play 10 s, seek forward, play 8 s more."""
    await student.play()
    await student.until(10)
    await student.seek(30)
    await student.until(38)
    await student.pause()


async def watch_again(student: Watcher) -> None:
    """Seek back over what was watched, and on into what was not."""
    await student.play()
    await student.until(8)
    await student.seek(4)
    await student.until(12)
    await student.pause()


async def change_speed(student: Watcher) -> None:
    """Go to 2x in mid-section, back to 1x, seek at 2x."""
    await student.play()
    await student.until(4)
    await student.speed(2)
    await student.until(14)
    await student.seek(40)
    await student.until(46)
    await student.speed(1)
    await student.until(49)
    await student.pause()


async def pause_often(student: Watcher) -> None:
    """Short stretches with pauses and seeks while paused."""
    for start in (2, 9, 9.5, 30):
        await student.seek(start)
        await student.play()
        await student.until(start + 3)
        await student.pause()
        await student.page.wait_for_timeout(600)


async def to_the_end(student: Watcher) -> None:
    """Scrub, then play to the end at 2x."""
    await student.play()
    await student.until(2)
    for place in (20, 25, 33, 41):
        await student.seek(place)
    await student.speed(2)
    await student.end()


SCRIPTS: dict[str, Callable[[Watcher], Awaitable[None]]] = {
    "dana": skip_ahead, "eli": watch_again, "fay": change_speed, "gus": pause_often, "hana": to_the_end,
}  # fmt: skip


async def _play_all(server: Server) -> dict[str, Watcher]:
    async with browser() as running:

        async def follow(name: str) -> Watcher:
            student = await watcher(running, server, name)
            await student.open_video(TITLE)
            await SCRIPTS[name](student)
            await student.saved()
            return student

        students = await asyncio.gather(*(follow(name) for name in SCRIPTS))
        return {student.name: student for student in students}


@pytest.fixture(scope="module")
def watched(server: Server) -> dict[str, Watcher]:
    """All five scripts, at the same time: they take as long as they are watched."""
    server.enrol(list(SCRIPTS))
    return asyncio.run(_play_all(server))


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_is_credited_is_what_was_played(server: Server, watched: dict[str, Watcher], name: str) -> None:
    student = watched[name]
    credited = credits(server, key_of(server, name))
    worst = worst_cut_ms(student.truth, credited, tolerance_ms=WORST_CUT_MS)
    print(f"{SCRIPTS[name].__name__}: truth {student.truth}, worst cut {worst} ms")  # noqa: T201
    assert worst <= WORST_CUT_MS
    played_ms = sum(end - start for start, end in student.truth)
    cuts = 2 * len(student.truth)
    assert abs(sum(end - start for start, end in credited) - played_ms) <= cuts * WORST_CUT_MS
    assert student.errors == []
