"""An uploaded video from the teacher's file to the student's screen, in Chromium: by hls.js, and by the browser itself.

The student has nothing but the ticket: every address of playlists, pieces, keys, captions and pictures holds it.
"""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.test_accessibility import AXE, looked_at
from tests.e2e.uploading import LIBRARY, TITLE, describe, make_course, make_film, packaging, upload, video_key
from tests.e2e.watching import Watcher, union, watcher

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

# Without these hls.js says that it cannot run, as on an iPhone.
NATIVE = "delete window.MediaSource; delete window.WebKitMediaSource; delete window.ManagedMediaSource;"
_CAPTION = """async () => {
  const tracks = [...document.querySelector('video').textTracks];
  const track = tracks.find(({ kind, mode }) => kind === 'captions' && mode === 'showing');
  while (!track?.activeCues?.length) await new Promise((resolve) => setTimeout(resolve, 50));
  return track.activeCues[0].text;
}"""
_SHOWN = """() => [...document.querySelector('video').textTracks].filter(
  ({ kind, mode }) => kind === 'captions' && mode === 'showing').length"""
# By itself the browser fetches no more than it must before somebody plays.
_KNOWN = """async () => {
  while (document.querySelector('video').readyState < 1) await new Promise((resolve) => setTimeout(resolve, 50));
}"""
_HEIGHT = """async (height) => {
  const video = document.querySelector('video');
  while (video.videoHeight !== height) await new Promise((resolve) => setTimeout(resolve, 50));
}"""
_PAUSED = """async (paused) => {
  while (document.querySelector('video').paused !== paused) await new Promise((resolve) => setTimeout(resolve, 50));
}"""
_PICTURE = """async () => {
  const address = /"(.*)"/.exec(document.querySelector('.board-picture').style.backgroundImage)[1];
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  return [picture.naturalWidth, picture.naturalHeight];
}"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film"))


async def watch(opened: Browser, server: Server, name: str, *, native: bool) -> None:
    student = await watcher(opened, server, name)
    await student.page.add_init_script(NATIVE) if native else await student.page.add_init_script(path=AXE)
    fetched: list[str] = []
    student.page.on("request", lambda request: fetched.append(request.url) if "/hls/" in request.url else None)
    await student.page.goto(f"{server.address}/watch/{video_key(server)}/")
    await student.page.wait_for_selector("[data-watch][data-playback]")
    await student.page.evaluate(_KNOWN)
    assert await student.page.evaluate("() => typeof MediaSource") == ("undefined" if native else "function")
    await played(student)
    await with_captions(student.page)
    await by_keyboard(student)
    await in_another_quality(student)
    await on_the_map(student.page)
    if not native:
        assert await looked_at(student.page) == []
        await student.page.set_viewport_size({"width": 1280, "height": 900})
    await student.saved()
    true_ms = sum(end - start for start, end in union(student.truth))
    covered_ms = int(await student.page.locator("[data-watch]").get_attribute("data-covered-ms") or 0)
    assert abs(covered_ms - true_ms) < 1_200, (covered_ms, student.truth)
    assert all(f"/hls/{fetched[0].split('/hls/')[1].split('/')[0]}/" in url for url in fetched)
    await out(student, fetched)


async def played(student: Watcher) -> None:
    """Play, seek while playing, go on at double speed."""
    await student.play()
    await student.until(4)
    await student.seek(14)
    await student.page.get_by_label("Speed").select_option("2")
    await student.until(18)
    assert await student.page.evaluate("() => document.querySelector('video').playbackRate") == 2
    await student.pause()
    await student.page.get_by_label("Speed").select_option("1")


async def with_captions(page: Page) -> None:
    await page.get_by_label("Captions").select_option("English")
    assert await page.evaluate(_CAPTION) == "A ripple runs outwards"
    await page.get_by_label("Captions").select_option("Off")
    assert await page.evaluate(_SHOWN) == 0


async def by_keyboard(student: Watcher) -> None:
    """The browser's own keys on the picture, and a slider's on the map."""
    page = student.page
    await page.locator("video").focus()
    await page.keyboard.press("Space")
    await page.evaluate(_PAUSED, arg=False)
    await student.play()  # it plays: from here on it is noted
    await page.keyboard.press("Space")
    await page.evaluate(_PAUSED, arg=True)
    await student.pause()
    await page.locator("[data-map] svg").focus()
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowRight")
    assert await page.evaluate("() => document.querySelector('video').currentTime") == 5


async def in_another_quality(student: Watcher) -> None:
    menu = student.page.get_by_label("Quality")
    offered = await menu.locator("option").all_text_contents()
    assert [text.partition(" ")[0] for text in offered] == ["Auto", "480p", "240p"], offered
    for name, height in (("240p", 240), ("480p", 480)):
        await menu.select_option(name)
        await student.play()
        await student.page.evaluate(_HEIGHT, height)  # from the next piece on
        await student.pause()
    await menu.select_option("")


async def on_the_map(page: Page) -> None:
    """Pointed at, the map shows picture, time and chapter of where that is; a chapter can be gone to."""
    await page.locator("[data-map] svg").hover(position={"x": 5, "y": 8})
    await expect(page.locator(".board")).to_have_text("0:00 · Calm")
    box = await page.locator("[data-map] svg").bounding_box()
    assert box is not None
    await page.locator("[data-map] svg").hover(position={"x": box["width"] * 0.75, "y": 8})
    await expect(page.locator(".board")).to_have_text("0:18 · Ripples & rings")
    assert (await page.evaluate(_PICTURE))[1] >= 90
    await page.locator("h1").first.hover()
    await expect(page.locator(".board")).to_be_hidden()
    await page.get_by_label("Chapter").select_option("0:12 Ripples & rings")
    assert await page.evaluate("() => document.querySelector('video').currentTime") == 12


async def out(student: Watcher, addresses: list[str]) -> None:
    """All that was fetched is refused from the moment of logging out."""
    kinds = {url.rpartition(".")[2] for url in addresses}
    assert kinds >= {"m3u8", "ts", "key", "vtt", "jpg"}, kinds
    await student.page.get_by_role("button", name="Log out").click()
    await student.page.wait_for_url("**/login/**")
    for address in set(addresses):
        answer = await student.page.request.get(address)
        assert answer.status in {401, 403}, address
        assert "problem" in answer.headers["content-type"]


async def removed(page: Page, server: Server) -> None:
    await page.goto(server.address + LIBRARY)
    await page.get_by_label(f"Choose {TITLE}").check()
    await page.get_by_text("Remove what is ticked").click()
    await page.get_by_role("button", name="Remove", exact=True).click()
    await expect(page.get_by_role("button", name=f"Restore {TITLE}")).to_be_visible()


def test_uploaded_packaged_watched_and_removed(server: Server, film: Path) -> None:
    make_course(server, "uma", "nat")

    async def story() -> None:
        async with browser() as opened:
            alice = await watcher(opened, server, "alice")
            with packaging(server):
                await upload(alice.page, server, film)
            await describe(alice.page)
            await watch(opened, server, "uma", native=False)
            await watch(opened, server, "nat", native=True)
            await removed(alice.page, server)

    asyncio.run(story())
