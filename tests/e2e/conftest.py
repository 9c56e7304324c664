"""A browser and a server for the tests that see the product as a person does."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.e2e.server import Server

if TYPE_CHECKING:
    from tests.e2e.players.stage import Stage

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]

expect.set_options(timeout=20_000)  # a busy machine takes its time: what is asked is whether, not how soon


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, headless."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield running
        finally:
            await running.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("school")) as running:
        yield running


@pytest.fixture(scope="module")
def stage(server: Server, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Stage]":
    """Other people's sites, and the makers of players, with the lecture at each of them."""
    from tests.e2e.players.run import LECTURE  # which take the browser's flags from here
    from tests.e2e.players.stage import Stage, make_media

    media = tmp_path_factory.mktemp("elsewhere")
    make_media(media, server.folder / "media" / LECTURE)
    with Stage(media, playhead=server.address) as running:
        yield running
