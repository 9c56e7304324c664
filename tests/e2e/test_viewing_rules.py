"""Rules of viewing as a student meets them: what the player offers, what it takes back, and what a crash costs."""

import asyncio
from contextlib import suppress

import pytest
from playwright.async_api import Browser, Error, Page, expect

from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.watching import Watcher, watcher

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

TITLE = "Waves in one minute"
# Agreed with these students alone: other tests share the school.
_AGREE = """
import django; django.setup()
import sys
from playhead.lms.models import Accommodation, User, Video
video = Video.objects.get(title=sys.argv[1])
told = {"seeking": "covered", "rates": [1000, 1500], "part_start_ms": 5_000, "part_end_ms": 18_000, "watermark": True}
for student in User.objects.filter(username__in=sys.argv[2:]):
    Accommodation.objects.create(course=video.course, user=student, video=video, **told)
"""
_AT = "() => document.querySelector('video').currentTime"
_RATE = "() => document.querySelector('video').playbackRate"
_SEEK = "(to) => { document.querySelector('video').currentTime = to; }"
_BACK = """async (limit) => {
  const video = document.querySelector('video');
  while (video.seeking || video.currentTime > limit) await new Promise((resolve) => setTimeout(resolve, 30));
}"""
_THERE = """async (at) => {
  const video = document.querySelector('video');
  const away = () => video.seeking || Math.abs(video.currentTime - at) > 0.3;
  while (away()) await new Promise((resolve) => setTimeout(resolve, 30));
}"""


async def strict(running: Browser, server: Server, name: str) -> None:
    student = await watcher(running, server, name)
    page = student.page
    await student.open_video(TITLE)
    assert await page.evaluate(_AT) == pytest.approx(5, abs=0.2)
    assert await page.locator("[data-speed] option").all_text_contents() == ["1×", "1.5×"]
    await expect(page.locator("body > [popover]")).to_be_attached()  # the mark
    await student.play()
    await student.until(10)
    await page.evaluate("() => { document.querySelector('video').playbackRate = 2; }")
    await expect(page.locator("[data-notice=too_fast]")).to_contain_text("1.5×")
    assert await page.evaluate(_RATE) == 1.5
    await student.pause()
    await student.saved()
    reached = await page.evaluate(_AT)
    await back_and_not_ahead(page, reached)
    await after_a_crash(student, reached)


async def back_and_not_ahead(page: Page, reached: float) -> None:
    """Inside what was watched, and on from where that ends; from the map and by the player alike."""
    await page.evaluate(_SEEK, 16)
    await page.evaluate(_BACK, reached + 1)
    await expect(page.locator("[data-notice=no_seeking]")).to_be_visible()
    await page.evaluate(_SEEK, 6)
    await page.evaluate(_THERE, 6)
    await page.locator("[data-map] svg").focus()
    await page.keyboard.press("End")
    await page.evaluate(_BACK, reached + 1)
    await page.evaluate(_SEEK, 1)  # before the part
    await page.evaluate(_THERE, 5)


async def after_a_crash(student: Watcher, reached: float) -> None:
    """A new page goes on where the old one was, and may go back in it."""
    page = student.page
    with suppress(Error):
        await page.goto("chrome://crash", timeout=3_000)
    student.page = await page.context.new_page()
    await student.open_video(TITLE)
    assert await student.page.evaluate(_AT) == pytest.approx(reached, abs=1.5)
    await student.page.evaluate(_SEEK, 7)
    await student.page.evaluate(_THERE, 7)
    await student.page.evaluate(_SEEK, 17)
    await student.page.evaluate(_BACK, reached + 1)


async def to_the_end_of_the_part(running: Browser, server: Server, name: str) -> None:
    """All of the part is all there is: it ends there, and is complete."""
    student = await watcher(running, server, name)
    await student.open_video(TITLE)
    await student.page.get_by_label("Speed").select_option("1.5")
    await student.play()
    await expect(student.page.locator("[data-notice=part_over]")).to_be_visible(timeout=120_000)
    assert await student.page.evaluate(_AT) == pytest.approx(18, abs=1)
    await student.saved()
    await expect(student.page.locator("[data-completed]")).to_be_visible(timeout=15_000)


def test_a_student_under_rules_can_always_go_back_and_on(server: Server) -> None:
    server.enrol(["ruth", "rene"])
    server.run(_AGREE, TITLE, "ruth", "rene")

    async def story() -> None:
        async with browser() as running:
            await asyncio.gather(strict(running, server, "ruth"), to_the_end_of_the_part(running, server, "rene"))

    asyncio.run(story())
