"""The composition root of `playhead studio`: the workbench alone, for a machine of its own. It records nothing.

Behind the site's log-in it serves that log-in too, from the same accounts and sessions. Without one, everybody who
reaches the port sees every course: the command says so, and listens to this machine only.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playhead.settings")

from django.core.wsgi import get_wsgi_application

wsgi = get_wsgi_application()  # before anything that imports models

from a2wsgi import WSGIMiddleware

from playhead.lms.analysts import analyst_of, everybody
from playhead.studio.door import Studio

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# What of the site is served beside the studio: enough to come in and go out.
_OF_SITE: Final = ("/login/", "/logout/", "/static/", "/help/")
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Workbench:
    """`/studio/` and the way in; every other address leads to the studio."""

    def __init__(self, *, login: bool) -> None:
        self._login = login
        self._site = cast("App", WSGIMiddleware(cast("Any", wsgi), workers=4))
        self._studio = Studio(analyst_of if login else everybody, self._site)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif not self._login and not _is_here(scope):
            await _turn_away(scope, receive, send)
        elif path.startswith("/studio/") or path == "/studio":
            await self._studio(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})
        elif path.startswith(_OF_SITE):
            await self._site(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": 302, "headers": [(b"location", b"/studio/")]})
            await send({"type": "http.response.body", "body": b""})


def _is_here(scope: Scope) -> bool:
    """A page of another site can point a name of its own at this machine: without a log-in, the name has to be ours."""
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return (urlsplit(f"//{host}").hostname or "") in _HERE


async def _turn_away(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": 421, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"Open it by the address that it printed.\n"})


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
