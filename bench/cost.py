"""What tracking costs the page while a video plays: share of one core, long tasks, errors, by the browser's profiler.

A player plays with the tracker sending to a real server, and nine seconds of that are sampled; then the same page plays
the same without a tracker, by turns (`PAIRS=5`, `PLAYED="videojs cloudinary"` for some alone). A long task says only
that the page was busy, or waited for the processor, for 50 ms; how long it had the processor, the browser's trace says,
and how much of it was the tracker's, the samples in it.
"""

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from playwright.async_api import Browser, ConsoleMessage, Page, Route

from bench.kit.profiles import SAMPLE_US, Profile
from bench.kit.rows import Row
from bench.kit.traces import CATEGORIES, LongTask, long_tasks
from tests.e2e.players.run import LECTURE, PLAYERS, bring_clips, chromium
from tests.e2e.players.sessions import Student, video_key
from tests.e2e.players.stage import SITE, Stage, make_media
from tests.e2e.server import Server

PLAYED: Final = os.environ.get("PLAYED", "html5 hlsjs videojs cloudinary vimeo youtube kollus").split()
PAIRS: Final = int(os.environ.get("PAIRS", "5"))
GOAL_PERCENT: Final = 1.0
# What of a long task may be the tracker's: a tenth of one.
GOAL_PART_MS: Final = 5
LONG_MS: Final = 50
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
    def ours_ms(self) -> list[float]:
        """What of each long task was the tracker's."""
        return [self.profile.inside_ms(task.start_us, task.end_us) for task in self.long_tasks]

    @property
    def worked_ms(self) -> list[float]:
        """For how much of each the page had a processor."""
        return [task.worked_us / 1000 for task in self.long_tasks]


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
                    runs: dict[bool, list[Run]] = {True: [], False: []}
                    for pair in range(PAIRS):
                        # Whoever comes first finds the machine as it was left: so each does, by turns.
                        for tracked in (True, False) if pair % 2 == 0 else (False, True):
                            ticket = student.open(video)[1] if tracked else ""
                            runs[tracked].append(await _run(browser, player, ticket, tracked=tracked))
                    rows += _rows(PLAYERS[player].title, runs[True], runs[False])
    return rows


def _rows(title: str, with_it: list[Run], without: list[Run]) -> list[Row]:
    shares = [run.profile.percent for run in with_it]
    percent, longest_ms = median(shares), max(run.profile.longest_ms for run in with_it)
    ours_ms = [ms for run in with_it for ms in run.ours_ms]
    worked_ms, plain_ms = ([ms for run in runs for ms in run.worked_ms] for runs in (with_it, without))
    most_ms, longest_work_ms = max(ours_ms, default=0.0), max(worked_ms, default=0.0)
    errors = [error for run in with_it for error in run.errors]
    beside = f"without the tracker {len(plain_ms)}; {PAIRS} runs each"
    plain = f"without the tracker {max(plain_ms, default=0.0):.1f}"
    worst = f"the worst of {PAIRS} runs {max(shares):.3f}"
    share, part, work = f"< {GOAL_PERCENT:g}", f"< {GOAL_PART_MS}", f"< {LONG_MS}"
    return [
        Row(f"{title}: tracking", round(percent, 3), "% of a core", share, percent < GOAL_PERCENT, worst),
        Row(f"{title}: longest at one go", round(longest_ms, 1), "ms"),
        Row(f"{title}: long tasks of the page, by the clock", len(worked_ms), "", peer=beside),
        Row(f"{title}: most work in one", round(longest_work_ms, 1), "ms", work, longest_work_ms < LONG_MS, plain),
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
