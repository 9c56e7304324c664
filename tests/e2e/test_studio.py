"""The third source's dashboard, in a browser: its three pages over the demo's class and over real statements that were
imported, SQL, and what a logout does. That its figures are the teacher's is in tests/studio/test_pages.py."""

import asyncio
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.server import PASSWORD, Server
from tests.e2e.test_accessibility import AXE, findings
from tests.shared import STATEMENTS, WITHOUT_STATEMENTS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
PATIENCE_MS = 90_000  # Streamlit starts when the first analyst comes, and each answer is a process of its own

# Every figure of a video's page, under a heading of its own.
_DRAWN = """() => {
  const drawn = document.querySelectorAll('.js-plotly-plot').length;
  return drawn >= 4 && drawn === document.querySelectorAll('h3').length;
}"""


async def logged_in(page: Page, server: Server, who: str, to: str) -> None:
    await page.goto(server.address + to)
    await page.get_by_label("Username or e-mail address").fill(who)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()


async def turn_to(page: Page, name: str) -> None:
    await page.get_by_text(name, exact=True).first.click()


async def see(server: Server) -> tuple[list[str], list[str]]:
    """The addresses that were asked for beyond the server's own, and what axe finds grave on any page."""
    elsewhere: list[str] = []
    grave: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport={"width": 1280, "height": 1000})
        page = await context.new_page()
        await page.add_init_script(path=AXE)
        own = (server.address, server.address.replace("http", "ws"), "data:", "blob:")
        page.on("request", lambda one: None if one.url.startswith(own) else elsewhere.append(one.url))
        await logged_in(page, server, "alice", "/studio/")

        await expect(page.get_by_role("heading", name="Distribution of events")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=PATIENCE_MS)
        told = await page.get_by_text(re.compile(r"[\d,]+ events of \d+ types")).inner_text()
        assert int(told.split()[0].replace(",", "")) > 0

        grave += await findings(page)
        await turn_to(page, "Percent completed")
        await expect(page.get_by_text(re.compile(r"pairs of a student and a video"))).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=PATIENCE_MS)

        grave += await findings(page)
        await turn_to(page, "One video")
        await expect(page.get_by_role("heading", name="Viewers and views")).to_be_visible(timeout=PATIENCE_MS)
        await page.wait_for_function(_DRAWN, timeout=PATIENCE_MS)

        grave += await findings(page)
        await turn_to(page, "SQL")
        await page.get_by_role("button", name="Run").click()
        await expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE_MS)

        grave += await findings(page)
        # Logged out in another tab: the next run of the script knows.
        other = await context.new_page()
        await other.goto(server.address)
        await other.get_by_role("button", name="Log out").click()
        await other.wait_for_url("**/login/**")
        await turn_to(page, "Events")
        await expect(page.get_by_text("You are logged out")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_text("Distribution of events")).to_have_count(0)
        await browser.close()
    return elsewhere, grave


def test_the_third_sources_pages(server: Server) -> None:
    assert asyncio.run(see(server)) == ([], [])


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Server]:
    """A server whose whole class came from another system."""
    server = Server(tmp_path)
    playhead = str(Path(sys.executable).with_name("playhead"))
    for command in (["migrate"], ["import", "xapi", str(STATEMENTS)], ["admin", "ada", "--password", PASSWORD]):
        # The import's exit code says that statements contradict themselves: these do.
        subprocess.run([playhead, *command], env=server.environment, check=command[0] != "import", capture_output=True)
    server.start()
    yield server
    server.stop()


async def see_imported(server: Server) -> str:
    """The three pages, to somebody who may see them all; returns what is said over the histogram."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await (await browser.new_context(viewport={"width": 1280, "height": 1000})).new_page()
        await logged_in(page, server, "ada", "/studio/")
        # No player told anything here: the other system's events are in no journal of ours.
        await expect(page.get_by_text("No player has told anything yet.")).to_be_visible(timeout=PATIENCE_MS)
        await turn_to(page, "Percent completed")
        said = page.get_by_text(re.compile(r"pairs of a student and a video"))
        await expect(said).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=PATIENCE_MS)
        told = await said.inner_text()
        await turn_to(page, "One video")
        await expect(page.get_by_role("heading", name="Viewers and views")).to_be_visible(timeout=PATIENCE_MS)
        await page.wait_for_function(_DRAWN, timeout=PATIENCE_MS)
        await browser.close()
    return told


@pytest.mark.skipif(not STATEMENTS.is_file(), reason=WITHOUT_STATEMENTS)
def test_on_imported_statements(imported: Server) -> None:
    told = asyncio.run(see_imported(imported))
    with closing(sqlite3.connect(imported.folder / "site.sqlite3")) as site:
        asked = (
            "SELECT count(*) FROM lms_enrolment e JOIN lms_video v USING (course_id) "
            "WHERE e.role = 'student' AND v.duration_ms IS NOT NULL"
        )
        [(pairs,)] = site.execute(asked).fetchall()
    assert int(told.split()[0].replace(",", "")) == pairs > 1_000
