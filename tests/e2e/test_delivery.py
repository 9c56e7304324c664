"""How a page can end, and what arrives all the same: closed, left, its renderer crashed, offline or the server away for
five minutes, two tabs at once. The minutes go by on the page's clock; killing the browser is in `test_interruptions`.
"""

import asyncio
import signal
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress

import pytest
from playwright.async_api import Browser, Error, expect

from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.watching import Span, Watcher, credits, key_of, stretches, watcher

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

TITLE = "Waves in one minute"
WORST_CUT_MS = 250
FIVE_MINUTES_MS = 300_000
MORE_MS = 10_000
ARRIVES_WITHIN_S = 60

_ONLY_LATER = """() => {
  navigator.sendBeacon = () => false;
  window.fetch = () => new Promise(() => {});
  return "fetchLater" in window;
}"""

Story = Callable[[Browser, Server, str], Awaitable[list[Span]]]


async def _played(running: Browser, server: Server, name: str) -> Watcher:
    student = await watcher(running, server, name)
    student.page.context.set_default_timeout(90_000)
    await student.open_video(TITLE)
    await student.play()
    await student.until(3)
    await student.note()
    return student


async def _comes_back(student: Watcher) -> None:
    """Another page of the same browser sends what the one before left."""
    student.page = await student.page.context.new_page()
    await student.open_video(TITLE)
    await student.saved(within_ms=40_000)


async def closed(running: Browser, server: Server, name: str) -> list[Span]:
    student = await _played(running, server, name)
    await student.page.close(run_before_unload=True)
    await _comes_back(student)
    return student.truth


async def deferred(running: Browser, server: Server, name: str) -> list[Span]:
    """No beacon goes out, no request comes through, nobody comes back: the browser sends it after the page is gone."""
    student = await _played(running, server, name)
    assert await student.page.evaluate(_ONLY_LATER)
    await student.page.close(run_before_unload=True)
    return student.truth


async def navigated(running: Browser, server: Server, name: str) -> list[Span]:
    student = await _played(running, server, name)
    await student.page.goto(server.address)
    await student.open_video(TITLE)
    await student.saved(within_ms=40_000)
    return student.truth


async def crashed(running: Browser, server: Server, name: str) -> list[Span]:
    """What was played up to the pause is in the queue; the moment after it is the open beat, and lost."""
    student = await _played(running, server, name)
    await student.pause()
    await student.page.wait_for_timeout(500)
    with suppress(Error):
        await student.page.goto("chrome://crash", timeout=3_000)
    await _comes_back(student)
    return student.truth


async def offline(running: Browser, server: Server, name: str) -> list[Span]:
    student = await watcher(running, server, name)
    await student.page.clock.install()
    await student.open_video(TITLE)
    await student.play()
    await student.until(1)
    await student.page.context.set_offline(True)
    await student.until(3)
    await student.pause()
    await student.page.wait_for_timeout(500)
    await student.page.clock.fast_forward(FIVE_MINUTES_MS)
    await expect(student.page.locator("[data-saved]")).not_to_have_attribute("data-state", "saved")
    await student.page.context.set_offline(False)
    await student.saved(within_ms=40_000)
    return student.truth


async def server_away(running: Browser, server: Server, name: str) -> list[Span]:
    student = await watcher(running, server, name)
    await student.page.clock.install()
    await student.open_video(TITLE)
    await student.play()
    await student.until(1)
    server.stop(signal.SIGKILL)
    try:
        await student.until(3)
        await student.pause()
        saved = student.page.locator("[data-saved]")
        await expect(saved).to_have_attribute("data-state", "waiting", timeout=15_000)
        for _ in range(5):
            await student.page.clock.fast_forward(FIVE_MINUTES_MS // 5)
            await student.page.wait_for_timeout(200)
        await expect(saved).to_have_attribute("data-state", "waiting")
    finally:
        server.start()
    # The next try is a minute away at most, by the page's clock.
    await student.page.clock.fast_forward(61_000)
    await student.saved(within_ms=90_000)
    return student.truth


async def two_tabs(running: Browser, server: Server, name: str) -> list[Span]:
    """The second one takes over; each sends its own playback, and nothing of the other's."""
    first = await _played(running, server, name)
    await first.pause()
    second = Watcher(server, name, await first.page.context.new_page())
    await second.open_video(TITLE)
    await second.play()
    await second.until(6)
    await second.pause()
    await second.saved(within_ms=40_000)
    await first.saved(within_ms=40_000)
    return [*first.truth, *second.truth]


def test_however_a_page_ends_what_was_played_arrives_once(server: Server) -> None:
    _follow(server, [closed, deferred, navigated, crashed, offline, two_tabs])


def test_without_a_server_nothing_is_lost(server: Server) -> None:
    _follow(server, [server_away])


def _follow(server: Server, stories: list[Story]) -> None:
    """Each story by a student of its own, all at once in one browser."""
    names = [f"end{story.__name__.replace('_', '')}" for story in stories]
    server.enrol(names)

    async def run() -> list[list[Span]]:
        async with browser() as running:
            pairs = zip(stories, names, strict=True)
            return await asyncio.gather(*(story(running, server, name) for story, name in pairs))

    for name, truth in zip(names, asyncio.run(run()), strict=True):
        [true] = stretches(truth)
        key = key_of(server, name)
        until = time.monotonic() + ARRIVES_WITHIN_S
        while not (arrived := has_arrived(server, key, true)) and time.monotonic() < until:
            time.sleep(0.2)
        assert arrived, (name, true, credits(server, key), gaps(server, key))


def has_arrived(server: Server, viewer: str, true: Span) -> bool:
    """Playing goes on between the reading of the truth and the page's end, on a busy machine for a while."""
    paid = stretches(credits(server, viewer))
    if len(paid) != 1 or gaps(server, viewer):
        return False
    [(start, end)] = paid
    return abs(start - true[0]) <= WORST_CUT_MS and true[1] - WORST_CUT_MS <= end <= true[1] + MORE_MS


def gaps(server: Server, viewer: str) -> list[str]:
    """The playbacks in whose journal a number is missing; one that came twice the table does not allow."""
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT p.key, count(*), max(j.seq) FROM recorder_journal j "
            "JOIN recorder_playback p ON p.id = j.playback_id "
            "JOIN recorder_viewer v ON v.id = p.viewer_id WHERE j.kind = 'batch' AND v.key = ? GROUP BY p.key",
            [viewer],
        ).fetchall()
    assert rows
    return [playback for playback, batches, last in rows if batches != last + 1]
