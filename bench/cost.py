"""What tracking costs the page while a video plays: share of one core, long tasks, errors, by the browser's profiler.

A player plays with the tracker sending to a real server, and nine seconds of that are sampled; the same page plays the
same without a tracker, and each goes first every other time (`PAIRS=5`, `PLAYED="videojs cloudinary"` for some alone).
A long task took 50 ms by the clock, waiting for a processor included: how much CPU time it had, the browser's trace
says, and how much of it was the tracker's, the profiler's samples in it.
"""

import asyncio
import os
from dataclasses import dataclass
from statistics import median
from typing import Final

from playwright.async_api import Browser, ConsoleMessage, Page, Route

from bench.kit.players import Place, place
from bench.kit.profiles import SAMPLE_US, Profile
from bench.kit.rows import Row
from bench.kit.traces import CATEGORIES, LONG_MS, LongTask, long_tasks
from tests.e2e.players.run import PLAYERS, chromium
from tests.e2e.players.stage import SITE

PLAYED: Final = os.environ["PLAYED"].split() if "PLAYED" in os.environ else list(PLAYERS)
PAIRS: Final = int(os.environ.get("PAIRS", "5"))
GOAL_PERCENT: Final = 1.0
# What of a long task may be the tracker's: a tenth of what makes one.
GOAL_PART_MS: Final = LONG_MS / 10
_SCRIPTS: Final = f"https://{SITE}/dist/"
_NO_TRACKER: Final = "export const track = () => ({ async flush() {}, stop() {} });"
# What starting and ending the profiler takes lies outside.
_SINCE: Final = "measured from here"
_UNTIL: Final = "measured up to here"
_SAY: Final = "(mark) => void performance.mark(mark)"


@dataclass(frozen=True, slots=True)
class Run:
    profile: Profile
    long_tasks: list[LongTask]
    errors: list[str]

    @property
    def ours_ms(self) -> float:
        """The most of one long task that was the tracker's."""
        return max((self.profile.inside_ms(task.start_us, task.end_us) for task in self.long_tasks), default=0)


def measure() -> list[Row]:
    with place() as here:
        return asyncio.run(_measure(here))


async def _measure(here: Place) -> list[Row]:
    rows: list[Row] = []
    async with chromium(here.stage.flags) as browser:
        for player in PLAYED:
            runs: dict[bool, list[Run]] = {True: [], False: []}
            for pair in range(PAIRS):
                # Whoever comes first finds the machine as it was left: so each does, by turns.
                for tracked in (True, False) if pair % 2 == 0 else (False, True):
                    ticket = here.student.open(here.video)[1] if tracked else ""
                    runs[tracked].append(await _run(browser, player, ticket, tracked=tracked))
            rows += rows_of(PLAYERS[player].title, runs[True], runs[False])
    return rows


def rows_of(title: str, tracked: list[Run], untracked: list[Run]) -> list[Row]:
    shares = [run.profile.percent for run in tracked]
    percent, longest_ms = median(shares), max(run.profile.longest_ms for run in tracked)
    worst = f"the worst of {PAIRS} runs {max(shares):.3f}"
    with_it, without = ([task.cpu_ms for run in runs for task in run.long_tasks] for runs in (tracked, untracked))
    busy, busy_without = (sum(cpu_ms >= LONG_MS for cpu_ms in tasks) for tasks in (with_it, without))
    most = f"at most {max(with_it, default=0):.1f} ms in one, without it {max(without, default=0):.1f}"
    part_ms = max(run.ours_ms for run in tracked)
    errors = [error for run in tracked for error in run.errors]
    share, more, part = f"< {GOAL_PERCENT:g}", f"<= {busy_without}, as without it", f"< {GOAL_PART_MS:g}"
    return [
        Row(f"{title}: tracking", round(percent, 3), "% of a core", share, percent < GOAL_PERCENT, worst),
        Row(f"{title}: longest at one go", round(longest_ms, 1), "ms"),
        Row(f"{title}: long tasks", len(with_it), "", peer=f"without the tracker {len(without)}"),
        Row(f"{title}: of these, long in CPU time", busy, "", more, busy <= busy_without, most),
        Row(f"{title}: most of one in the tracker", round(part_ms, 1), "ms", part, part_ms < GOAL_PART_MS),
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
        profile, trace = await _profiled(browser, page, ticket)
    finally:
        await context.close()
    return Run(profile, long_tasks(trace, _SINCE, _UNTIL), errors)


async def _no_tracker(route: Route) -> None:
    await route.fulfill(body=_NO_TRACKER, content_type="text/javascript")


def _error(said: ConsoleMessage) -> str:
    return f"{said.text} {said.location['url']}"


async def _profiled(browser: Browser, page: Page, ticket: str) -> tuple[Profile, bytes]:
    """The profile, and the trace of the same time. Loading and making the player is over after two seconds."""
    await page.evaluate("(ticket) => void window.follow(ticket)", ticket)
    await page.wait_for_timeout(2_000)
    session = await page.context.new_cdp_session(page)
    await session.send("Profiler.enable")
    await session.send("Profiler.setSamplingInterval", {"interval": SAMPLE_US})
    await browser.start_tracing(page=page, categories=list(CATEGORIES))
    await session.send("Profiler.start")
    await page.evaluate(_SAY, _SINCE)
    await page.wait_for_timeout(9_000)
    await page.evaluate(_SAY, _UNTIL)
    told = (await session.send("Profiler.stop"))["profile"]
    return Profile.of(told, _SCRIPTS), await browser.stop_tracing()
