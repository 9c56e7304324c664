"""YouTube's, Kollus's and a playlist's video on the site's own watch page: what is played there is what is credited.

The servers of YouTube and Kollus are stood in for; their pages' scripts are ours, as is the controller of the latter.
"""

import asyncio
import sqlite3
import time
from contextlib import closing

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.players.run import chromium
from tests.e2e.players.stage import SITE, Stage
from tests.e2e.server import Server
from tests.e2e.watching import Span, Watcher, credits, key_of, stretches, watcher

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

# By kind: what a teacher pastes, and how certain that makes what is credited.
PASTED = {
    "youtube": ("https://youtu.be/lecture", "inferred"),
    "kollus": ("https://v.kr.kollus.com/lecture", "inferred"),
    "hls": (f"https://{SITE}/media/lecture.m3u8", "clock"),
}
WORST_CUT_MS = 750  # the aim of `make players` for YouTube, and room for a shared machine
WAIT_S = 30
_ADD = """
import django; django.setup()
import sys
from playhead.lms.forms import VideoForm
from playhead.lms.models import Course
for kind, address in zip(sys.argv[1::2], sys.argv[2::2]):
    given = {"title": f"By {kind}", "source": "url", "url": address, "length": "1:00"}
    form = VideoForm(given, course=Course.objects.get(key="c_waves_and_sound"))
    assert form.is_valid(), form.errors
    print(form.save().key)
"""
_PLAY = """async (video) => {
  const until = async (is) => { while (!is()) await new Promise((resolve) => setTimeout(resolve, 15)); };
  await until(() => video.readyState > 2);
  await video.play();
  await until(() => video.currentTime > 3);
  const left = video.currentTime;
  video.currentTime = 30;
  await until(() => !video.seeking && video.currentTime > 32);
  video.pause();
  return [[0, left], [30, video.currentTime]].map((span) => span.map((seconds) => Math.round(seconds * 1000)));
}"""


def test_what_is_played_on_the_watch_page_is_credited(server: Server, stage: Stage) -> None:
    names = {kind: f"embed{kind}" for kind in PASTED}
    server.enrol(list(names.values()))
    pasted = [part for kind, (address, _evidence) in PASTED.items() for part in (kind, address)]
    keys = dict(zip(PASTED, server.run(_ADD, *pasted).split(), strict=True))

    async def follow(running: Browser, kind: str) -> tuple[list[Span], list[str]]:
        student = await watcher(running, server, names[kind])
        await student.page.goto(f"{server.address}/watch/{keys[kind]}/")
        return await _watched(student, kind), student.errors

    async def all_at_once() -> list[tuple[list[Span], list[str]]]:
        async with chromium(stage.flags) as running:
            return await asyncio.gather(*(follow(running, kind) for kind in PASTED))

    for (kind, (_address, evidence)), (truth, errors) in zip(PASTED.items(), asyncio.run(all_at_once()), strict=True):
        assert errors == [], kind
        assert _evidence(server, names[kind], keys[kind]) == evidence
        _credited(server, names[kind], truth)


async def _watched(student: Watcher, kind: str) -> list[Span]:
    await student.page.wait_for_selector("[data-watch][data-playback]", timeout=60_000)
    player = student.page if kind == "hls" else student.page.frame_locator("iframe")
    truth: list[list[int]] = await player.locator("video").evaluate(_PLAY)
    await expect(student.page.locator("[data-state=paused]")).to_be_visible(timeout=20_000)
    await student.saved(within_ms=40_000)
    return [(start, end) for start, end in truth]


def _credited(server: Server, name: str, truth: list[Span]) -> None:
    key, until = key_of(server, name), time.monotonic() + WAIT_S
    while not _alike(truth, stretches(credits(server, key))) and time.monotonic() < until:
        time.sleep(0.2)
    paid = stretches(credits(server, key))
    assert _alike(truth, paid), (name, truth, paid)


def _alike(truth: list[Span], paid: list[Span]) -> bool:
    edges = [(edge for span in spans for edge in span) for spans in (truth, paid)]
    return len(truth) == len(paid) and all(
        abs(here - there) <= WORST_CUT_MS for here, there in zip(*edges, strict=True)
    )


def _evidence(server: Server, name: str, video: str) -> str:
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as database:
        [(evidence,)] = database.execute(
            "SELECT evidence FROM recorder_progress p JOIN recorder_viewer v ON v.id = p.viewer_id "
            "WHERE v.key = ? AND p.video = ?",
            [key_of(server, name), video],
        ).fetchall()
    return str(evidence)
