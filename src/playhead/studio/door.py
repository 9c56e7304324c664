"""The way to the workbench: nobody gets to Streamlit, by HTTP or WebSocket, without a seat of their own."""

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool

from playhead.studio.seat import FindSeat, install, seat_of

PREFIX: Final = "/studio"
_SCRIPT: Final = Path(__file__).with_name("script.py")
_OPTIONS: Final = {
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "server.baseUrlPath": PREFIX.strip("/"),
    # The door compares Origin and Host itself: Streamlit knows only the names it was started with.
    "server.enableCORS": False,
    "server.enableXsrfProtection": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    # Not "theme.primaryColor": with it the page is light for everybody.
    "theme.light.primaryColor": "#2f7fcb",
    "theme.dark.primaryColor": "#7db4ea",
    "server.maxUploadSize": 1,
}
# What Streamlit's own page needs; nothing from, and nothing to, another host.
_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
)
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Studio:
    """An ASGI application for everything below `/studio`. `find` says who sits there, by the cookies; everybody else,
    and everybody where Streamlit is not installed, is led to the same address of the `site`, which says why."""

    def __init__(self, find: FindSeat, site: App) -> None:
        install(find)
        self._site = site
        self._app: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        seat = await run_in_threadpool(seat_of, cookies_of(headers.get("cookie", "")))
        may_enter = seat is not None and find_spec("streamlit") is not None
        if scope["type"] == "websocket":
            if not (may_enter and _same_origin(headers)):
                await receive()
                await send({"type": "websocket.close", "code": 1008})
                return
        elif not may_enter or scope["path"] == PREFIX:
            await self._site(scope, receive, send)
            return
        await self._streamlit()({**scope, "root_path": ""}, receive, _guarded(send))

    def _streamlit(self) -> Any:
        """Made when the first analyst comes: it takes a second, and some sites have none."""
        if self._app is None:
            from streamlit import config
            from streamlit.starlette import App

            # Streamlit has just given uvicorn's loggers handlers of its own: requests, and the tickets in their paths,
            # are written down nowhere.
            logging.getLogger("uvicorn.access").disabled = True
            for option, value in _OPTIONS.items():
                config.set_option(option, value)
            self._app = App(_SCRIPT)
        return self._app


def cookies_of(header: str) -> dict[str, str]:
    """Of a `Cookie` header; none where it cannot be read."""
    jar = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _same_origin(headers: dict[str, str]) -> bool:
    """A page of another site must not drive a person's studio: browsers say where a WebSocket comes from."""
    return urlsplit(headers.get("origin", "")).netloc == headers.get("host")


def _guarded(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [pair for pair in message.get("headers", []) if pair[0].lower() != b"content-security-policy"]
            headers += [
                (b"content-security-policy", _POLICY.encode()),
                (b"x-content-type-options", b"nosniff"),
                (b"referrer-policy", b"same-origin"),
            ]
            message = {**message, "headers": headers}
        await send(message)

    return cast("Send", guarded)
