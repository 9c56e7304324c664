"""`playhead.js` on a page of another site under a strict content policy: it records, and hears of it."""

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest
from playwright.async_api import Browser, async_playwright

from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.players.run import LECTURE
from tests.e2e.players.sessions import Student, video_key
from tests.e2e.players.stage import ROOT, SITE, Stage
from tests.e2e.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ORIGIN = f"https://{SITE}"
STATIC = ROOT / "src" / "playhead" / "lms" / "static" / "playhead"
_PLAY = """async () => {
  const video = document.querySelector("video");
  video.muted = true;
  await video.play();
  while (video.currentTime < 4) await new Promise((resolve) => setTimeout(resolve, 30));
  video.pause();
}"""
# The tracker opens the channel half a second after what it needs for such a frame has been loaded.
_PLAY_FRAME = """async () => {
  const frame = document.querySelector("iframe");
  const wait = (seconds) => new Promise((over) => setTimeout(over, seconds * 1000));
  const text = (func) => JSON.stringify({ event: "command", func });
  const command = (func) => frame.contentWindow.postMessage(text(func), "https://www.youtube.com");
  const loads = !document.querySelector("script").src.endsWith("-all.js");
  const loaded = () => performance.getEntriesByType("resource").some(({ name }) => name.endsWith("/youtube.js"));
  for (let tries = 0; loads && !loaded(); tries++) {
    if (tries > 600) throw new Error("what the frame needs was not loaded");
    await wait(0.05);
  }
  await wait(1.5);
  command("mute");
  command("playVideo");
  await wait(5);
  command("pauseVideo");
}"""
# The third source's two clients: beacons of a form, and a queue that posts JSON, one or several.
_TELL = """async (door) => {
  const told = (percent) => ({
    eventName: "percentsplayed", eventData: { percent }, timestamp: new Date().toISOString(), sessionId: "session_1",
    url: location.href, userAgent: navigator.userAgent,
  });
  const headers = { "Content-Type": "application/json" };
  const post = async (path, body) =>
    (await fetch(door + path, { method: "POST", headers, body: JSON.stringify(body) })).json();
  const beacon = navigator.sendBeacon(door, new URLSearchParams({ event: "ended" }));
  return [beacon, await post("", told(25)), await post("/batch", [told(50), told(75)])];
}"""
# Acknowledged batches leave the browser's own storage; what is not acknowledged stays.
_WAITING = "() => Object.keys(localStorage).filter((key) => key.split('/').length === 3).length"


def test_pages_of_a_joined_system_are_tracked_across_origins(server: Server, stage: Stage) -> None:
    """A <video>, its script pinned; a frame, what it needs loaded from where the script is, or lying in the script."""
    server.join(ORIGIN)
    pinned = json.loads((STATIC / "integrity.json").read_text())["playhead.js"]
    video = '<video src="/media/lecture.mp4" preload="auto" playsinline></video>'
    frame = '<iframe allow="autoplay" src="https://www.youtube.com/embed/lecture?enablejsapi=1"></iframe>'
    lessons = {
        "olive": (video, "playhead.js", f'integrity="{pinned}" crossorigin="anonymous"', "media-src 'self'", _PLAY),
        "oscar": (frame, "playhead.js", "", "frame-src https://www.youtube.com", _PLAY_FRAME),
        "otto": (frame, "playhead-all.js", "", "frame-src https://www.youtube.com", _PLAY_FRAME),
    }
    server.enrol(list(lessons))
    playbacks: dict[str, str] = {}
    for name, (player, script, attributes, allowed, _play) in lessons.items():
        playbacks[name], ticket = Student(server, name).open(video_key(server, LECTURE))
        stage.put(
            f"/{name}",
            f'<!doctype html><title>A lesson</title>{player}<script src="{server.address}/static/playhead/{script}" '
            f'{attributes} data-ticket="{ticket}" defer></script>',
            policy=f"default-src 'none'; {allowed}; script-src {server.address}; connect-src {server.address}",
        )
    scripts = {f"/{name}": play for name, (*_page, play) in lessons.items()}
    assert asyncio.run(_lessons(stage, scripts)) == {path: [] for path in scripts}
    assert 3_500 <= credited_ms(server, playbacks["olive"]) <= 6_000
    assert 2_000 <= credited_ms(server, playbacks["oscar"]) <= 7_000
    assert 2_000 <= credited_ms(server, playbacks["otto"]) <= 7_000


def test_a_page_keeps_its_own_analytics_client(server: Server, stage: Stage) -> None:
    """As it is, from another origin: what it tells is kept as that integration's, and its answers can be read."""
    server.join(ORIGIN)
    stage.put("/own-client", "<!doctype html><title>A lesson</title>", policy=f"connect-src {server.address}")

    async def tell() -> object:
        async with async_playwright() as playwright:
            running = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *stage.flags])
            page = await running.new_page()
            await page.goto(f"{ORIGIN}/own-client")
            said = await page.evaluate(_TELL, f"{server.address}/api/analytics")
            for _ in range(100):  # a beacon has no answer
                if len(_unverified(server)) == 4:
                    break
                await page.wait_for_timeout(100)
            await running.close()
            return said

    assert asyncio.run(tell()) == [True, {"success": True, "stored": 1}, {"success": True, "stored": 2}]
    kept = [("ended", None), *(("percentsplayed", percent) for percent in (25, 50, 75))]
    assert sorted(_unverified(server), key=str) == sorted([("i_school", *one) for one in kept], key=str)


def _unverified(server: Server) -> list[tuple[str, str, int | None]]:
    with closing(sqlite3.connect(f"file:{server.folder / 'site.sqlite3'}?mode=ro", uri=True)) as database:
        return database.execute("SELECT integration, name, percent FROM lms_unverifiedevent").fetchall()


def credited_ms(server: Server, playback: str) -> int:
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as database:
        [(total,)] = database.execute(
            "SELECT sum(credit_ms) FROM recorder_ledgerline l JOIN recorder_playback p ON p.id = l.playback_id "
            "WHERE p.key = ?",
            [playback],
        ).fetchall()
    return int(total or 0)


async def _lessons(stage: Stage, scripts: dict[str, str]) -> dict[str, list[str]]:
    """What went wrong in each page; all at once, in one browser."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *stage.flags])
        told = await asyncio.gather(*(_lesson(running, path, play) for path, play in scripts.items()))
        await running.close()
    return dict(zip(scripts, told, strict=True))


async def _lesson(running: Browser, path: str, play: str) -> list[str]:
    errors: list[str] = []
    page = await (await running.new_context()).new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    await page.goto(f"{ORIGIN}{path}")
    await page.evaluate(play)
    async with asyncio.timeout(30):  # acknowledged: the answer could be read
        while await page.evaluate(_WAITING):
            await page.wait_for_timeout(100)
        await page.wait_for_timeout(1_500)  # what a pause tells leaves within half a second, a second apart
        while await page.evaluate(_WAITING):
            await page.wait_for_timeout(100)
    return errors
