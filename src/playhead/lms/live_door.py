"""The door of the live view: server-sent events for who teaches the course, beside Django and not through it.

A reader holds a connection open for as long as the page is; Django's few threads are not for that.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest

from playhead.core.errors import PlayheadError
from playhead.lms.live import OVER, Class, Hub, class_for
from playhead.lms.models import User

PREFIX: Final = "/live/"
MOST_READERS: Final = 500
_LOOK_AGAIN_S: Final = 60.0
_STILL_THERE: Final = b": still there\n\n"
_STILL_THERE_S: Final = 15.0

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class LiveDoor:
    """An ASGI application for `/live/<course>/events`."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        course = scope["path"].removeprefix(PREFIX).removesuffix("/events")
        cookies = _cookies(scope["headers"])
        members = await asyncio.to_thread(seat, cookies, course)
        if members is None or self._hub.readers >= MOST_READERS:
            await _refuse(send, 403 if members is None else 503)
            return
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        queue = self._hub.join(course, members)
        hung_up = asyncio.ensure_future(_hung_up(receive))
        try:
            await self._tell(queue, hung_up, send, lambda: seat(cookies, course))
        finally:
            hung_up.cancel()
            self._hub.leave(course, queue)

    async def _tell(
        self,
        queue: "asyncio.Queue[bytes]",
        hung_up: "asyncio.Future[None]",
        send: Send,
        look_again: Callable[[], Class | None],
    ) -> None:
        """Until the reader hangs up or may no longer see it: a logged-out browser must not go on looking."""
        loop = asyncio.get_running_loop()
        looked_at = loop.time()
        while not hung_up.done():
            said = _STILL_THERE
            with contextlib.suppress(TimeoutError):
                said = await asyncio.wait_for(queue.get(), _STILL_THERE_S)
            if said == OVER:
                break
            if loop.time() - looked_at >= _LOOK_AGAIN_S:
                looked_at = loop.time()
                if await asyncio.to_thread(look_again) is None:
                    break
            if not hung_up.done():
                await send({"type": "http.response.body", "body": said, "more_body": True})
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


def seat(cookies: Mapping[str, str], course: str) -> Class | None:
    """Who may look, by the cookies of the site's own login: the class, or None for everybody else."""
    try:
        request = HttpRequest()
        engine = import_module(settings.SESSION_ENGINE)
        request.session = engine.SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
        user = get_user(request)
        return class_for(user, course) if isinstance(user, User) and user.is_active else None
    except PlayheadError:
        return None
    finally:
        close_old_connections()


def _cookies(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    try:
        kept = SimpleCookie(b"; ".join(value for name, value in headers if name == b"cookie").decode("latin-1"))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in kept.items()}


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
