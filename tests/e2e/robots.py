"""Robots and honest viewers of one packaged video, in real browsers: what each does, what it earns, what it may earn.

A robot is a student with a browser and the tools in it: it opens playbacks as the page does and posts what claims it
likes. An honest viewer has the page's own player; their network goes away in the middle.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, expect

from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.uploading import COURSE, make_course, make_film
from tests.e2e.watching import union, watcher

TITLE = "A film for robots"
_CUTS_MS = 500
TOLERANCE_MS = 2_000  # by which a claim may run ahead of the server's clock (the credit rule)

_PACKAGE = """
import django; django.setup()
import shutil, sys
from playhead.lms.library import publish
from playhead.media.models import Asset, State
from playhead.media.packer import Packer, incoming
told = {"shelf": sys.argv[1], "title": sys.argv[2], "name": "film.mp4", "size_bytes": 1, "state": State.WAITING}
asset = Asset.objects.create(**told)
incoming(asset).parent.mkdir(parents=True, exist_ok=True)
shutil.copy(sys.argv[3], incoming(asset))
Packer().package_next()
asset.refresh_from_db()
print(publish(asset).key)
"""
# Opens `tabs` playbacks, fetches all media in each or none, waits, and claims `rate` x what the wait was, in each tab
# another part of the video. All from within the page: a browser's cookies, its clock, its network.
_ROBOT = """async ({ video, tabs, rate, wait_ms, media }) => {
  const token = document.querySelector('input[name=csrfmiddlewaretoken]').value;
  const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
  const open = async () => {
    const answer = await fetch('/v1/playbacks', { method: 'POST', headers, body: JSON.stringify({ video }) });
    return { ...(await answer.json()), at: performance.now() };
  };
  const text = async (address) => (await fetch(address)).text();
  const lines = (playlist) => playlist.split('\\n').filter((line) => line && !line.startsWith('#'));
  const fetchAll = async ({ media: { src } }) => {
    const folder = src.slice(0, src.lastIndexOf('/') + 1);
    const worst = lines(await text(src)).at(-1);
    for (const name of lines(await text(folder + worst))) await (await fetch(folder + name)).arrayBuffer();
  };
  const began = Date.now();
  const opened = [];
  for (let tab = 0; tab < tabs; tab++) opened.push(await open());
  if (media) for (const one of opened) await fetchAll(one);
  await new Promise((resolve) => setTimeout(resolve, wait_ms));
  let told = {};
  for (const [tab, { ticket, at }] of opened.entries()) {
    const t1 = Math.round(performance.now() - at);
    const t0 = t1 - wait_ms;
    const m0 = tab * 1000;
    const section = { t0, t1, m0, m1: m0 + wait_ms * rate };
    const more = { rate: rate * 1000, visible: true, muted: false, pip: false, end: 'beat' };
    const batch = { seq: 0, sent: t1, sections: [{ ...section, ...more }], events: [] };
    const plain = { 'Content-Type': 'text/plain' };
    const body = `${ticket}\\n${JSON.stringify(batch)}`;
    told = await (await fetch('/v1/batches', { method: 'POST', body, headers: plain })).json();
  }
  return { watched_ms: told.watched_ms, took_ms: Date.now() - began };
}"""


@dataclass(frozen=True, slots=True)
class Robot:
    """`rate` is what it claims; nobody may earn more than twice the time it took."""

    name: str
    what: str
    tabs: int = 1
    rate: int = 2
    media: bool = True


ROBOTS = (
    Robot("ro1", "perfectly paced claims, no media fetched", media=False),
    Robot("ro2", "rate 16, all media fetched", rate=16),
    Robot("ro3", "one tab at 2x", tabs=1),
    Robot("ro4", "five tabs at 2x, all media fetched in each", tabs=5),
)


@dataclass(frozen=True, slots=True)
class Honest:
    name: str
    rate: float

    @property
    def what(self) -> str:
        return f"honest at {self.rate:g}x, the network away in the middle"


HONEST = (Honest("ho1", 1), Honest("ho2", 2))


@dataclass(frozen=True, slots=True)
class Earned:
    """`bound_ms` is the most that may be earned; `due_ms` the least."""

    who: str
    took_ms: int
    earned_ms: int
    bound_ms: int
    due_ms: int = 0

    @property
    def holds(self) -> bool:
        return self.due_ms <= self.earned_ms <= self.bound_ms


def table(server: Server, folder: Path, *, wait_ms: int, outage_s: int, apart_s: int) -> list[Earned]:
    """One after the other the robots, then the honest ones at once, who play so long before the outage and after it."""
    film = make_film(folder, seconds=2 * (outage_s + 2 * apart_s + 4), name=TITLE)
    make_course(server, *[one.name for one in (*ROBOTS, *HONEST)])
    video = server.run(_PACKAGE, COURSE, TITLE, str(film)).strip()
    return asyncio.run(_all(server, video, wait_ms=wait_ms, outage_s=outage_s, apart_s=apart_s))


async def _all(server: Server, video: str, *, wait_ms: int, outage_s: int, apart_s: int) -> list[Earned]:
    async with browser() as running:
        robots = [await _robot(running, server, video, one, wait_ms) for one in ROBOTS]
        honest = [_honest(running, server, video, one, outage_s=outage_s, apart_s=apart_s) for one in HONEST]
        return [*robots, *await asyncio.gather(*honest)]


async def _robot(running: Browser, server: Server, video: str, robot: Robot, wait_ms: int) -> Earned:
    student = await watcher(running, server, robot.name)
    asked = {"video": video, "tabs": robot.tabs, "rate": robot.rate, "wait_ms": wait_ms, "media": robot.media}
    await expect(student.page.get_by_role("button", name="Log out")).to_be_visible()
    told: dict[str, Any] = await student.page.evaluate(_ROBOT, asked)
    bound_ms = round((told["took_ms"] + TOLERANCE_MS) * 2 * 1.001) if robot.media else 0
    await student.page.context.close()
    return Earned(robot.what, told["took_ms"], told["watched_ms"], bound_ms)


async def _honest(
    running: Browser, server: Server, video: str, viewer: Honest, *, outage_s: int, apart_s: int
) -> Earned:
    """What is fetched ahead plays on in the outage; then it waits, and goes on by itself."""
    student = await watcher(running, server, viewer.name)
    await student.page.goto(f"{server.address}/watch/{video}/")
    await student.ready()
    await student.speed(viewer.rate)
    await student.play()
    await student.until(apart_s * viewer.rate)
    await student.page.context.set_offline(True)
    await student.page.wait_for_timeout(outage_s * 1000)
    await student.page.context.set_offline(False)
    reached = await student.page.evaluate("() => document.querySelector('video').currentTime")
    await student.until(reached + apart_s * viewer.rate)
    await student.pause()
    await student.saved(within_ms=60_000)
    true_ms = sum(end - start for start, end in union(student.truth))
    earned_ms = int(await student.page.locator("[data-watch]").get_attribute("data-covered-ms") or 0)
    await student.page.context.close()
    # What is played and what a page is told of it are not read in one instant, least of all where it stalls.
    return Earned(viewer.what, round(true_ms / viewer.rate), earned_ms, true_ms + _CUTS_MS, true_ms - _CUTS_MS)
