"""axe-core over every page of the tour, wide in light and narrow in dark: nothing serious, nothing critical. Nothing
sticks out sideways. The keyboard alone gets everywhere: Tab reaches whatever can be clicked, and the focus is seen.

axe comes into the page by the browser, not by a link: the content policy lets no foreign script in, and must stay so.
"""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page

from scripts.docs import ROOT
from tests.e2e.conftest import browser
from tests.e2e.keyboard import walked
from tests.e2e.server import Server
from tests.e2e.tour import NARROW, TOUR, WIDE, Scheme, go, page_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

AXE = ROOT / "tracker" / "node_modules" / "axe-core" / "axe.min.js"
_SPOIL = """() => {
  const wide = new Image();
  wide.style = 'width: 3000px; max-width: none';
  document.querySelector('main').append(wide);
}"""
LOOKS: tuple[tuple[int, Scheme], ...] = ((WIDE, "light"), (NARROW, "dark"))
_RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'] });
  return found.violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map((node) => node.html) }));
}"""


async def findings(page: Page) -> list[str]:
    """What is serious or critical about the page as it stands, one line each."""
    violations: list[dict[str, Any]] = await page.evaluate(_RUN)
    grave = [one for one in violations if one["impact"] in {"serious", "critical"}]
    return [f"{page.url}: {one['impact']} {one['id']}: {one['where'][0][:200]}" for one in grave]


async def looked_at(page: Page) -> list[str]:
    found: list[str] = []
    for width, scheme in LOOKS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += await findings(page)
        if await page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{page.url} is wider than {width} px")
    return found


async def walked_around(page: Page) -> list[str]:
    await page.set_viewport_size({"width": WIDE, "height": 900})
    missing, unseen = await walked(page)
    return [f"{page.url}: Tab does not reach {html}" for html in missing] + [
        f"{page.url}: the focus is not seen on {html}" for html in unseen
    ]


@pytest.mark.parametrize("who", TOUR, ids=lambda who: who or "nobody")
def test_nothing_serious_on_any_page_and_no_need_of_a_mouse(server: Server, who: str) -> None:
    async def story() -> list[str]:
        found: list[str] = []
        async with browser() as running, page_of(running, server, who) as page:
            await page.add_init_script(path=AXE)
            for way in TOUR[who].values():
                await go(page, server, way)
                found += await looked_at(page)
                found += await walked_around(page)
        return found

    assert asyncio.run(story()) == []


def test_axe_would_notice(server: Server) -> None:
    """The planted faults: a picture without words, and something wider than the window."""

    async def story() -> list[str]:
        async with browser() as running, page_of(running, server, "bob") as page:
            await page.add_init_script(path=AXE)
            await go(page, server, "/")
            await page.evaluate(_SPOIL)
            return await looked_at(page)

    told = "\n".join(asyncio.run(story()))
    assert "image-alt" in told
    assert "is wider than 390 px" in told
