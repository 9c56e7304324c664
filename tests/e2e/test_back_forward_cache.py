"""A page left while it plays and come back to by the browser's button: the browser gives it back as it was, with its
playback going on, and nothing of what was played is lost or counted twice.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.players.run import LECTURE
from tests.e2e.players.sessions import Student, video_key
from tests.e2e.players.stage import SITE, Stage
from tests.e2e.server import Server
from tests.e2e.watching import Span, credits, key_of, ms, union, worst_cut_ms

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ORIGIN = f"https://{SITE}"
WORST_CUT_MS = 150
ARRIVES_WITHIN_S = 30

# Before any other script: which events are listened to, each `pageshow`, where the video stood when it was left, and
# which requests left between the two that have an answer, which beacons have not.
_NOTED = """
const { fetch } = window;
const listen = EventTarget.prototype.addEventListener;
Object.assign(window, { listened: new Set(), shown: [], left: undefined, asked: [] });
EventTarget.prototype.addEventListener = function (type, ...rest) {
  window.listened.add(type);
  return listen.call(this, type, ...rest);
};
let away = false;
window.fetch = (address, ...rest) => {
  if (away) window.asked.push(String(address));
  return fetch(address, ...rest);
};
listen.call(window, "pagehide", () => {
  away = true;
  window.left = document.querySelector("video")?.currentTime;
});
listen.call(window, "pageshow", ({ persisted }) => {
  away = false;
  window.shown.push(persisted);
});
"""
_PLAY_UNTIL = """async (seconds) => {
  const video = document.querySelector("video");
  await video.play();
  while (video.currentTime < seconds) await new Promise((resolve) => setTimeout(resolve, 15));
}"""
_SHOWN = """async () => {
  const wait = () => new Promise((over) => setTimeout(over, 50));
  for (let tries = 0; window.shown.length < 2 && tries < 100; tries++) await wait();
  return window.shown;
}"""
_PAUSE = """() => {
  const video = document.querySelector("video");
  video.pause();
  return Array.from({ length: video.played.length }, (_, at) => [video.played.start(at), video.played.end(at)]);
}"""
_LISTENED = "() => [...window.listened, ...['onunload', 'onbeforeunload'].filter((name) => window[name] !== null)]"


def test_left_while_it_plays_and_come_back_to(server: Server, stage: Stage) -> None:
    server.enrol(["bella"])
    server.join(ORIGIN)
    playback, ticket = Student(server, "bella").open(video_key(server, LECTURE))
    stage.put(
        "/lesson",
        '<!doctype html><title>A lesson</title><video src="/media/lecture.mp4" preload="auto" playsinline></video>'
        f'<script src="{server.address}/static/playhead/playhead.js" data-ticket="{ticket}" defer></script>',
        policy=f"default-src 'none'; media-src 'self'; script-src {server.address}; connect-src {server.address}",
    )
    stage.put("/another", "<!doctype html><title>Another page</title>", policy="default-src 'none'")
    credited = asyncio.run(_there_and_back(server, stage))
    assert _length(credited) == _length(union(credited)), "a moment is credited twice"
    seqs, events = _journal(server, playback)
    assert seqs == list(range(len(seqs)))
    assert [event["persisted"] for event in events if event["type"] in ("pagehide", "pageshow")] == [True, True]


async def _there_and_back(server: Server, stage: Stage) -> list[Span]:
    """What was credited in all: what the element truly played, and up to the leaving while the page was away."""
    async with _remembering(stage) as page:
        reasons: list[str] = []
        protocol = await page.context.new_cdp_session(page)
        protocol.on("Page.backForwardCacheNotUsed", lambda told: reasons.append(json.dumps(told)))
        await protocol.send("Page.enable")
        await page.goto(f"{ORIGIN}/lesson")
        await page.evaluate(_PLAY_UNTIL, 4)
        await page.goto(f"{ORIGIN}/another")
        arrived = _credited_up_to(server, 4_000)
        await page.evaluate("() => setTimeout(() => history.back())")
        await expect(page).to_have_title("A lesson")
        assert await page.evaluate(_SHOWN) == [False, True], reasons
        assert await page.evaluate("() => window.asked") == []
        await page.evaluate(_PLAY_UNTIL, 8)
        played = [(ms(start), ms(end)) for start, end in await page.evaluate(_PAUSE)]
        credited = _credited_up_to(server, played[-1][1])
        left = [(0, ms(await page.evaluate("() => window.left")))]
        assert worst_cut_ms(left, arrived, tolerance_ms=WORST_CUT_MS) <= WORST_CUT_MS
        assert worst_cut_ms(played, credited, tolerance_ms=WORST_CUT_MS) <= WORST_CUT_MS
        listened = set(await page.evaluate(_LISTENED))
        assert {"pagehide", "pageshow", "visibilitychange"} <= listened
        assert not {"unload", "beforeunload", "onunload", "onbeforeunload"} & listened
        return credited


@asynccontextmanager
async def _remembering(stage: Stage) -> AsyncIterator[Page]:
    """A page of a browser that keeps what is left, as people's browsers do; Playwright turns it off."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*FLAGS, *stage.flags],
            ignore_default_args=["--disable-back-forward-cache"],
        )
        try:
            page = await running.new_page()
            await page.add_init_script(_NOTED)
            yield page
        finally:
            await running.close()


def _credited_up_to(server: Server, end_ms: int) -> list[Span]:
    """What is credited once it reaches up to there, or once there was time enough for that."""
    until = time.monotonic() + ARRIVES_WITHIN_S
    while True:
        spans = credits(server, key_of(server, "bella"))
        if time.monotonic() > until or any(end >= end_ms - WORST_CUT_MS for _start, end in spans):
            return spans
        time.sleep(0.2)


def _journal(server: Server, playback: str) -> tuple[list[int], list[dict[str, Any]]]:
    """The numbers of all of the student's batches, which are of this one playback, and the events in them."""
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT p.key, j.seq, j.body FROM recorder_journal j JOIN recorder_playback p ON p.id = j.playback_id "
            "JOIN recorder_viewer v ON v.id = p.viewer_id WHERE j.kind = 'batch' AND v.key = ? ORDER BY j.seq",
            [key_of(server, "bella")],
        ).fetchall()
    assert {key for key, _seq, _body in rows} == {playback}
    return [seq for _key, seq, _body in rows], [event for *_, body in rows for event in json.loads(body)["events"]]


def _length(spans: Sequence[Span]) -> int:
    return sum(end - start for start, end in spans)
