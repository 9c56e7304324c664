"""GET /media/{ticket}/{name}: a video that lies as a file on this machine, to whoever holds its ticket, with ranges.

The ticket is in the path, because a `<video>` cannot send headers. It is checked on every request together with the
live state of its playback: after logout or unenrolment the next request is refused.
"""

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import msgspec
from starlette.responses import FileResponse, Response

from playhead.core.errors import Forbidden, Missing, PlayheadError, problem
from playhead.core.tickets import Ticket, TicketKeys, verify
from playhead.recorder.clock import Clock
from playhead.recorder.models import Playback

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_HEADERS = {"cache-control": "private, no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


class MediaFiles:
    """The ASGI application. `file_of` tells which file a video's key stands for, or None."""

    def __init__(self, keys: TicketKeys, clock: Clock, file_of: Callable[[str], Path | None]) -> None:
        self._keys = keys
        self._clock = clock
        self._file_of = file_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response: Response
        try:
            path = await self._allowed(scope)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            response = FileResponse(path, media_type=kind, headers=_HEADERS)
        except PlayheadError as error:
            body = msgspec.json.encode(problem(error))
            response = Response(body, error.status, _HEADERS, "application/problem+json")
        await response(scope, receive, send)

    async def _allowed(self, scope: Scope) -> Path:
        token, _slash, name = scope["path"].removeprefix("/media/").partition("/")
        if scope["method"] not in {"GET", "HEAD"}:
            raise Missing("not_found", "There is nothing here.")
        ticket = verify(token, keys=self._keys, now_s=self._clock.now_ms() // 1000)
        path = await asyncio.to_thread(self._open_file, ticket)
        if path is None or path.name != name:
            raise Missing("not_found", "There is no such file.")
        return path

    def _open_file(self, ticket: Ticket) -> Path | None:
        playback = Playback.objects.filter(key=ticket.playback, video=ticket.video, closed_at=None)
        if not playback.exists():
            raise Forbidden("playback_closed", "This playback was closed.")
        path = self._file_of(ticket.video)
        return path if path is not None and path.is_file() else None
