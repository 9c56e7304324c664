"""What a student sees whose ad-blocker or firewall keeps the tracker from being heard; and nothing is lost by it."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.watching import credits, key_of, watcher, worst_cut_ms

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]

TITLE = "Waves in one minute"
WORST_CUT_MS = 150


def test_a_notice_leads_to_help_and_what_was_held_back_is_sent(server: Server) -> None:
    server.enrol(["mia"])

    async def story() -> list[tuple[int, int]]:
        async with browser() as running:
            student = await watcher(running, server, "mia")
            page = student.page
            await page.context.route("**/v1/batches", lambda route: route.abort("blockedbyclient"))
            await student.open_video(TITLE)
            help_link = page.locator(".held-back a")
            await expect(help_link).to_be_hidden()
            await student.play()
            await expect(help_link).to_be_visible(timeout=60_000)
            await expect(page.locator("[data-saved]")).to_have_attribute("data-state", "waiting")
            await student.pause()
            async with page.context.expect_page() as opened:
                await help_link.click()
            told = await opened.value
            await expect(told.get_by_role("heading", level=1)).to_have_text("When what you watch is not saved")
            await told.close()
            await page.context.unroute("**/v1/batches")
            await student.saved(within_ms=90_000)
            await expect(help_link).to_be_hidden()
            return student.truth

    truth = asyncio.run(story())
    assert worst_cut_ms(truth, credits(server, key_of(server, "mia")), tolerance_ms=WORST_CUT_MS) <= WORST_CUT_MS


def test_a_script_that_never_came_is_told_of(server: Server) -> None:
    server.enrol(["nia"])

    async def story() -> None:
        async with browser() as running:
            student = await watcher(running, server, "nia")
            await student.page.route("**/playhead/watch*.js", lambda route: route.abort("blockedbyclient"))
            await student.page.goto(server.address)
            await student.page.get_by_role("link", name="Waves and sound").first.click()
            await student.page.get_by_role("link", name=TITLE).first.click()
            await student.page.wait_for_load_state("load")  # before its styles are there, everything is visible
            notice = student.page.locator(".not-heard")
            await expect(notice).to_be_visible(timeout=30_000)
            await expect(notice.get_by_role("link")).to_have_attribute("href", "/help/tracking/")

    asyncio.run(story())
