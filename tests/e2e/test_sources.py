"""Two of the three sources whole, in a real browser: the learning site with Vimeo's player, and Cloudinary's player
with all of its media events. The servers of both are stood in for; their players' scripts are the real ones, from npm.
"""

import asyncio
import json
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.players.stage import HOSTS, Stage
from tests.e2e.server import PASSWORD, Server
from tests.e2e.watching import LOADED, credits, key_of, union

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

# The third source's list.
MEDIA_EVENTS = frozenset(
    {
        *("loadstart", "suspend", "abort", "error", "emptied", "stalled", "loadedmetadata", "loadeddata", "canplay"),
        *("canplaythrough", "playing", "waiting", "seeking", "seeked", "ended", "durationchange", "timeupdate"),
        *("progress", "play", "pause", "ratechange", "volumechange", "fullscreenchange", "posterchange"),
    }
)
# What a stand-in has to be asked to tell: nothing in these minutes makes it happen by itself.
VIMEO_TOLD: dict[str, dict[str, Any]] = {
    "ended": {"seconds": 60, "duration": 60, "percent": 1},
    "texttrackchange": {"kind": "captions", "label": "English", "language": "en"},
    "chapterchange": {"startTime": 0, "title": "One", "index": 1},
    "cuechange": {"kind": "captions", "label": "English", "language": "en", "cues": []},
    "cuepoint": {"time": 5, "data": {}, "id": "c1"},
    "error": {"name": "PasswordError", "message": "no", "method": "loadVideo"},
    "fullscreenchange": {"fullscreen": True},
    "qualitychange": {"quality": "720p"},
    "camerachange": {"yaw": 1, "pitch": 1, "roll": 0, "fov": 80},
    "resize": {"videoWidth": 640, "videoHeight": 360},
    "interactivehotspotclicked": {},
    "interactiveoverlaypanelclicked": {},
    "likebuttonpressed": {"liked": True},
    "watchlaterbuttonpressed": {"watchLater": True},
    "remoteplaybackavailabilitychange": {},
    "remoteplaybackconnecting": {},
    "remoteplaybackconnect": {},
    "remoteplaybackdisconnect": {},
    "enterpictureinpicture": {},
    "leavepictureinpicture": {},
    "bufferstart": {},
    "bufferend": {},
    "loaded": {"id": 10},
}
_TELL = """(told) => {
  const frame = document.querySelector("iframe").contentWindow;
  for (const [tell, data] of Object.entries(told)) frame.postMessage({ tell, data }, "*");
}"""


@asynccontextmanager
async def staged(stage: Stage) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *stage.flags])
        try:
            yield running
        finally:
            await running.close()


def test_the_first_source(server: Server, stage: Stage) -> None:
    """Login form, session, the viewer named beside the player, every event in the database, logout, login form."""
    server.enrol(["mia"])
    address = asyncio.run(_added(server, stage, title="At Vimeo", pasted="https://vimeo.com/10", length="1:00"))
    asyncio.run(_first_source(server, stage, address))
    told = _events(server, "mia", address)
    assert _names("vimeo") - set(told) == set()
    [(start, end)] = union(credits(server, key_of(server, "mia")))[:1]
    assert start < 500
    assert end > 2_000


async def _first_source(server: Server, stage: Stage, address: str) -> None:
    async with staged(stage) as running:
        page = await (await running.new_context()).new_page()
        errors = _watched_for(page, server)
        await page.goto(address)
        await _log_in(page, "mia")  # the form, before the video
        await expect(page).to_have_url(address)
        await expect(page.locator(".viewer")).to_contain_text("Mia")
        await expect(page.locator(".viewer")).to_contain_text(key_of(server, "mia"))
        player = page.frame_locator("iframe").locator("video")
        await player.evaluate(LOADED)  # before that the frame's script does not listen, and a click is lost
        await player.click()
        await expect(page.locator("[data-state=playing]")).to_be_visible(timeout=20_000)
        await player.evaluate(_PLAYED, 3)
        await page.get_by_label("Speed").select_option("1.5")
        await player.evaluate("(video) => { video.volume = 0.5; }")
        await player.evaluate("(video) => { video.currentTime = 30; }")
        await player.evaluate(_PLAYED, 32)
        await player.click()
        await expect(page.locator("[data-state=paused]")).to_be_visible()
        await page.evaluate(_TELL, VIMEO_TOLD)
        await page.get_by_role("button", name="Log out").click()
        await page.wait_for_url("**/login/**")
        await page.goto(address)
        await expect(page.get_by_role("button", name="Log in")).to_be_visible()
        assert [error for error in errors if "401" not in error] == []


# Waits in the page, by its own clock of frames: an element's position is the only thing waited for.
_PLAYED = """async (video, seconds) => {
  while (video.currentTime < seconds) await new Promise((resolve) => setTimeout(resolve, 30));
}"""


def test_the_third_source(server: Server, stage: Stage) -> None:
    """Cloudinary's player: all of its media events captured, stored and shown, and nobody else asked for anything."""
    server.enrol(["noa"])
    pasted = "https://res.cloudinary.com/demo/video/upload/lecture.mp4?held"
    address = asyncio.run(_added(server, stage, title="At Cloudinary", pasted=pasted, length="1:00"))
    with stage.holding():
        asyncio.run(_third_source(server, stage, address))
    told = _events(server, "noa", address)
    assert MEDIA_EVENTS - set(told) == set()
    assert MEDIA_EVENTS - asyncio.run(_shown(server, stage, address)) == set()


# The player as Video.js keeps it at its element. What it told before this was asked is in the journal.
_NOTE = """(types) => {
  const { player } = document.querySelector(".cld-video-player");
  window.told = {};
  for (const type of types) player.on(type, () => (window.told[type] = (window.told[type] ?? 0) + 1));
}"""
_STORY = """async () => {
  const { player } = document.querySelector(".cld-video-player");
  const after = async (type, act) => {
    const before = window.told[type] ?? 0;
    act?.();
    while ((window.told[type] ?? 0) === (act ? before : 0)) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await after("volumechange", () => player.muted(true));
  await after("posterchange", () => player.poster(location.origin + "/static/lms/icon.svg"));
  await after("ratechange", () => player.playbackRate(2));
  await after("seeked", () => player.currentTime(58));
  await after("ended");
  const src = "https://res.cloudinary.com/demo/video/upload/missing.mp4";
  await after("error", () => player.src({ src, type: "video/mp4" }));
}"""


async def _third_source(server: Server, stage: Stage, address: str) -> None:
    async with staged(stage) as running:
        page = await (await running.new_context()).new_page()
        errors = _watched_for(page, server)
        await page.goto(address)
        await _log_in(page, "noa")
        await page.wait_for_selector("[data-watch][data-playback]")
        await page.evaluate(_NOTE, sorted(MEDIA_EVENTS))
        await page.get_by_role("button", name="Play Video").click()
        await page.get_by_role("button", name="Fullscreen").click()
        # The file is held back until the player says so. If it did before anybody listened here, the tracker heard.
        for _ in range(600):
            if await page.evaluate("window.told.stalled") or _events(server, "noa", address)["stalled"]:
                break
            await page.wait_for_timeout(100)
        stage.release()
        await page.evaluate(_STORY)
        await page.goto(server.address)  # leaving sends what waits
        for _ in range(100):
            if _events(server, "noa", address)["error"]:
                break
            await page.wait_for_timeout(100)
        # Its script speaks up about the missing file; nothing else may be said, by the page's own policy above all.
        assert [error for error in errors if "VIDEOJS" not in error and "404" not in error] == []


async def _added(server: Server, stage: Stage, *, title: str, pasted: str, length: str) -> str:
    """The address of the watch page of a video that the teacher adds by pasting where it lies."""
    async with staged(stage) as running:
        page = await (await running.new_context()).new_page()
        await page.goto(server.address)
        await _log_in(page, "alice")
        await page.get_by_role("link", name="Waves and sound").first.click()
        course = page.url
        await page.goto(f"{course}videos/add/")
        await page.get_by_label("Title").fill(title)
        await page.get_by_label("Web address").last.fill(pasted)
        await page.get_by_label("a web address").check()
        await page.get_by_label("Length").fill(length)
        await page.get_by_role("button", name="Add the video").click()
        await page.wait_for_url(course)
    with closing(sqlite3.connect(f"file:{server.folder / 'site.sqlite3'}?mode=ro", uri=True)) as database:
        [(key,)] = database.execute("SELECT key FROM lms_video WHERE title = ?", [title]).fetchall()
    return f"{server.address}/watch/{key}/"


async def _shown(server: Server, stage: Stage, address: str) -> set[str]:
    """The names in the figure of events on the teacher's page of the video, once it has counted all of them."""
    async with staged(stage) as running:
        page = await (await running.new_context()).new_page()
        await page.goto(address.replace("/watch/", "/videos/"))
        await _log_in(page, "alice")
        names = page.locator("figure.chart-events tbody th")
        # The sums follow the journal at leisure, and the last of the events came a moment ago.
        for _ in range(60):
            await expect(names.first).to_be_attached()
            if {name.strip() for name in await names.all_text_contents()} >= MEDIA_EVENTS:
                break
            await page.wait_for_timeout(1_000)
            await page.reload()
        return {name.strip() for name in await names.all_text_contents()}


async def _log_in(page: Page, name: str) -> None:
    await page.get_by_label("Username or e-mail address").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()


def _watched_for(page: Page, server: Server) -> list[str]:
    """What goes wrong in the page, and every request that leaves for a host that the video does not lie at."""
    errors: list[str] = []
    ours = (server.address, *(f"https://{host}/" for host in HOSTS), "blob:", "data:")
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: None if asked.url.startswith(ours) else errors.append(f"asked {asked.url}"))
    return errors


def _events(server: Server, name: str, address: str) -> Counter[str]:
    """The events in the journal of somebody's playbacks of a video, by name."""
    found = re.search(r"/watch/([^/]+)/", address)
    assert found
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT j.body FROM recorder_journal j JOIN recorder_playback p ON p.id = j.playback_id "
            "JOIN recorder_viewer v ON v.id = p.viewer_id WHERE j.kind = 'batch' AND v.key = ? AND p.video = ?",
            [key_of(server, name), found[1]],
        ).fetchall()
    return Counter(event["type"] for (body,) in rows for event in json.loads(body)["events"])


def _names(player: str) -> set[str]:
    """What the contract calls the events that this player tells."""
    events = json.loads((Path(__file__).parents[2] / "contract" / "events.json").read_text(encoding="utf-8"))
    return {event["name"] for event in events if event["natives"].get(player)}
