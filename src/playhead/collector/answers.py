"""How the door's applications speak: plain ASGI messages, and problem documents for what is refused."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from playhead.core.errors import PROBLEM_CONTENT_TYPE, PlayheadError, Retryable, problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

encode = msgspec.json.Encoder().encode
_PROBLEM = (b"content-type", PROBLEM_CONTENT_TYPE.encode())


async def reply(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    headers += [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, error: PlayheadError) -> None:
    headers = [_PROBLEM]
    if isinstance(error, Retryable):
        headers.append((b"retry-after", str(error.retry_after_s).encode()))
    await reply(send, error.status, encode(problem(error)), headers)
