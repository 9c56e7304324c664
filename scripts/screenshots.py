"""Pictures of every page as people see it: `make screenshots`.

A fresh demo with its simulated term is started, Bob watches some of a lecture in a real browser, and each page is taken
at 1280 and 390 px into tmp/screenshots. The first screenfuls that the documentation shows are copied to docs/images.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, Page

from playhead.media.ffmpeg import run_ffmpeg
from scripts.docs import ROOT
from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.watching import Watcher, watcher

SHOTS = ROOT / "tmp" / "screenshots"
IN_DOCS = ("watch", "teacher-course", "teacher-video", "teacher-explain")
WIDTHS = (1280, 390)
LECTURE = "Waves in one minute"
COURSE = "Waves and sound"
CONFUSING = "From sound to numbers"
CHEAT = "Mallory Moss"


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
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 820})
        await page.wait_for_timeout(400)
        await page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
        if name in IN_DOCS and width == WIDTHS[0]:
            await page.screenshot(path=SHOTS / f"{name}.png")
    await page.set_viewport_size({"width": WIDTHS[0], "height": 820})


async def _student(opened: Browser, server: Server) -> None:
    bob = await watcher(opened, server, "bob")
    await _watch(bob)
    await _take(bob.page, "watch")
    await _follow(bob.page, server, "student", [("home", None), ("course", COURSE)])


async def _teacher(opened: Browser, server: Server) -> None:
    alice = await watcher(opened, server, "alice")
    page = alice.page
    await _follow(page, server, "teacher", [("home", None), ("course", COURSE)])
    await page.get_by_role("tab", name="People").or_(page.get_by_role("link", name="People")).first.click()
    await _take(page, "teacher-people")
    await page.go_back()
    await page.get_by_role("link", name="Settings").first.click()
    await _take(page, "teacher-settings")
    await page.goto(server.address)
    await page.get_by_role("link", name=COURSE).first.click()
    await page.get_by_role("link", name=CONFUSING).first.click()
    await page.wait_for_timeout(1_500)  # the figures draw themselves
    await _take(page, "teacher-video")
    await page.get_by_role("link", name=CHEAT).first.click()
    await _take(page, "teacher-student")
    await page.locator("a[href^='/explain/']").first.click()
    await _take(page, "teacher-explain")


async def _admin(opened: Browser, server: Server) -> None:
    ada = await watcher(opened, server, "admin")
    for name, link in (("system", "Admin"), ("accounts", "Accounts")):
        await ada.page.get_by_role("link", name=link, exact=True).first.click()
        await _take(ada.page, f"admin-{name}")


async def _follow(page: Page, server: Server, role: str, steps: Sequence[tuple[str, str | None]]) -> None:
    """From the first page, link by link."""
    await page.goto(server.address)
    for name, link in steps:
        if link is not None:
            await page.get_by_role("link", name=link).first.click()
        await _take(page, f"{role}-{name}")


async def _strangers(opened: Browser, server: Server) -> None:
    """What is seen by somebody who is not logged in, and by Charlie, who is not enrolled."""
    context = await opened.new_context()
    page = await context.new_page()
    await page.goto(server.address)
    await _take(page, "login")
    await page.get_by_label("Username or e-mail address").fill("bob")
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Log in").click()
    await _take(page, "login-refused")
    charlie = await watcher(opened, server, "charlie")
    await _take(charlie.page, "nothing-yet")
    await charlie.page.goto(f"{server.address}/courses/c_waves_and_sound/")
    await _take(charlie.page, "not-enrolled")


async def _all(server: Server) -> None:
    async with browser() as opened:
        await _student(opened, server)
        await _teacher(opened, server)
        await _admin(opened, server)
        await _strangers(opened, server)


def _shrink(picture: Path, into: Path) -> None:
    """256 colours of its own are enough for a page, and a third of the bytes."""
    palette = "split[all][few];[few]palettegen=stats_mode=single[colours];[all][colours]paletteuse=dither=none"
    list(run_ffmpeg(["-i", str(picture), "-vf", palette, "-frames:v", "1", "-update", "1", str(into)]))


def main() -> None:
    shutil.rmtree(SHOTS, ignore_errors=True)
    SHOTS.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        asyncio.run(_all(server))
    for name in IN_DOCS:
        _shrink(SHOTS / f"{name}.png", ROOT / "docs" / "images" / f"{name}.png")
    print(f"{len(list(SHOTS.iterdir()))} pictures in {SHOTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
