"""The keyboard alone gets everywhere: Tab reaches whatever can be clicked, focus is seen, and a student watches without
a mouse."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import browser
from tests.e2e.server import PASSWORD, Server
from tests.e2e.tour import TOUR, WIDE, go, page_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

# The pages walked through: those on which something is done, each kind once.
PAGES = {
    "": ["login", "forgotten"],
    "bob": ["student-home", "student-course", "student-watch", "student-explain", "account"],
    "alice": ["teacher-home", "teacher-course", "teacher-people", "teacher-settings", "teacher-video", "teacher-terms"],
    "admin": ["admin-system", "admin-accounts"],
}

# Numbers everything that a mouse could use, and says what each is. Of radio buttons Tab finds one of a group; what a
# closed disclosure hides is not there; Plotly's figures are pictures, of which the tables say the same.
_NUMBER = """() => {
  const kinds = 'a[href], button, input, select, textarea, summary, video[controls], [tabindex="0"]';
  const all = [...document.querySelectorAll(kinds)];
  const groups = new Set();
  const usable = all.filter((one) => {
    if (one.disabled || one.type === 'hidden' || !one.checkVisibility({ visibilityProperty: true })) return false;
    if (one.type !== 'radio') return true;
    const first = !groups.has(one.name);
    groups.add(one.name);
    return first;
  });
  usable.forEach((one, number) => { one.dataset.walk = one.type === 'radio' ? `radio ${one.name}` : String(number); });
  document.querySelectorAll('input[type=radio]').forEach((one) => { one.dataset.walk = `radio ${one.name}`; });
  return Object.fromEntries(usable.map((one) => [one.dataset.walk, one.outerHTML.slice(0, 120)]));
}"""
# Writes down where the focus came, and whether it was seen there.
_WATCH = """() => {
  window.walk = { reached: new Set([document.activeElement.dataset.walk]), unseen: [] };
  document.addEventListener('focusin', ({ target: one }) => {
    const lines = [getComputedStyle(one), getComputedStyle(one, '::after')];
    const seen = lines.some(({ outlineStyle, boxShadow }) => outlineStyle !== 'none' || boxShadow !== 'none');
    if (!seen && one.tagName !== 'VIDEO') window.walk.unseen.push(one.outerHTML.slice(0, 120));
    window.walk.reached.add(one.dataset.walk);
  });
}"""
_WALKED = "() => ({ reached: [...window.walk.reached], unseen: window.walk.unseen })"
# Steps of their own, which the page does not see: Chromium's controls of a <video>, the parts of a date.
_OWN_STEPS = {"video": 40, "input[type^=date]": 8}


async def walked(page: Page) -> tuple[list[str], list[str]]:
    """What Tab did not reach on its way around the page, and where it stood unseen."""
    wanted: dict[str, str] = await page.evaluate(_NUMBER)
    await page.evaluate(_WATCH)
    own = sum([steps * await page.locator(kind).count() for kind, steps in _OWN_STEPS.items()])
    for _step in range(len(wanted) + own):
        await page.keyboard.press("Tab")
    walk: dict[str, Any] = await page.evaluate(_WALKED)
    return [html for number, html in wanted.items() if number not in walk["reached"]], walk["unseen"]


@pytest.mark.parametrize("who", PAGES, ids=lambda who: who or "nobody")
def test_tab_reaches_everything_and_is_seen(server: Server, who: str) -> None:
    async def story() -> dict[str, tuple[list[str], list[str]]]:
        async with browser() as running, page_of(running, server, who) as page:
            found = {}
            for name in PAGES[who]:
                await go(page, server, TOUR[who][name])
                found[name] = await walked(page)
        return found

    assert {name: walk for name, walk in asyncio.run(story()).items() if walk != ([], [])} == {}


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
            await keys.type("kay")  # the form takes the focus
            await keys.press("Tab")
            await keys.type(PASSWORD)
            await keys.press("Enter")
            await expect(page.get_by_role("button", name="Log out")).to_be_visible()
            await keys.press("Tab")
            await expect(page.locator(".skip-link")).to_be_focused()
            await keys.press("Enter")
            await expect(page.locator("#main")).to_be_focused()
            await tab_to(page, "Waves and sound")
            await keys.press("Enter")
            await expect(page).to_have_url(re.compile("/courses/"))
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
