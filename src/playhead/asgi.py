"""The server's composition root: the batches' door, media files and the site in one process, over one recorder.

That one is in the process beside (`beside`), under any other server than ours a thread of this one, or `playhead
collect`'s. What has to live where it writes comes with it (`keeping`); the postman, who sends what e-mail waits, is the
site's.
Batches are taken first: the site's pages are read in meanwhile, and who asks for one waits for that.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack
from importlib import import_module
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playhead.settings")

import django

django.setup()  # before anything that imports models

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from playhead.beside import recorder_of_site
from playhead.callbacks import endpoints
from playhead.collector.app import Collector
from playhead.collector.cross_origin import CrossOrigin
from playhead.collector.health import Health
from playhead.collector.metrics import Metrics
from playhead.keeping import keeping, settled
from playhead.lms.analysts import analyst_of
from playhead.lms.live import Hub
from playhead.lms.live_door import LiveDoor
from playhead.lms.postman import Postman
from playhead.lms.videos import asset_of, file_of
from playhead.media.files import MediaFiles
from playhead.media.hls import Hls
from playhead.media.shelf import Shelf
from playhead.media.store import store
from playhead.media.tus import Uploads
from playhead.recorder import service
from playhead.recorder.integrations import origins
from playhead.recorder.taking import Taking
from playhead.studio.door import Studio

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
logger = logging.getLogger(__name__)


class Site:
    """Django's pages, made in a thread once the server has started."""

    def __init__(self) -> None:
        self._made: asyncio.Future[App] | None = None

    def begin(self) -> "asyncio.Future[App]":
        if self._made is None:
            self._made = asyncio.get_running_loop().run_in_executor(None, self._make)
        return self._made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = await asyncio.shield(self.begin())  # for who comes next, too, when this one hangs up
        await app(scope, receive, send)

    def _make(self) -> App:
        try:
            handler = WSGIHandler()
            import_module(settings.ROOT_URLCONF)  # and all views with it
        except Exception:
            logger.exception("the site's pages could not be read in: batches are taken, pages are not")
            raise
        settled()
        # 8 threads: Django waits for SQLite and for password hashes more than it computes.
        return cast("App", WSGIMiddleware(cast("Any", handler), workers=8))


class Server:
    """One recorder, from startup to shutdown, and who is asked for which path."""

    def __init__(self, recorder: Taking) -> None:
        keys, metrics = service.ticket_keys(), Metrics()
        self._recorder = recorder
        self._hub = Hub(recorder.now_ms)
        health: App = Health(recorder, metrics)
        self.collector = Collector(recorder, keys, metrics)
        self._site = Site()
        studio: App = Studio(analyst_of, self._site)
        # The first whose path is asked for, or lies above it where it ends in a slash; all else is the site's.
        self._doors: tuple[tuple[str, App], ...] = (
            ("/v1/batches", CrossOrigin(self.collector, origins)),
            ("/media/", MediaFiles(keys, recorder.clock, file_of)),
            ("/hls/", Hls(recorder, keys, Shelf(asset_of), store(), accel=settings.PLAYHEAD_ACCEL)),
            ("/uploads/", Uploads()),
            ("/healthz", health),
            ("/readyz", health),
            ("/metrics", health),
            ("/live/", LiveDoor(self._hub)),
            ("/studio", studio),
            ("/studio/", studio),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._door(scope["path"])(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"].startswith("/studio/"):
            await self._door(scope["path"])(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    def stopping(self) -> None:
        """Called before the server waits for its last answers: what would not end by itself has to."""
        self._hub.close()

    def _door(self, path: str) -> App:
        for prefix, app in self._doors:
            if path == prefix or (prefix[-1] == "/" and path.startswith(prefix)):
                return app
        return self._site

    async def _live(self, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            await receive()
            try:
                stack.enter_context(keeping(self._recorder))
                stack.enter_context(endpoints.listening())
                stack.enter_context(Postman())
            except Exception as error:  # noqa: BLE001 - whatever it is, the server must not start, and say why
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await send({"type": "lifespan.startup.complete"})
            self._site.begin()
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


app = Server(recorder_of_site())
