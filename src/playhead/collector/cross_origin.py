"""Batches from the pages of other sites: those of a joined system may read their answers, no other page may.

A batch is `text/plain` without credentials, so browsers ask for no leave before it; what they hold back is the answer,
and a tracker without answers would send for ever. https://fetch.spec.whatwg.org/#http-cors-protocol
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from playhead.collector.answers import Message, Receive, Scope, Send, reply

App = Callable[[Scope, Receive, Send], Awaitable[None]]

_FRESH_S = 30  # an origin that was added or taken away counts within this time


class CrossOrigin:
    """An ASGI application around another. `origins` is asked in a thread: it may read a database."""

    def __init__(
        self, app: App, origins: Callable[[], frozenset[str]], *, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._origins = origins
        self._now_s = now_s
        self._known: frozenset[str] = frozenset()
        self._known_until_s = -1.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
        if origin is None or is_own(origin, _host(scope)):
            await self._app(scope, receive, send)
            return
        headers = [(b"vary", b"origin")]
        if await self._allows(origin.decode("latin-1")):
            headers.append((b"access-control-allow-origin", origin))
        if scope["method"] == "OPTIONS":
            asked = [(b"access-control-allow-methods", b"POST"), (b"access-control-allow-headers", b"content-type")]
            await reply(send, 204, b"", [*headers, *asked])
            return

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *headers]}
            await send(message)

        await self._app(scope, receive, answered)

    async def _allows(self, origin: str) -> bool:
        if self._now_s() >= self._known_until_s:
            self._known_until_s = self._now_s() + _FRESH_S
            self._known = await asyncio.to_thread(self._origins)
        return origin in self._known


def is_own(origin: bytes, host: bytes) -> bool:
    """Whether a page of this very address asks."""
    return origin.partition(b"://")[2] == host


def _host(scope: Scope) -> bytes:
    return next((value for name, value in scope["headers"] if name == b"host"), b"")
