"""The third source's dashboard, in a browser: its three pages over the demo's class, SQL, and what a logout does."""

import asyncio
import re

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.server import PASSWORD, Server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
PATIENCE_MS = 90_000  # Streamlit starts when the first analyst comes, and each answer is a process of its own


async def logged_in(page: Page, server: Server, who: str, to: str) -> None:
    await page.goto(server.address + to)
    await page.get_by_label("Username or e-mail address").fill(who)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()


async def turn_to(page: Page, name: str) -> None:
    await page.get_by_text(name, exact=True).first.click()


async def see(server: Server) -> list[str]:
    """The addresses that were asked for beyond the server's own."""
    elsewhere: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport={"width": 1280, "height": 1000})
        page = await context.new_page()
        own = (server.address, server.address.replace("http", "ws"), "data:", "blob:")
        page.on("request", lambda one: None if one.url.startswith(own) else elsewhere.append(one.url))
        await logged_in(page, server, "alice", "/studio/")

        await expect(page.get_by_role("heading", name="Distribution of events")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=PATIENCE_MS)
        told = await page.get_by_text(re.compile(r"[\d,]+ events of \d+ types")).inner_text()
        assert int(told.split()[0].replace(",", "")) > 0

        await turn_to(page, "Percent completed")
        await expect(page.get_by_text(re.compile(r"pairs of a student and a video"))).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=PATIENCE_MS)

        await turn_to(page, "One video")
        await expect(page.get_by_role("heading", name="Viewers and views")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.locator(".js-plotly-plot")).to_have_count(4, timeout=PATIENCE_MS)

        await turn_to(page, "SQL")
        await page.get_by_role("button", name="Run").click()
        await expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE_MS)

        # Logged out in another tab: the next run of the script knows.
        other = await context.new_page()
        await other.goto(server.address)
        await other.get_by_role("button", name="Log out").click()
        await other.wait_for_url("**/login/**")
        await turn_to(page, "Events")
        await expect(page.get_by_text("You are logged out")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_text("Distribution of events")).to_have_count(0)
        await browser.close()
    return elsewhere


def test_the_third_sources_pages(server: Server) -> None:
    assert asyncio.run(see(server)) == []
