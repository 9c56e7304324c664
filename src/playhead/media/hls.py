"""GET /hls/{ticket}/...: a packaged video, piece by piece, to whoever holds the ticket of a playback that is open.

The ticket is in the path because a player can send no headers; all other addresses are relative to it. Nothing is
answered from what was true before: each playlist, key and picture asks for the playback's state, each segment is noted
as delivered, by the recorder and before its first byte leaves, and refused where that is refused.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final

import msgspec
from django.db import close_old_connections
from starlette.responses import Response

from playhead.core.errors import Missing, PlayheadError, Retryable, problem
from playhead.core.tickets import Ticket, TicketKeys, check_time, read
from playhead.media import playlists, texts
from playhead.media.gate import Pass, check_live
from playhead.media.keys import unseal
from playhead.media.pacing import Pacing
from playhead.media.segments import Segment, group_of
from playhead.media.shelf import Packaged, Shelf
from playhead.media.store import Store
from playhead.recorder.operations import Deliver
from playhead.recorder.taking import Taking

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX: Final = "/hls/"
_HEADERS: Final = {
    "cache-control": "private, no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_SEGMENT: Final = re.compile(r"([a-z0-9]{1,16})/([0-9]{1,6})\.ts")
_KEY: Final = re.compile(r"([a-z0-9]{1,16})/([0-9]{1,6})\.key")
_PLAYLIST: Final = re.compile(r"([a-z0-9]{1,16})\.m3u8")
_PICTURE: Final = re.compile(r"(poster|board-[0-9]{1,3})\.jpg")
_CAPTIONS: Final = re.compile(r"captions/([A-Za-z0-9-]{1,16})\.vtt")
_RANGE: Final = re.compile(r"bytes=([0-9]*)-([0-9]*)")
_TICKETS_KEPT: Final = 10_000
_KIND: Final = "video/mp2t"


class Hls:
    """The ASGI application. `accel` is nginx's internal location of the store, empty where we send the bytes."""

    def __init__(self, recorder: Taking, keys: TicketKeys, shelf: Shelf, store: Store, *, accel: str = "") -> None:
        self._recorder = recorder
        self._keys = keys
        self._shelf = shelf
        self._store = store
        self._accel = accel.rstrip("/")
        self._pacing = Pacing()
        self._tickets: dict[str, Ticket] = {}
        self._rates: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] not in {"GET", "HEAD"}:
                raise Missing("not_found", "There is nothing here.")
            token, _slash, name = scope["path"].removeprefix(PREFIX).partition("/")
            ticket = self._verified(token)
            if segment := _SEGMENT.fullmatch(name):
                response = await self._segment(ticket, segment[1], int(segment[2]), scope)
            else:
                response = await asyncio.to_thread(self._other, ticket, name)
        except PlayheadError as error:
            more = {"retry-after": str(error.retry_after_s)} if isinstance(error, Retryable) else {}
            body = msgspec.json.encode(problem(error))
            response = Response(body, error.status, {**_HEADERS, **more}, "application/problem+json")
        await response(scope, receive, send)

    def _verified(self, token: str) -> Ticket:
        ticket = self._tickets.get(token)
        if ticket is None:
            ticket = read(token, keys=self._keys)
            if len(self._tickets) >= _TICKETS_KEPT:
                self._tickets.pop(next(iter(self._tickets)))
            self._tickets[token] = ticket
        check_time(ticket, now_s=self._recorder.now_ms() // 1000)
        return ticket

    # --- Segments.

    async def _segment(self, ticket: Ticket, rendition: str, number: int, scope: Scope) -> Response:
        max_rate, packaged = await asyncio.to_thread(self._terms, ticket)
        segments = packaged.segments.get(rendition, ())
        if number >= len(segments):
            raise Missing("not_found", "There is no such segment.")
        start_ms, end_ms, size_bytes, _iv = segments[number]
        if scope["method"] == "HEAD":
            await asyncio.to_thread(self._ask_live, ticket)
            told = {"content-length": str(size_bytes), "accept-ranges": "bytes"}
            return Response(headers={**_HEADERS, **told}, media_type=_KIND)
        now_ms = self._recorder.now_ms()
        self._pacing.take(ticket.playback, end_ms - start_ms, max_rate=max_rate, now_ms=now_ms)
        await self._recorder.record(Deliver(ticket.viewer, ticket.playback, start_ms, end_ms, now_ms))
        name = f"{packaged.lock.asset}/{rendition}/{number}.ts"
        if link := self._store.link(name):
            return Response(status_code=302, headers={**_HEADERS, "location": link})
        if self._accel:
            return Response(headers={**_HEADERS, "x-accel-redirect": f"{self._accel}/{name}"}, media_type=_KIND)
        return _sliced(await asyncio.to_thread(self._store.read, name), _header(scope, b"range"))

    def _terms(self, ticket: Ticket) -> tuple[int, Packaged]:
        """What never changes about a playback is asked once; whether it is open, the recorder is asked each time."""
        try:
            if ticket.playback not in self._rates:
                if len(self._rates) >= _TICKETS_KEPT:
                    self._rates.pop(next(iter(self._rates)))
                self._rates[ticket.playback] = self._live(ticket).max_rate
            return self._rates[ticket.playback], self._shelf.packaged(ticket.video)
        finally:
            close_old_connections()

    # --- All else.

    def _other(self, ticket: Ticket, name: str) -> Response:
        try:
            return self._piece(self._live(ticket), name)
        finally:
            close_old_connections()

    def _ask_live(self, ticket: Ticket) -> None:
        try:
            self._live(ticket)
        finally:
            close_old_connections()

    def _live(self, ticket: Ticket) -> Pass:
        return check_live(ticket, now_ms=self._recorder.now_ms())

    def _piece(self, allowed: Pass, name: str) -> Response:
        video = allowed.video
        packaged = self._shelf.packaged(video)
        if name == "master.m3u8":
            return _text(playlists.master(packaged.variants), playlists.CONTENT_TYPE)
        if name == "storyboard.vtt" and packaged.boards:
            size, every_ms = packaged.board_size, packaged.board_every_ms
            board = texts.storyboard(duration_ms=packaged.duration_ms, every_ms=every_ms, size=size)
            return _text(board, texts.CONTENT_TYPE)
        if name == "chapters.vtt":
            listed = self._shelf.asset(video).chapters
            return _text(texts.chapters(listed, duration_ms=packaged.duration_ms), texts.CONTENT_TYPE)
        if found := _CAPTIONS.fullmatch(name):
            return _text(self._shelf.captions(video, found[1]), texts.CONTENT_TYPE)
        if found := _PICTURE.fullmatch(name):
            return self._picture(video, packaged, found[1])
        if (found := _PLAYLIST.fullmatch(name)) and found[1] in packaged.segments:
            segments = _up_to(packaged.segments[found[1]], allowed.part_end_ms)
            return _text(playlists.media(found[1], segments), playlists.CONTENT_TYPE)
        if (found := _KEY.fullmatch(name)) and int(found[2]) <= group_of(len(packaged.segments.get(found[1], ())) - 1):
            return Response(packaged.key(found[1], int(found[2])), 200, _HEADERS, "application/octet-stream")
        raise Missing("not_found", "There is nothing here.")

    def _picture(self, video: str, packaged: Packaged, name: str) -> Response:
        kept = f"still-{self._shelf.asset(video).poster}" if name == "poster" else name
        sealed = self._store.read(f"{packaged.lock.asset}/{kept}")
        return Response(unseal(sealed, packaged.lock.picture_key(kept)), 200, _HEADERS, "image/jpeg")


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def _up_to(segments: Sequence[Segment], end_ms: int | None) -> Sequence[Segment]:
    """A player fetches ahead what it is told of: what lies behind the allowed part is not in its playlist."""
    return [one for one in segments if one.start_ms < end_ms] or segments[:1] if end_ms is not None else segments


def _text(text: str, kind: str) -> Response:
    return Response(text, 200, _HEADERS, kind)


def _sliced(content: bytes, asked: str | None) -> Response:
    """All of it, or the one range that was asked for (RFC 9110 section 14.1.2); a range we do not read is ignored."""
    headers = {**_HEADERS, "accept-ranges": "bytes"}
    match = _RANGE.fullmatch(asked or "")
    if match is None or not any(match.groups()):
        return Response(content, 200, headers, _KIND)
    size = len(content)
    first = int(match[1]) if match[1] else max(0, size - int(match[2]))
    last = min(size - 1, int(match[2])) if match[1] and match[2] else size - 1
    if first > last:
        return Response(b"", 416, {**headers, "content-range": f"bytes */{size}"})
    headers["content-range"] = f"bytes {first}-{last}/{size}"
    return Response(content[first : last + 1], 206, headers, _KIND)
