"""The mark over the picture: to be seen in every screenshot, fullscreen included, and what is done to it is noticed."""

import asyncio
import subprocess
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.conftest import browser

TRACKER = Path(__file__).parents[2] / "tracker"
SCREENSHOTS = 12
NOTICED_MS = 2_000

PAGE = """<!doctype html><style>body { margin: 0; background: #777 }
#stage { width: 640px; height: 360px; margin: 20px }
video { width: 100%; height: 100%; display: block; background: #102040 }
</style><div id=stage><video muted></video></div><p>Below the picture</p>
<script>SCRIPT</script>
<script>
const seen = window.seen = [];
const stage = document.querySelector('#stage');
const text = () => 'Bob Brown · bob\\n21/11/2026, 07:30:00';
const tampered = (how) => seen.push([how, performance.now()]);
window.begin = () => { window.mark?.stop(); window.mark = new Marks.Watermark({stage, text, tampered}); };
begin();
</script>"""

# What a student with the browser's tools might do, by what it is noticed as. `it` is the mark's host.
TAMPERING = {
    "removed": "it.remove()",
    "moved elsewhere in the document": "document.querySelector('p').append(it)",
    "hidden by display": "it.style.setProperty('display', 'none', 'important')",
    "hidden by visibility": "it.style.visibility = 'hidden'",
    "hidden by opacity": "it.style.opacity = '0.01'",
    "hidden by a filter": "it.style.filter = 'opacity(0)'",
    "hidden by a clip": "it.style.clipPath = 'inset(100%)'",
    "hidden as a popover": "it.hidePopover()",
    "pushed away": "it.style.setProperty('translate', '-3000px 0')",
    "moved away by a margin": "it.style.marginLeft = '-3000px'",
    "made tiny": "it.style.setProperty('zoom', '0.05')",
    "hidden by a style sheet": (
        "const sheet = new CSSStyleSheet(); sheet.replaceSync('[popover] { display: none !important }');"
        " document.adoptedStyleSheets = [sheet]"
    ),
    "covered": (
        "const over = document.createElement('div'); over.popover = 'manual'; over.style.cssText ="
        " 'inset:0;width:100vw;height:100vh;margin:0;border:0;background:#102040';"
        " document.body.append(over); over.showPopover()"
    ),
    "covered by what lets clicks through": (
        "const over = document.createElement('div'); over.popover = 'manual'; over.style.cssText ="
        " 'inset:0;width:100vw;height:100vh;margin:0;border:0;background:#102040;pointer-events:none';"
        " document.body.append(over); over.showPopover()"
    ),
}
_DO = """(what) => {
  const it = document.querySelector('body > [popover]');
  window.did = performance.now();
  new Function('it', what)(it);
}"""
_WHERE = """() => {
  const {left: x, top: y, width, height} = document.querySelector('body > [popover]').getBoundingClientRect();
  return {x, y, width, height};
}"""
_EMPTY_MARK = """() => {
  mark.stop();
  const empty = document.createElement('div');
  empty.popover = 'manual';
  empty.style.cssText = 'position:fixed;inset:auto;left:60px;top:60px;width:200px;height:40px;border:0;background:none';
  document.body.append(empty);
  empty.showPopover();
}"""
_NOTICED = "() => window.seen.find(([, at]) => at >= window.did)"


@pytest.fixture(scope="module")
def script() -> str:
    return bundled()


def bundled() -> str:
    """The module as the page has it."""
    esbuild = TRACKER / "node_modules/esbuild/bin/esbuild"
    asked = [str(esbuild), "pages/watermark.ts", "--bundle", "--format=iife", "--global-name=Marks"]
    return subprocess.run(asked, cwd=TRACKER, check=True, capture_output=True, text=True).stdout


@asynccontextmanager
async def marked(script: str) -> AsyncIterator[Page]:
    async with browser() as running:
        yield await opened(running, script)


async def opened(running: Browser, script: str) -> Page:
    page = await running.new_page(viewport={"width": 900, "height": 600})
    await page.set_content(PAGE.replace("SCRIPT", script))
    await page.wait_for_selector("body > [popover]", state="attached")
    return page


async def is_to_be_seen(page: Page) -> bool:
    """Whether the picture's one colour is written over where the mark is, in light letters with a dark edge."""
    place: dict[str, float] = await page.evaluate(_WHERE)
    shot = await page.screenshot(clip=place)  # type: ignore[arg-type]
    pixels = list(pixels_of(shot))
    light = sum(min(pixel) > 120 for pixel in pixels)
    return light > 100 and place["width"] > 60


def pixels_of(png: bytes) -> Iterator[tuple[int, ...]]:
    """Of a PNG as Chromium writes it: 8 bits, RGB or RGBA, not interlaced (RFC 2083)."""
    width = int.from_bytes(png[16:20])
    depth, kind = png[24], png[25]
    assert depth == 8
    size = {2: 3, 6: 4}[kind]
    data, at = b"", 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    raw, above = zlib.decompress(data), bytes(width * size)
    for start in range(0, len(raw), width * size + 1):
        above = _line(raw[start], raw[start + 1 : start + 1 + width * size], above, size)
        yield from (tuple(above[x : x + 3]) for x in range(0, len(above), size))


def _line(filter: int, line: bytes, above: bytes, size: int) -> bytes:
    out = bytearray()
    for x, value in enumerate(line):
        left = out[x - size] if x >= size else 0
        corner = above[x - size] if x >= size else 0
        guess = (0, left, above[x], (left + above[x]) // 2, _paeth(left, above[x], corner))[filter]
        out.append((value + guess) & 255)
    return bytes(out)


def _paeth(left: int, up: int, corner: int) -> int:
    distances = (abs(up - corner), abs(left - corner), abs(left + up - 2 * corner))
    return (left, up, corner)[distances.index(min(distances))]


async def seen_in(script: str, count: int) -> tuple[int, int]:
    """In how many of so many screenshots it is to be seen, half of them of a picture that fills the screen; and how
    often it believed that somebody had laid hands on it."""
    seen = 0
    async with marked(script) as page:
        for number in range(count):
            if number == count // 2:
                await page.click("video")  # a gesture: without one no picture fills the screen
                await page.evaluate("() => document.querySelector('video').requestFullscreen()")
                await page.wait_for_function("() => document.fullscreenElement !== null")
            await page.evaluate("() => begin()")
            seen += await is_to_be_seen(page)
        return seen, len(await page.evaluate("() => seen"))


async def noticed_after(script: str) -> dict[str, tuple[str, int]]:
    """What each way to tamper with it was noticed as, and after how many ms."""
    took: dict[str, tuple[str, int]] = {}
    async with browser() as running:
        for name, done in TAMPERING.items():
            page = await opened(running, script)
            await page.wait_for_timeout(600)  # as long as it takes to be believed that nothing lies over it
            assert await page.evaluate("() => seen") == [], name
            await page.evaluate(_DO, done)
            noticed: Any = await (await page.wait_for_function(_NOTICED, timeout=10_000)).json_value()
            took[name] = noticed[0], round(noticed[1] - await page.evaluate("() => did"))
            await page.close()
    return took


def test_it_is_in_every_screenshot(script: str) -> None:
    assert asyncio.run(seen_in(script, SCREENSHOTS)) == (SCREENSHOTS, 0)


def test_a_page_without_it_would_be_noticed(script: str) -> None:
    """The planted bug: the test's own eyes, on a mark that is there and cannot be read."""

    async def look() -> None:
        async with marked(script) as page:
            await page.evaluate(_EMPTY_MARK)
            assert not await is_to_be_seen(page)

    asyncio.run(look())


def test_what_is_done_to_it_is_noticed(script: str) -> None:
    took = asyncio.run(noticed_after(script))
    assert {name: told for name, told in took.items() if told[1] > NOTICED_MS} == {}


def test_who_leaves_it_alone_is_left_alone(script: str) -> None:
    async def look() -> None:
        async with marked(script) as page:
            for step in ("window.scrollTo(0, 200)", "window.scrollTo(0, 0)"):
                await page.evaluate(f"() => {{ {step}; }}")
                await page.wait_for_timeout(300)
            await page.set_viewport_size({"width": 500, "height": 400})
            await page.wait_for_timeout(900)
            assert await page.evaluate("() => seen") == []

    asyncio.run(look())
