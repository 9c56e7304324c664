"""What is booked of the same sessions: ours, Snowplow's media plugin, joined `timeupdate`s, the furthest position.

One <video> in a real browser, all four listening to it at once, and the truth cut inside the page at every command. The
figures are distinct seconds of video; the peers come from npm when this runs.
"""

import asyncio
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from bench.kit.peers import bring_node
from bench.kit.rows import Row
from tests.e2e.players.run import LECTURE, bring_clips, chromium
from tests.e2e.players.sessions import Student, video_key
from tests.e2e.players.stage import ROOT, SITE, Stage, make_media
from tests.e2e.server import Server
from tests.e2e.watching import Span, credits, key_of, union

PEERS = ("@snowplow/browser-tracker@4.10.1", "@snowplow/browser-plugin-media@4.10.2")
SCRIPTS = ("continuous", "skip", "back and rewatch", "rate change", "scrub", "pause and resume")
AT_ONCE = 3
GOAL_MS = 300  # over a whole session of up to five cuts


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> list[Row]:
    media, school = folder / "media", folder / "school"
    media.mkdir()
    _bundle(media / "peers.js")
    bring_clips(school / "media")
    names = {script: f"beside{number}" for number, script in enumerate(SCRIPTS)}
    with Server(school) as server:
        server.enrol(list(names.values()))
        make_media(media, school / "media" / LECTURE)
        with Stage(media, playhead=server.address) as stage:
            async with chromium(stage.flags) as browser:
                turn = asyncio.Semaphore(AT_ONCE)
                return await asyncio.gather(*(_row(browser, server, *pair, turn) for pair in names.items()))


async def _row(browser: Browser, server: Server, script: str, name: str, turn: asyncio.Semaphore) -> Row:
    async with turn:
        truth, booked = await _played(browser, server, script, name)
    true_s, ours_s = _distinct_s(truth), _distinct_s(credits(server, key_of(server, name)))
    others = ", ".join(f"{peer} {ms / 1000:.1f}" for peer, ms in booked.items())
    return Row(
        measure=f"{script}: {true_s:.2f} s were played",
        value=round(ours_s, 2),
        unit="s",
        goal=f"within {GOAL_MS} ms",
        holds=abs(ours_s - true_s) * 1000 <= GOAL_MS,
        peer=others,
    )


async def _played(browser: Browser, server: Server, script: str, name: str) -> tuple[list[Span], dict[str, float]]:
    context = await browser.new_context(ignore_https_errors=True)
    try:
        page = await context.new_page()
        await page.goto(f"https://{SITE}/pages/beside.html?script={script}")
        await page.wait_for_function("() => window.follow")
        _playback, ticket = Student(server, name).open(video_key(server, LECTURE))
        told: dict[str, Any] = await page.evaluate("(ticket) => window.follow(ticket)", ticket)
        booked: dict[str, float] = await page.evaluate("() => window.beside.booked()")
    finally:
        await context.close()
    return [(start, end) for start, end in told["truth"]], booked


def _bundle(target: Path) -> None:
    """Their packages and the glue around them, as one script for the page."""
    folder = bring_node(*PEERS)
    esbuild = ROOT / "tracker" / "node_modules" / ".bin" / "esbuild"
    glue = ROOT / "bench" / "peers" / "accuracy" / "peers.js"
    env = {"NODE_PATH": str(folder / "node_modules"), "PATH": str(ROOT / ".venv" / "bin")}
    subprocess.run([esbuild, glue, "--bundle", "--format=iife", f"--outfile={target}"], check=True, env=env)


def _distinct_s(spans: list[Span]) -> float:
    return sum(end - start for start, end in union(spans)) / 1000
