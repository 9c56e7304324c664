"""A student watches without a mouse. That Tab reaches whatever can be clicked on every page: test_accessibility.py."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import browser
from tests.e2e.keyboard import walked
from tests.e2e.server import PASSWORD, Server
from tests.e2e.tour import WIDE, go, page_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_what_tab_cannot_reach_would_be_noticed(server: Server) -> None:
    """The planted fault: a link taken out of the order, and focus that nobody sees."""

    async def story() -> tuple[list[str], list[str]]:
        async with browser() as running, page_of(running, server, "bob") as page:
            await go(page, server, "/")
            await page.evaluate("document.querySelector('.brand').tabIndex = -1")
            return await walked(page)

    missing, _unseen = asyncio.run(story())
    assert [html for html in missing if 'class="brand"' in html]


def test_a_student_watches_without_a_mouse(server: Server) -> None:
    server.enrol(["kay"])

    async def story() -> None:
        async with browser() as running:
            page = await running.new_page(viewport={"width": WIDE, "height": 820})
            keys = page.keyboard
            await page.goto(server.address)
            # The form takes the focus of itself, but with the first picture: keys that come before it are lost.
            await expect(page.get_by_label("Username")).to_be_focused()
            await keys.type("kay")
            await keys.press("Tab")
            await expect(page.get_by_label("Password")).to_be_focused()
            await keys.type(PASSWORD)
            await keys.press("Enter")
            await expect(page.get_by_role("button", name="Log out")).to_be_visible()
            await keys.press("Tab")
            await expect(page.locator(".skip-link")).to_be_focused()
            await keys.press("Enter")
            await expect(page.locator("#main")).to_be_focused()
            await tab_to(page, "Waves and sound")
            await keys.press("Enter")
            await page.wait_for_url("**/courses/**")  # and all of it is there: Tab goes only where something is
            await tab_to(page, "Waves in one minute")
            await keys.press("Enter")
            root = page.locator("[data-watch]")
            await expect(root).to_have_attribute("data-state", "ready", timeout=30_000)
            await tab_to_player(page)
            await keys.press("Space")
            await expect(root).to_have_attribute("data-state", "playing")
            await keys.press("Space")
            await expect(root).to_have_attribute("data-state", "paused")
            await page.locator("[data-map] [role=slider]").focus()
            await keys.press("Home")
            await keys.press("ArrowRight")
            await expect(page.locator("[data-map] [role=slider]")).to_have_attribute(
                "aria-valuetext", re.compile("0:05")
            )

    asyncio.run(story())


async def tab_to(page: Page, text: str) -> None:
    """The next link that says so."""
    for _step in range(40):
        await page.keyboard.press("Tab")
        if text in await page.evaluate("document.activeElement.innerText ?? ''"):
            return
    raise AssertionError(f"Tab does not lead to {text!r}")


async def tab_to_player(page: Page) -> None:
    for _step in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.tagName") == "VIDEO":
            return
    raise AssertionError("Tab does not lead to the player")
