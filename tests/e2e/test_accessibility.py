"""axe-core over every main page, in light and in dark, wide and narrow: nothing serious, nothing critical.

axe is evaluated in the page, not linked: the content policy lets no foreign script in, and must stay as it is.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, async_playwright

from scripts.docs import ROOT
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.server import PASSWORD, Server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

AXE = ROOT / "tracker" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (1280, 390)
_RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'] });
  return found.violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map((node) => node.html) }));
}"""
# The first link of a kind on the page that was opened before: how one gets to a page that only its key names.
STUDENT = ["/", "a[href^='/courses/']", "main a[href^='/watch/']", "a[href^='/explain/']"]
TEACHER = ["/", ".news-card h3 a", ".matrix thead a[href^='/videos/']", "main a[href*='/students/']"]


@asynccontextmanager
async def page_of(browser: Browser, server: Server, who: str, scheme: Literal["dark", "light"]) -> AsyncIterator[Page]:
    context = await browser.new_context(color_scheme=scheme, viewport={"width": WIDTHS[0], "height": 900})
    page = await context.new_page()
    await page.goto(server.address)
    if who:
        await page.get_by_label("Username or e-mail address").fill(who)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Log in").click()
        await page.wait_for_load_state()
    yield page
    await context.close()


async def findings(page: Page) -> list[str]:
    """What is serious or critical about the page as it stands, one line each."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    violations: list[dict[str, Any]] = await page.evaluate(_RUN)
    grave = [one for one in violations if one["impact"] in {"serious", "critical"}]
    return [f"{page.url}: {one['impact']} {one['id']}: {one['where'][0][:200]}" for one in grave]


async def looked_at(page: Page) -> list[str]:
    """Both widths, once whatever the page draws is drawn; and nothing sticks out sideways."""
    found: list[str] = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.wait_for_timeout(300)
        found += await findings(page)
        if await page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{page.url} is wider than {width} px")
    await page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return found


async def along(page: Page, server: Server, steps: list[str]) -> list[str]:
    """From page to page by their links."""
    found: list[str] = []
    for step in steps:
        address = step if step.startswith("/") else await page.locator(step).first.get_attribute("href")
        await page.goto(f"{server.address}{address}")
        found += await looked_at(page)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_on_any_page(server: Server, scheme: Literal["dark", "light"]) -> None:
    async def story() -> list[str]:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            async with page_of(browser, server, "", scheme) as page:
                found = await looked_at(page)
            async with page_of(browser, server, "bob", scheme) as page:
                found += await along(page, server, [*STUDENT, "/no/such/page/"])
            async with page_of(browser, server, "alice", scheme) as page:
                found += await along(page, server, TEACHER)
                found += await along(page, server, ["main a[href^='/explain/']"])
                found += await along(page, server, ["/courses/c_waves_and_sound/", ".tabs a[href$='/people/']"])
                found += await along(page, server, ["/courses/c_waves_and_sound/videos/add/"])
            await browser.close()
        return found

    assert asyncio.run(story()) == []


def test_axe_would_notice(server: Server) -> None:
    """The planted faults: a picture without words, and text nobody can read."""

    async def story() -> list[str]:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            async with page_of(browser, server, "bob", "light") as page:
                await page.evaluate("document.querySelector('main').append(new Image())")
                found = await findings(page)
            await browser.close()
        return found

    assert any("image-alt" in line for line in asyncio.run(story()))
