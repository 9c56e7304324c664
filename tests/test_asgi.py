"""Pages are read in beside the door for batches: who asks for one meanwhile waits, and trouble stays visible."""

import asyncio
import logging
import threading
from typing import Any

import pytest

from playhead.asgi import App, Site

_LONG_S = 30.0


async def ask(site: Site) -> str:
    said: list[str] = []

    async def send(message: Any) -> None:
        said.append(message)

    async def receive() -> Any:
        raise AssertionError("nobody reads the request")

    await site({"type": "http"}, receive, send)
    return said[0]


def test_who_hangs_up_early_spoils_nothing_for_who_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    site, read_in, made = Site(), threading.Event(), []

    async def page(_scope: Any, _receive: Any, send: Any) -> None:
        await send("a page")

    def make() -> App:
        made.append(1)
        assert read_in.wait(_LONG_S)
        return page

    async def two_visitors() -> str:
        first, second = asyncio.create_task(ask(site)), asyncio.create_task(ask(site))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        read_in.set()
        return await second

    monkeypatch.setattr(site, "_make", make)
    assert asyncio.run(two_visitors()) == "a page"
    assert made == [1]


def test_pages_that_cannot_be_read_in_are_told_and_refused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_name: str) -> None:
        raise ImportError("a view is missing")

    monkeypatch.setattr("playhead.asgi.import_module", broken)
    with caplog.at_level(logging.ERROR), pytest.raises(ImportError, match="a view is missing"):
        asyncio.run(ask(Site()))
    assert "batches are taken, pages are not" in caplog.text
