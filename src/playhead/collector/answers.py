"""How the door's applications speak: answers, problem documents for what is refused, and both as ASGI messages."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, NamedTuple

import msgspec

from playhead.core.errors import PROBLEM_CONTENT_TYPE, PlayheadError, Retryable, problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

_encode = msgspec.json.Encoder().encode
_PROBLEM = (b"content-type", PROBLEM_CONTENT_TYPE.encode())
NEVER_KEPT = (b"cache-control", b"no-store")


class Answer(NamedTuple):
    """`headers` without its length, and without what stands with every answer: that nobody may keep it."""

    status: int
    body: bytes
    headers: Headers


def refusal(error: PlayheadError) -> Answer:
    headers: Headers = (_PROBLEM,)
    if isinstance(error, Retryable):
        headers = (_PROBLEM, (b"retry-after", b"%d" % error.retry_after_s))
    return Answer(error.status, _encode(problem(error)), headers)


async def reply(send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
    whole = [*headers, (b"content-length", b"%d" % len(body)), NEVER_KEPT]
    await send({"type": "http.response.start", "status": status, "headers": whole})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, error: PlayheadError) -> None:
    await reply(send, *refusal(error))
