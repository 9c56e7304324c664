"""Scripted watching in a real browser, with the truth read from the player itself at every cut."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.e2e.server import PASSWORD, Server

Span = tuple[int, int]

# Each reads the position in the same task as the command, so that truth and command cannot drift apart.
_POSITION = "() => document.querySelector('video').currentTime"
_PLAY = """async () => {
  const video = document.querySelector('video');
  const from = video.currentTime;  // not after play() has answered: on a busy machine it plays long before that
  if (video.paused) { await video.play(); }
  return from;
}"""
_PAUSE = "() => { const video = document.querySelector('video'); video.pause(); return video.currentTime; }"
_SEEK = """async (seconds) => {
  const video = document.querySelector('video');
  const left = video.currentTime;
  const arrived = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
  video.currentTime = seconds;
  await arrived;
  return left;
}"""
_RATE = (
    "(rate) => { const video = document.querySelector('video'); video.playbackRate = rate; return video.currentTime; }"
)
# Waiting happens in functions of our own: the page's policy forbids the evaluation of text.
LOADED = """async () => {
  const video = document.querySelector('video');
  while (video.readyState < 3) { await new Promise((resolve) => setTimeout(resolve, 50)); }
}"""
_UNTIL = """async (seconds) => {
  const video = document.querySelector('video');
  while (video.currentTime < seconds && !video.ended) { await new Promise((resolve) => setTimeout(resolve, 15)); }
}"""


def ms(seconds: float) -> int:
    return round(seconds * 1000)


@dataclass
class Watcher:
    """A student in a browser, who knows which stretches truly were played."""

    server: Server
    name: str
    page: Page
    truth: list[Span] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _since: float | None = None

    async def log_in(self) -> None:
        await self.page.goto(self.server.address)
        await self.page.get_by_label("Username or e-mail address").fill(self.name)
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_role("button", name="Log in").click()

    async def open_video(self, title: str) -> None:
        await self.page.goto(self.server.address)
        await self.page.get_by_role("link", name="Waves and sound").first.click()
        await self.page.get_by_role("link", name=title).first.click()
        await self.ready()

    async def ready(self) -> None:
        """Wait until the playback is open and the player can go."""
        await self.page.wait_for_selector("[data-watch][data-playback]", timeout=60_000)
        await self.page.evaluate(LOADED)

    # --- commands, each keeping the truth

    async def play(self) -> None:
        self._since = await self.page.evaluate(_PLAY)

    async def until(self, seconds: float) -> None:
        await self.page.evaluate(_UNTIL, seconds)

    async def pause(self) -> None:
        self._cut(await self.page.evaluate(_PAUSE))

    async def seek(self, seconds: float) -> None:
        plays = self._since is not None
        self._cut(await self.page.evaluate(_SEEK, seconds))
        self._since = seconds if plays else None

    async def speed(self, rate: float) -> None:
        await self.page.evaluate(_RATE, rate)

    async def end(self) -> None:
        await self.page.evaluate(_UNTIL, 24 * 3600)
        self._cut(await self.page.evaluate(_POSITION))

    async def note(self) -> None:
        """Keep what was played up to now as true, while playing goes on."""
        self._cut(await self.page.evaluate(_POSITION))

    async def saved(self, *, within_ms: int = 15_000) -> None:
        """Wait until everything that was played is acknowledged."""
        await self.page.wait_for_timeout(700)
        await expect(self.page.locator("[data-saved]")).to_have_attribute("data-state", "saved", timeout=within_ms)

    def _cut(self, at: float) -> None:
        if self._since is not None and ms(at) > ms(self._since):
            self.truth.append((ms(self._since), ms(at)))
        self._since = None


async def watcher(browser: Browser, server: Server, name: str) -> Watcher:
    """A student with a browser of their own, logged in."""
    context: BrowserContext = await browser.new_context(viewport={"width": 1280, "height": 900})
    someone = Watcher(server, name, await context.new_page())
    someone.page.on("pageerror", lambda error: someone.errors.append(str(error)))
    someone.page.on("console", lambda said: someone.errors.append(said.text) if said.type == "error" else None)
    await someone.log_in()
    return someone


def union(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def credits(server: Server, key: str) -> list[Span]:
    """What the ledger credits to a viewer, line by line, read from the server's own file."""
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as database:
        rows: list[Any] = database.execute(
            "SELECT credit FROM recorder_ledgerline l JOIN recorder_viewer v ON v.id = l.viewer_id WHERE v.key = ?",
            [key],
        ).fetchall()
    spans = []
    for (packed,) in rows:
        numbers = [int.from_bytes(packed[at : at + 8], "little", signed=True) for at in range(0, len(packed), 8)]
        spans += list(zip(numbers[::2], numbers[1::2], strict=True))
    return spans


def key_of(server: Server, name: str) -> str:
    with closing(sqlite3.connect(f"file:{server.folder / 'site.sqlite3'}?mode=ro", uri=True)) as database:
        return str(database.execute("SELECT key FROM lms_user WHERE username = ?", [name]).fetchone()[0])


def worst_cut_ms(truth: Sequence[Span], credited: Sequence[Span], *, tolerance_ms: int) -> int:
    """How far the worst edge of what is credited is from the truth's; stretches must pair up.

    A stretch shorter than what one cut may be off (the moments between two seeks) may be missing.
    """
    true, paid = (
        [(start, end) for start, end in stretches(spans) if end - start > tolerance_ms] for spans in (truth, credited)
    )
    assert len(true) == len(paid), (true, paid)
    return max(
        abs(here - there)
        for left, right in zip(true, paid, strict=True)
        for here, there in zip(left, right, strict=True)
    )


def stretches(spans: Sequence[Span]) -> list[Span]:
    """The union, with gaps under 250 ms closed: so one stretch with a stall in it reaches us in several sections."""
    closed: list[Span] = []
    for start, end in union(spans):
        if closed and start - closed[-1][1] < 250:
            closed[-1] = (closed[-1][0], end)
        else:
            closed.append((start, end))
    return closed
