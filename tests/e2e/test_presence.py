"""The question whether anybody is there, in a real page. When it comes is up to the server; here the test brings it."""

import asyncio
import json

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.test_accessibility import AXE, findings
from tests.e2e.watching import watcher

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]

_PAUSED = "() => document.querySelector('video').paused"


class Asking:
    """Adds a question to every answer until a batch brings its name back."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.prompt: str | None = None
        self.answered: list[str] = []

    async def start(self) -> None:
        await self.page.route("**/v1/batches", self._answer)

    async def _answer(self, route: Route) -> None:
        text = (route.request.post_data or "").partition("\n")[2]
        events = json.loads(text)["events"] if text else []
        self.answered += [event["prompt"] for event in events if event["type"] == "present"]
        response = await route.fetch()
        waits = self.prompt if self.prompt not in self.answered else None
        await route.fulfill(response=response, json={**await response.json(), "prompt": waits})

    async def heard(self, prompt: str) -> None:
        async with asyncio.timeout(30):
            while prompt not in self.answered:
                await self.page.wait_for_timeout(50)


def test_the_keyboard_answers_and_being_late_only_pauses(server: Server) -> None:
    server.enrol(["pia"])
    asyncio.run(_story(server))


async def _story(server: Server) -> None:
    async with browser() as running:
        student = await watcher(running, server, "pia")
        page, asking = student.page, Asking(student.page)
        await page.add_init_script(path=AXE)
        await page.clock.install()
        await asking.start()
        await student.open_video("Waves in one minute")
        question = page.get_by_role("alertdialog", name="Are you still there?")
        button = question.get_by_role("button", name="I am here")

        asking.prompt = "first"
        await student.play()
        await expect(button).to_be_focused(timeout=20_000)
        await page.keyboard.press("Enter")
        await asking.heard("first")
        await expect(question).to_have_count(0)
        assert not await page.evaluate(_PAUSED)

        asking.prompt = "second"
        await expect(button).to_be_focused(timeout=20_000)
        assert await findings(page) == []
        await page.clock.fast_forward(56_000)
        await expect(question).to_contain_text("Paused")
        assert await page.evaluate(_PAUSED)
        await page.keyboard.press("Escape")
        await asking.heard("second")
        await expect(question).to_have_count(0)
        async with asyncio.timeout(10):
            while await page.evaluate(_PAUSED):
                await page.wait_for_timeout(50)
        assert student.errors == []
