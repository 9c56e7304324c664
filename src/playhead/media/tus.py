"""/uploads/{token}: a file in as many pieces as the connection allows: tus 1.0 (tus.io/protocols/resumable-upload).

How far an upload is, is the length of its file and nothing else: after a kill there is no second number to disagree,
and an offset is only answered once the bytes before it are on disk. It is begun elsewhere (`uploads.begin`), by whoever
may.
"""
# ruff: noqa: N818  errors are named as a sentence reads: see core/errors.py

import asyncio
import fcntl
import os
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, Final

import msgspec
from django.db import close_old_connections
from starlette.responses import Response

from playhead.core import limits
from playhead.core.errors import Conflict, Invalid, Missing, PlayheadError, StorageFull, TooLarge, TooMany, problem
from playhead.media import uploads
from playhead.media.models import Upload
from playhead.media.packer import incoming

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

VERSION: Final = "1.0.0"
_PIECE: Final = "application/offset+octet-stream"
_WRITE_BYTES: Final = 1024**2
_OF_ALL: Final = {"tus-resumable": VERSION, "cache-control": "no-store", "x-content-type-options": "nosniff"}
_ABILITIES: Final = {
    "tus-version": VERSION,
    "tus-extension": "creation,expiration,termination",
    "tus-max-size": str(limits.UPLOAD_BYTES),
}


class WrongVersion(PlayheadError):
    """The other side speaks another tus."""

    status = 412
    title = "Another version of tus"


class WrongKind(PlayheadError):
    """A piece must say that it is one."""

    status = 415
    title = "Not a piece of an upload"


class Uploads:
    """The ASGI application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            response = await self._answer(scope, headers, receive)
        except PlayheadError as error:
            more = _ABILITIES if isinstance(error, WrongVersion) else {}
            body = msgspec.json.encode(problem(error))
            response = Response(body, error.status, {**_OF_ALL, **more}, "application/problem+json")
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, headers: dict[str, str], receive: Receive) -> Response:
        method = (headers.get("x-http-method-override") or str(scope["method"])).upper()
        if method == "OPTIONS":
            return Response(status_code=204, headers={**_OF_ALL, **_ABILITIES})
        if headers.get("tus-resumable") != VERSION:
            raise WrongVersion("tus_version", f"This server speaks tus {VERSION}.")
        upload = await asyncio.to_thread(_find, scope["path"].removeprefix(uploads.PREFIX))
        match method:
            case "HEAD":
                return await self._where(upload)
            case "PATCH":
                return await self._take(upload, headers, receive)
            case "DELETE":
                await asyncio.to_thread(_give_up, upload)
                return Response(status_code=204, headers=_OF_ALL)
            case _:
                raise Missing("not_found", "There is nothing here.")

    async def _where(self, upload: Upload) -> Response:
        offset = await asyncio.to_thread(_offset, upload)
        if offset == upload.size_bytes:  # it was whole, and the server died before it could say so
            await asyncio.to_thread(_finish, upload)
        told = {"upload-offset": str(offset), "upload-length": str(upload.size_bytes), **_expiry(upload)}
        return Response(status_code=200, headers={**_OF_ALL, **told})

    async def _take(self, upload: Upload, headers: dict[str, str], receive: Receive) -> Response:
        if headers.get("content-type") != _PIECE:
            raise WrongKind("content_type", f"A piece is sent as {_PIECE}.")
        claimed = headers.get("upload-offset", "")
        if not claimed.isascii() or not claimed.isdigit():
            raise Invalid("upload_offset", "Upload-Offset says where the piece begins.")
        if upload.finished_at is not None:
            raise Conflict("upload_finished", "All of this upload is here already.")
        offset = await _append(upload, int(claimed), receive)
        if offset == upload.size_bytes:
            await asyncio.to_thread(_finish, upload)
        return Response(status_code=204, headers={**_OF_ALL, "upload-offset": str(offset), **_expiry(upload)})


async def _append(upload: Upload, claimed: int, receive: Receive) -> int:
    """Write the body at the end of the file; returns the file's length, once that is on disk.

    What arrived before the connection broke is kept. One piece at a time: the file is locked.
    """
    file = await asyncio.to_thread(_open, incoming(upload.asset))
    try:
        offset = await asyncio.to_thread(os.lseek, file, 0, os.SEEK_END)
        if offset != claimed:
            raise Conflict("upload_offset", f"The next piece begins at {offset}.", offset=offset)
        waiting, more = bytearray(), True
        while more:
            message = await receive()
            more = message["type"] == "http.request" and message.get("more_body", False)
            waiting += message.get("body", b"")
            if offset + len(waiting) > upload.size_bytes:
                raise TooLarge("upload_too_large", "This is more than what was announced.")
            if waiting and (len(waiting) >= _WRITE_BYTES or not more):
                await asyncio.to_thread(_write, file, bytes(waiting))
                offset += len(waiting)
                waiting.clear()
        return offset
    finally:
        await asyncio.to_thread(_close, file)


def _open(path: Path) -> int:
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND)
    except FileNotFoundError:
        raise Missing("no_such_upload", "This upload is gone. Begin it again.") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise TooMany("upload_busy", "Another piece of this upload is on its way.", retry_after_s=1) from None
    return file


def _write(file: int, content: bytes) -> None:
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(file, view) :]
    except OSError as full:
        raise StorageFull("storage_full", "The server has no space left.", retry_after_s=60) from full


def _close(file: int) -> None:
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _find(token: str) -> Upload:
    try:
        found = uploads.find(token)
    finally:
        close_old_connections()
    if found is None:
        raise Missing("no_such_upload", "This upload is gone. Begin it again.")
    return found


def _finish(upload: Upload) -> None:
    try:
        uploads.finish(upload)
    finally:
        close_old_connections()


def _give_up(upload: Upload) -> None:
    try:
        uploads.give_up(upload)
    finally:
        close_old_connections()


def _offset(upload: Upload) -> int:
    if upload.finished_at is not None:
        return upload.size_bytes
    try:
        return incoming(upload.asset).stat().st_size
    except FileNotFoundError:
        raise Missing("no_such_upload", "This upload is gone. Begin it again.") from None


def _expiry(upload: Upload) -> dict[str, str]:
    return {"upload-expires": upload.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT")}
