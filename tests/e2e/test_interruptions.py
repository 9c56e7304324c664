"""Reloads, crashes of the browser and of the server, logging out: nothing acknowledged or kept is lost."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.e2e.conftest import CHROMIUM, FLAGS, browser
from tests.e2e.server import Server, free_port
from tests.e2e.watching import Watcher, credits, key_of, stretches, watcher, worst_cut_ms

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

TITLE = "Waves in one minute"
WORST_CUT_MS = 150
BEAT_MS = 10_000


def test_a_reload_in_the_middle_loses_nothing(server: Server) -> None:
    server.enrol(["ida"])

    async def story(running: Browser) -> Watcher:
        student = await watcher(running, server, "ida")
        await student.open_video(TITLE)
        await student.play()
        await student.until(6)
        await student.note()
        await student.page.reload()
        await student.ready()
        await student.play()
        await student.until(12)
        await student.pause()
        await student.saved()
        return student

    student = asyncio.run(_in_a_browser(story))
    assert worst_cut_ms(student.truth, credits(server, key_of(server, "ida")), tolerance_ms=WORST_CUT_MS) <= 250
    assert student.errors == []


def test_the_server_killed_and_back_loses_nothing(server: Server) -> None:
    server.enrol(["jon"])

    async def story(running: Browser) -> Watcher:
        student = await watcher(running, server, "jon")
        await student.open_video(TITLE)
        await student.play()
        await student.until(3)
        server.stop(signal.SIGKILL)
        await student.until(14)
        await student.pause()
        await expect(student.page.locator("[data-saved]")).to_have_attribute("data-state", "waiting", timeout=15_000)
        server.start()
        await student.saved(within_ms=40_000)
        return student

    student = asyncio.run(_in_a_browser(story))
    credited = credits(server, key_of(server, "jon"))
    assert worst_cut_ms(student.truth, credited, tolerance_ms=WORST_CUT_MS) <= WORST_CUT_MS
    assert (
        sum(end - start for start, end in credited) <= sum(end - start for start, end in student.truth) + WORST_CUT_MS
    )


def test_killing_the_browser_loses_at_most_the_open_beat(server: Server, tmp_path: Path) -> None:
    server.enrol(["kim"])

    async def first(page: Page) -> Watcher:
        student = Watcher(server, "kim", page)
        await student.log_in()
        await student.open_video(TITLE)
        await student.play()
        await student.until(14)  # between two beats: dying may take a while
        await student.note()
        return student

    async def again(page: Page) -> Watcher:
        student = Watcher(server, "kim", page)
        await page.context.clear_cookies()  # a killed browser may have written them, or not yet
        await student.log_in()
        await student.open_video(TITLE)
        await student.saved()
        return student

    student = asyncio.run(_in_a_process(tmp_path, first, kill=True))
    asyncio.run(_in_a_process(tmp_path, again, kill=False))
    [(start, end)] = student.truth
    [(first_ms, last_ms)] = stretches(credits(server, key_of(server, "kim")))
    assert abs(first_ms - start) <= WORST_CUT_MS
    assert end - BEAT_MS - 500 <= last_ms <= end + WORST_CUT_MS


def test_what_waits_for_the_server_outlives_a_kill_of_the_browser(server: Server, tmp_path: Path) -> None:
    """It is on disk by then: what a page keeps in localStorage alone, Chromium writes down seconds later."""
    server.enrol(["kit"])

    async def first(page: Page) -> Watcher:
        student = Watcher(server, "kit", page)
        await student.log_in()
        await student.open_video(TITLE)
        server.stop(signal.SIGKILL)
        await student.play()
        await student.until(1)
        await student.pause()
        await student.page.wait_for_timeout(1_000)  # what a pause tells is written down within half a second
        await expect(student.page.locator("[data-saved]")).to_have_attribute("data-state", "waiting")
        return student

    async def again(page: Page) -> Watcher:
        student = Watcher(server, "kit", page)
        await page.context.clear_cookies()
        await student.log_in()
        await student.open_video(TITLE)
        for _ in range(100):
            if credits(server, key_of(server, "kit")):
                break
            await page.wait_for_timeout(100)
        return student

    try:
        student = asyncio.run(_in_a_process(tmp_path, first, kill=True))
    finally:
        server.start()
    asyncio.run(_in_a_process(tmp_path, again, kill=False))
    credited = credits(server, key_of(server, "kit"))
    assert worst_cut_ms(student.truth, credited, tolerance_ms=WORST_CUT_MS) <= WORST_CUT_MS


def test_logging_out_keeps_what_was_watched_and_ends_the_playback(server: Server) -> None:
    server.enrol(["lea"])

    async def story(running: Browser) -> Watcher:
        student = await watcher(running, server, "lea")
        await student.open_video(TITLE)
        await student.play()
        await student.until(5)
        await student.note()
        await student.page.get_by_role("button", name="Log out").click()
        await student.page.wait_for_url("**/login/**")
        await student.page.goto(server.address)
        await expect(student.page.get_by_role("button", name="Log in")).to_be_visible()
        return student

    student = asyncio.run(_in_a_browser(story))
    credited = credits(server, key_of(server, "lea"))
    # the player goes on for the moment between the reading of the truth and the click
    assert worst_cut_ms(student.truth, credited, tolerance_ms=WORST_CUT_MS) <= 1_000


async def _in_a_browser(story: Callable[[Browser], Awaitable[Watcher]]) -> Watcher:
    async with browser() as running:
        return await story(running)


async def _in_a_process(profile: Path, story: Callable[[Page], Awaitable[Watcher]], *, kill: bool) -> Watcher:
    """A browser of our own on a profile that stays, so that it can be killed and started again."""
    port = free_port()
    flags = [*FLAGS, "--headless", f"--remote-debugging-port={port}", f"--user-data-dir={profile / 'profile'}"]
    process = subprocess.Popen([CHROMIUM, *flags, "about:blank"], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        async with async_playwright() as playwright:
            connected = await playwright.chromium.connect_over_cdp(await _endpoint(port))
            context = connected.contexts[0]
            told = await story(context.pages[0] if context.pages else await context.new_page())
            if kill:
                process.kill()
            else:
                await connected.close()
            return told
    finally:
        # Its helpers too: the next browser on this profile must find no file in somebody's hands.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=20)


async def _endpoint(port: int) -> str:
    address = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            with urlopen(f"{address}/json/version", timeout=1):
                return address
        except OSError:
            await asyncio.sleep(0.1)
    raise RuntimeError("the browser did not start")
