"""What tracking costs the page while a video plays: share of one core, long tasks, errors, by the browser's profiler.

A player plays with the tracker sending to a real server, and nine seconds of that are sampled. Time is the tracker's if
any frame of the stack is in its script, so what it calls is in it; a sample that comes late, because others had the
processor, counts for no more than ten in time. Long tasks are the page's, whoever made them: players have some.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, ConsoleMessage, Page

from bench.kit.rows import Row
from tests.e2e.players.run import LECTURE, PLAYERS, bring_clips, chromium
from tests.e2e.players.sessions import Student, video_key
from tests.e2e.players.stage import SITE, Stage, make_media
from tests.e2e.server import Server

MEASURED: Final = ("html5", "hlsjs", "videojs", "cloudinary", "vimeo", "youtube", "kollus")
GOAL_PERCENT: Final = 1.0
LONG_TASK_MS: Final = 50
_SAMPLE_US: Final = 500
_LATE_US: Final = 10 * _SAMPLE_US
_SCRIPTS: Final = f"https://{SITE}/dist/"
_LONG_TASKS = """() => {
  window.longTasks = [];
  const add = (list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration));
  new PerformanceObserver(add).observe({ type: "longtask" });
}"""


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> list[Row]:
    media, school = folder / "media", folder / "school"
    media.mkdir()
    bring_clips(school / "media")
    with Server(school) as server:
        server.enrol(["cora"])
        student, video = Student(server, "cora"), video_key(server, LECTURE)
        make_media(media, school / "media" / LECTURE)
        with Stage(media, playhead=server.address) as stage:
            async with chromium(stage.flags) as browser:
                rows = [await _rows(browser, player, student.open(video)[1]) for player in MEASURED]
    return [row for of_player in rows for row in of_player]


async def _rows(browser: Browser, player: str, ticket: str) -> list[Row]:
    context = await browser.new_context(ignore_https_errors=True)
    try:
        page = await context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(_error(said)) if said.type == "error" else None)
        await page.goto(f"https://{SITE}/pages/{player}.html?script=continuous")
        await page.wait_for_function("() => window.follow")
        profile, long_tasks = await _profiled(page, ticket)
    finally:
        await context.close()
    title, percent, longest_ms = PLAYERS[player].title, *_spent(profile)
    return [
        Row(f"{title}: tracking", percent, "% of a core", f"< {GOAL_PERCENT:g}", percent < GOAL_PERCENT),
        Row(f"{title}: longest at one go", longest_ms, "ms", f"< {LONG_TASK_MS}", longest_ms < LONG_TASK_MS),
        Row(f"{title}: long tasks of the page", len(long_tasks), ""),
        Row(f"{title}: errors in the console", len(errors), "", "0", not errors, "; ".join(errors)[:100]),
    ]


def _error(said: ConsoleMessage) -> str:
    return f"{said.text} {said.location['url']}"


async def _profiled(page: Page, ticket: str) -> tuple[dict[str, Any], list[float]]:
    """Loading and making the player is over after two seconds; then the profiler looks."""
    playing = asyncio.create_task(page.evaluate("(ticket) => window.follow(ticket)", ticket))
    await page.wait_for_timeout(2_000)
    session = await page.context.new_cdp_session(page)
    await session.send("Profiler.enable")
    await session.send("Profiler.setSamplingInterval", {"interval": _SAMPLE_US})
    await page.evaluate(_LONG_TASKS)
    await session.send("Profiler.start")
    await page.wait_for_timeout(9_000)
    profile = (await session.send("Profiler.stop"))["profile"]
    long_tasks: list[float] = await page.evaluate("() => window.longTasks")
    await playing
    return profile, long_tasks


def _spent(profile: dict[str, Any]) -> tuple[float, float]:
    """Percent of the profile's time with a frame of the tracker's on the stack, and the longest stretch of it in ms."""
    ours = _ours(profile)
    spent_us = stretch_us = longest_us = 0
    for sample, delta in zip(profile["samples"], profile["timeDeltas"], strict=True):
        took_us = min(delta, _LATE_US) if sample in ours else 0
        stretch_us = stretch_us + took_us if sample in ours else 0
        spent_us += took_us
        longest_us = max(longest_us, stretch_us)
    percent = 100 * spent_us / (profile["endTime"] - profile["startTime"])
    return round(percent, 3), round(longest_us / 1000, 1)


def _ours(profile: dict[str, Any]) -> set[int]:
    """The nodes of the call tree that are in the tracker's scripts, or below one that is."""
    nodes = {node["id"]: node for node in profile["nodes"]}
    ours: set[int] = set()
    stack = [(profile["nodes"][0]["id"], False)]
    while stack:
        number, inside = stack.pop()
        node = nodes[number]
        inside = inside or node["callFrame"]["url"].startswith(_SCRIPTS)
        if inside:
            ours.add(number)
        stack += [(child, inside) for child in node.get("children", [])]
    return ours
