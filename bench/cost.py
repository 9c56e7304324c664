"""What tracking costs the page while a video plays: share of one core, long tasks, errors, by the browser's profiler.

A player plays with the tracker sending to a real server, and nine seconds of that are sampled; then the same page plays
the same without a tracker, by turns (`PAIRS=5`, `PLAYED="videojs cloudinary"` for some alone). A long task says only
that the page was busy, or waited for the processor, for 50 ms; how much of it was the tracker's, the samples in it say.
"""

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from playwright.async_api import Browser, CDPSession, ConsoleMessage, Page, Route

from bench.kit.profiles import SAMPLE_US, Profile
from bench.kit.rows import Row
from tests.e2e.players.run import LECTURE, PLAYERS, bring_clips, chromium
from tests.e2e.players.sessions import Student, video_key
from tests.e2e.players.stage import SITE, Stage, make_media
from tests.e2e.server import Server

PLAYED: Final = os.environ.get("PLAYED", "html5 hlsjs videojs cloudinary vimeo youtube kollus").split()
PAIRS: Final = int(os.environ.get("PAIRS", "5"))
GOAL_PERCENT: Final = 1.0
# What of a long task may be the tracker's: a tenth of one.
GOAL_PART_MS: Final = 5
_SCRIPTS: Final = f"https://{SITE}/dist/"
_NO_TRACKER: Final = "export const track = () => ({ async flush() {}, stop() {} });"
_LONG_TASKS = """() => {
  window.longTasks = [];
  const span = ({ startTime, duration }) => [startTime, duration];
  const add = (list) => window.longTasks.push(...list.getEntries().map(span));
  new PerformanceObserver(add).observe({ type: "longtask" });
}"""


@dataclass(frozen=True, slots=True)
class Run:
    """`parts_ms`: what of each long task was the tracker's."""

    percent: float
    longest_ms: float
    parts_ms: list[float]
    errors: list[str]


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> list[Row]:
    media, school = folder / "media", folder / "school"
    media.mkdir()
    bring_clips(school / "media")
    rows: list[Row] = []
    with Server(school) as server:
        server.enrol(["cora"])
        student, video = Student(server, "cora"), video_key(server, LECTURE)
        make_media(media, school / "media" / LECTURE)
        with Stage(media, playhead=server.address) as stage:
            async with chromium(stage.flags) as browser:
                for player in PLAYED:
                    with_it: list[Run] = []
                    without: list[Run] = []
                    for _pair in range(PAIRS):
                        with_it.append(await _run(browser, player, student.open(video)[1], tracked=True))
                        without.append(await _run(browser, player, "", tracked=False))
                    rows += _rows(PLAYERS[player].title, with_it, without)
    return rows


def _rows(title: str, with_it: list[Run], without: list[Run]) -> list[Row]:
    percent, longest_ms = median(run.percent for run in with_it), max(run.longest_ms for run in with_it)
    parts_ms = [part for run in with_it for part in run.parts_ms]
    most_ms = max(parts_ms, default=0.0)
    errors = [error for run in with_it for error in run.errors]
    beside = f"without the tracker {sum(len(run.parts_ms) for run in without)}; {PAIRS} runs each"
    worst = f"the worst of {PAIRS} runs {max(run.percent for run in with_it):.3f}"
    share, part = f"< {GOAL_PERCENT:g}", f"< {GOAL_PART_MS}"
    return [
        Row(f"{title}: tracking", round(percent, 3), "% of a core", share, percent < GOAL_PERCENT, worst),
        Row(f"{title}: longest at one go", round(longest_ms, 1), "ms"),
        Row(f"{title}: long tasks of the page", len(parts_ms), "", peer=beside),
        Row(f"{title}: most of one that was ours", round(most_ms, 1), "ms", part, most_ms < GOAL_PART_MS),
        Row(f"{title}: errors in the console", len(errors), "", "0", not errors, "; ".join(errors)[:100]),
    ]


async def _run(browser: Browser, player: str, ticket: str, *, tracked: bool) -> Run:
    context = await browser.new_context(ignore_https_errors=True)
    try:
        page = await context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(_error(said)) if said.type == "error" else None)
        if not tracked:
            await page.route(f"{_SCRIPTS}playhead.mjs", _no_tracker)
        await page.goto(f"https://{SITE}/pages/{player}.html?script=continuous")
        await page.wait_for_function("() => window.follow")
        profile, long_tasks = await _profiled(page, ticket)
    finally:
        await context.close()
    parts_ms = [profile.inside_ms(start, end) for start, end in long_tasks]
    return Run(profile.percent, profile.longest_ms, parts_ms, errors)


async def _no_tracker(route: Route) -> None:
    await route.fulfill(body=_NO_TRACKER, content_type="text/javascript")


def _error(said: ConsoleMessage) -> str:
    return f"{said.text} {said.location['url']}"


async def _profiled(page: Page, ticket: str) -> tuple[Profile, list[tuple[float, float]]]:
    """The profile, and from when to when in its own time each long task lasted.

    Loading and making the player is over after two seconds; then the profiler looks.
    """
    await page.evaluate("(ticket) => void window.follow(ticket)", ticket)
    await page.wait_for_timeout(2_000)
    session = await page.context.new_cdp_session(page)
    await session.send("Profiler.enable")
    await session.send("Profiler.setSamplingInterval", {"interval": SAMPLE_US})
    await page.evaluate(_LONG_TASKS)
    await session.send("Profiler.start")
    await page.wait_for_timeout(9_000)
    told = (await session.send("Profiler.stop"))["profile"]
    zero_us = await _zero_us(session)
    tasks: list[tuple[float, float]] = await page.evaluate("() => window.longTasks")
    spans = [(zero_us + start * 1000, zero_us + (start + lasted) * 1000) for start, lasted in tasks]
    return Profile.of(told, _SCRIPTS), spans


async def _zero_us(session: CDPSession) -> float:
    """The page's `performance.now() == 0` on the clock of the profiler."""
    await session.send("Performance.enable")
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return next(float(metric["value"]) for metric in metrics if metric["name"] == "NavigationStart") * 1e6
