"""The shorter way of a batch: from uvicorn's parser to the recorder and back into the socket, past ASGI.

No scope, no task and no coroutine a request. Only the plain case goes here, which is nearly all of them: one whole POST
of a known length to the door's path, from a page of ours or from no page, on a connection that waits for nothing else.
Everything else is replayed to uvicorn as it came, and meets the same collector as an ASGI application.

While a batch waits for the disk its `Exchange` stands where uvicorn keeps the cycle of a request under way. So uvicorn
itself keeps back what is pipelined behind it, ends idle connections, and waits for it when it shuts down.
"""

import asyncio
import logging
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from playhead.collector.answers import NEVER_KEPT, Answer, Headers
from playhead.collector.app import MOST_BYTES, PATH, Collector, cut_off
from playhead.collector.cross_origin import is_own
from playhead.core.errors import PlayheadError
from playhead.recorder.operations import Recorded

_URL = PATH.encode()
_ODD = frozenset({b"expect", b"upgrade", b"transfer-encoding"})
_BROKEN = Answer(500, b"Internal Server Error", ((b"content-type", b"text/plain; charset=utf-8"),))


class BatchProtocol(HttpToolsProtocol):
    """uvicorn's protocol for an application that names a `collector`; for any other it is just uvicorn's."""

    cycle: "RequestResponseCycle | Exchange | None"  # type: ignore[assignment] # of the newest request, None before any

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._arriving: Exchange | None = None  # whose body is on its way
        logged = self.access_log and self.access_logger.isEnabledFor(logging.INFO)
        plain = not (logged or self.root_path or self.limit_concurrency)
        self._collector: Collector | None = getattr(self.app, "collector", None) if plain else None

    # What the parser tells

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self._collector is not None and self._is_plain():
            self.cycle = self._arriving = Exchange(self, self._collector, keep_alive=self.parser.should_keep_alive())
        else:
            self._replay()

    def on_body(self, body: bytes) -> None:
        if self._arriving is None:
            super().on_body(body)
        else:
            self._arriving.arrive(body)

    def on_message_complete(self) -> None:
        if self._arriving is None:
            super().on_message_complete()
        else:
            arrived, self._arriving = self._arriving, None
            arrived.hand_over()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._arriving is not None:
            arriving, self._arriving = self._arriving, None
            arriving.set_result(cut_off())
        super().connection_lost(exc)

    # What becomes of it

    def _is_plain(self) -> bool:
        if self.url != _URL or self.parser.get_method() != b"POST" or self.parser.get_http_version() != "1.1":
            return False
        if self.flow.write_paused or (self.cycle is not None and not self.cycle.response_complete):
            return False
        headers = dict(self.headers)
        if len(headers) != len(self.headers) or not _ODD.isdisjoint(headers):
            return False
        origin = headers.get(b"origin")
        return int(headers.get(b"content-length", MOST_BYTES + 1)) <= MOST_BYTES and (
            origin is None or is_own(origin, headers.get(b"host", b""))
        )

    def _replay(self) -> None:
        """Tell uvicorn what it has missed of this request."""
        url, headers = self.url, self.headers
        super().on_message_begin()
        super().on_url(url)
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()

    def write(self, answer: Answer, *, keep_alive: bool) -> None:
        if self.transport.is_closing():
            return  # nobody is there any more
        self.transport.write(_written(answer, self.server_state.default_headers, keep_alive=keep_alive))
        if not keep_alive:
            self.transport.close()
        self.on_response_complete()


class Exchange:
    """One batch, from its head to its answer. Has what uvicorn looks at in the cycle of a request under way."""

    __slots__ = ("_collector", "_parts", "_protocol", "disconnected", "keep_alive", "response_complete")

    message_event = asyncio.Event()  # rung when the connection is lost; nobody listens

    def __init__(self, protocol: BatchProtocol, collector: Collector, *, keep_alive: bool) -> None:
        self._protocol = protocol
        self._collector = collector
        self._parts: list[bytes] = []
        self.keep_alive = keep_alive  # uvicorn takes it back when it shuts down
        self.disconnected = self.response_complete = False

    def arrive(self, part: bytes) -> None:
        self._parts.append(part)

    def hand_over(self) -> None:
        """The body is whole. What is refused is answered once the parser is done with what has come, as all else is.

        No error may leave here: the parser would take it for a fault of the request.
        """
        try:
            self._collector.take(b"".join(self._parts), self)
        except PlayheadError as refused:
            self.get_loop().call_soon(self.set_result, refused)
        except Exception as error:  # noqa: BLE001 - see above
            self.get_loop().call_soon(self._break_off, error)

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._protocol.loop

    def done(self) -> bool:
        return self.response_complete

    def set_result(self, outcome: Recorded | PlayheadError, /) -> None:
        try:
            self._end(self._collector.answer(outcome))
        except Exception as error:  # noqa: BLE001 - the others of its group come after
            self._break_off(error)

    def _break_off(self, error: Exception) -> None:
        self._protocol.logger.error("Exception at the door of batches", exc_info=error)
        self.keep_alive = False
        self._end(_BROKEN)

    def _end(self, answer: Answer) -> None:
        self.response_complete = True
        self._protocol.write(answer, keep_alive=self.keep_alive)


def _written(answer: Answer, first: Iterable[tuple[bytes, bytes]], *, keep_alive: bool) -> bytes:
    """An answer as uvicorn writes it; `first` are the server's own headers."""
    length = b"content-length: %d\r\n" % len(answer.body)
    last = _NEVER_KEPT if keep_alive else _NEVER_KEPT_AND_LAST
    return b"".join(
        (STATUS_LINE[answer.status], _lines(tuple(first)), _lines(answer.headers), length, last, answer.body)
    )


@lru_cache(maxsize=32)  # answers differ in few headers, and the server's change once a second
def _lines(headers: Headers) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])


_NEVER_KEPT = _lines((NEVER_KEPT,)) + b"\r\n"
_NEVER_KEPT_AND_LAST = _lines((NEVER_KEPT, (b"connection", b"close"))) + b"\r\n"
