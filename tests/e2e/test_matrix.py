"""The matrix of 500 students and 60 videos scrolls without a long task: no step takes 50 ms of the processor."""

import asyncio
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from bench import pages
from bench.load import seeding
from bench.load.truth import database_of
from tests.e2e.conftest import browser
from tests.e2e.server import PASSWORD, Server
from tests.e2e.tour import page_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

# Run inside the folder's own process, as `bench.pages` does.
_SCHOOL = """
import django; django.setup()
from bench.pages import _school
import sys
course, teacher = _school()
teacher.set_password(sys.argv[1]); teacher.save()
print(course.key)
"""
# One frame of a quick scroll, two rows further down; for how long the page keeps itself busy in it: not at all, but for
# the planted fault.
_STEP = """async ([step, busy_ms]) => {
  const wrap = document.querySelector('.matrix-wrap');
  const end = performance.now() + busy_ms;
  wrap.scrollTo(step * 12, step * 68);
  while (performance.now() < end);
  await new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)));
  return wrap.scrollHeight;
}"""
LONG_MS = 50


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server over the large course, and the course's key."""
    folder = tmp_path_factory.mktemp("large")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "LINES", pages.STUDENTS)
        seeding.migrate(folder)
        pages._write_tracking(Path(database_of(folder)))
    server = Server(folder)
    command = [sys.executable, "-c", _SCHOOL, PASSWORD]
    told = subprocess.run(command, env=server.environment, check=True, capture_output=True, text=True)
    server.start()
    yield server, told.stdout.split()[-1]
    server.stop()


async def scrolled(page: Page, *, steps: int = 61, busy_ms: int = 0) -> list[float]:
    """How much of the processor the page's thread took for each step, in ms.

    Not how long it took: on a machine that does other things too, everything takes long.
    """
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})

    async def spent_ms() -> float:
        told = await session.send("Performance.getMetrics")
        return next(float(one["value"]) for one in told["metrics"] if one["name"] == "TaskDuration") * 1000

    taken, before_ms = [], await spent_ms()
    for step in range(steps):
        height = await page.evaluate(_STEP, [step, busy_ms])
        assert height > 15_000, "all of it is there"
        now_ms = await spent_ms()
        taken.append(now_ms - before_ms)
        before_ms = now_ms
    return taken


def test_no_long_task_while_scrolling(large: tuple[Server, str]) -> None:
    server, course = large

    async def story() -> tuple[list[float], list[float]]:
        async with browser() as running, page_of(running, server, "teacher") as page:
            await page.goto(f"{server.address}/courses/{course}/")
            return await scrolled(page), await scrolled(page, steps=8, busy_ms=400)

    taken, planted = asyncio.run(story())
    assert statistics.median(taken) < LONG_MS
    assert statistics.median(planted) > LONG_MS, "the planted fault: a page that is busy at every step"
