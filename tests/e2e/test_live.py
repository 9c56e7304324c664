"""The live page in a real browser: whoever watches appears by themself, where they are, and the count with them."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.tour import COURSE, LECTURE, page_of
from tests.e2e.watching import watcher

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_who_watches_appears_without_a_reload(server: Server) -> None:
    async def story() -> None:
        server.enrol(["livia"])
        async with browser() as opened, page_of(opened, server, "alice") as page:
            await page.goto(f"{server.address}/courses/{COURSE}/live/")
            await expect(page.locator("[data-live-state]")).to_contain_text("Live:", timeout=30_000)
            await expect(page.get_by_text("Livia")).to_have_count(0)
            student = await watcher(opened, server, "livia")
            await student.open_video(LECTURE)
            await student.play()
            await student.until(3)
            await student.pause()
            await student.saved(within_ms=60_000)
            here = page.locator("[data-video]", has=page.get_by_role("link", name=LECTURE)).locator("[data-here]")
            await expect(here.get_by_text("Livia")).to_contain_text("0:0", timeout=30_000)

    asyncio.run(story())
