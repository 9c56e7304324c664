"""Pictures of every page as people see it: `make screenshots`.

A fresh demo with its simulated term is started, Bob watches some of a lecture in a real browser, and each page of the
tour is taken at two widths, in light and in dark, into tmp/screenshots. The first screenfuls that the documentation
shows are copied to docs/images.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import get_args

from playwright.async_api import Browser, Page

from playhead.media.ffmpeg import run_ffmpeg
from scripts.docs import ROOT
from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.tour import LECTURE, NARROW, TOUR, WIDE, Scheme, go, page_of
from tests.e2e.watching import LOADED, Watcher, watcher

SHOTS = ROOT / "tmp" / "screenshots"
# Pages of the tour, and what the documentation calls their pictures.
IN_DOCS = {
    "student-watch": "watch",
    "teacher-course": "teacher-course",
    "teacher-video": "teacher-video",
    "teacher-explain": "teacher-explain",
}


async def _watch(student: Watcher) -> None:
    """Play, jump ahead, play, and watch a part again."""
    await student.open_video(LECTURE)
    for start_s, end_s in ((0, 12), (26, 41), (5, 9)):
        await student.seek(start_s)
        await student.play()
        await student.until(end_s)
        await student.pause()
    await student.saved()


async def _take(page: Page, name: str) -> None:
    if await page.locator("video").count():
        await page.evaluate(LOADED)  # no wheel that turns
    for width in (WIDE, NARROW):
        await page.set_viewport_size({"width": width, "height": 820})
        for scheme in get_args(Scheme):
            await _in(page, scheme)
            await page.screenshot(path=SHOTS / f"{name}-{width}-{scheme}.png", full_page=True)
    await page.set_viewport_size({"width": WIDE, "height": 820})
    if name in IN_DOCS:
        await _in(page, "light")
        await page.screenshot(path=SHOTS / f"{IN_DOCS[name]}.png")


async def _in(page: Page, scheme: Scheme) -> None:
    """Without transitions: no picture shall show one half-way."""
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.wait_for_timeout(400)


async def _all(opened: Browser, server: Server) -> None:
    await _watch(await watcher(opened, server, "bob"))
    for who, ways in TOUR.items():
        async with page_of(opened, server, who) as page:
            for name, way in ways.items():
                await go(page, server, way)
                await _take(page, name)


def _shrink(picture: Path, into: Path) -> None:
    """256 colours of its own are enough for a page, and a third of the bytes."""
    palette = "split[all][few];[few]palettegen=stats_mode=single[colours];[all][colours]paletteuse=dither=none"
    list(run_ffmpeg(["-i", str(picture), "-vf", palette, "-frames:v", "1", "-update", "1", str(into)]))


async def _story(server: Server) -> None:
    async with browser() as opened:
        await _all(opened, server)


def main() -> None:
    shutil.rmtree(SHOTS, ignore_errors=True)
    SHOTS.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        asyncio.run(_story(server))
    for name in IN_DOCS.values():
        _shrink(SHOTS / f"{name}.png", ROOT / "docs" / "images" / f"{name}.png")
    print(f"{len(list(SHOTS.iterdir()))} pictures in {SHOTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
