"""One attempt: a POST, and what came of it. Whatever a receiver does, this returns in time and holds little of it."""

import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpcore

from playhead import __version__
from playhead.callbacks.addresses import Rules, Target, parse
from playhead.callbacks.guard import BlockedError, Deadline, GuardedBackend, NotResolvedError, Resolve, resolve
from playhead.core import limits
from playhead.core.errors import Invalid

OK, GONE, BUSY, REDIRECT, REFUSED_BY_APP = "ok", "gone", "busy", "redirect", "status"
BLOCKED, NO_NAME, NO_WAY, REFUSED, BAD_TLS = "blocked", "no_name", "no_way", "refused", "bad_tls"
TOO_SLOW, NO_HTTP, TOO_LARGE = "too_slow", "no_http", "too_large"
OUTCOMES: Final = (
    OK, GONE, BUSY, REDIRECT, REFUSED_BY_APP, BLOCKED, NO_NAME, NO_WAY, REFUSED, BAD_TLS, TOO_SLOW, NO_HTTP, TOO_LARGE,
)  # fmt: skip
_SAID_BYTES: Final = 500
_CONNECT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt; `said` is the beginning of the answer's body, or what went wrong."""

    outcome: str
    status: int | None = None
    said: str = ""
    retry_after_ms: int | None = None
    took_ms: int = 0
    address: str = ""

    @property
    def ok(self) -> bool:
        return self.outcome == OK


@dataclass(frozen=True)
class Sender:
    """Sends by the rules. `resolve` and `trust` stand in for the name service and the certificates in tests.

    `answer_bytes`: how much of a good answer is read, where it says something; of others it is never more than a line.
    """

    rules: Rules
    timeout_s: float = limits.CALLBACK_TIMEOUT_S
    resolve: Resolve = resolve
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    now_s: Callable[[], float] = time.time
    answer_bytes: int = 0

    def post(self, url: str, *, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
        if len(body) > limits.CALLBACK_BODY_BYTES:
            return Answer(TOO_LARGE, said=f"{len(body)} bytes; a message has at most {limits.CALLBACK_BODY_BYTES}")
        try:
            target = parse(url, self.rules)
        except Invalid as refused:
            return Answer(BLOCKED, said=str(refused))
        began = time.monotonic()
        backend = GuardedBackend(self.rules, Deadline(began + self.timeout_s), self.resolve)
        answer = self._attempt(target, headers, body, backend)
        return replace(answer, took_ms=round((time.monotonic() - began) * 1000), address=backend.address)

    def _attempt(
        self, target: Target, headers: Sequence[tuple[str, str]], body: bytes, backend: GuardedBackend
    ) -> Answer:
        try:
            return self._exchange(target, headers, body, backend)
        except BlockedError as refused:
            return Answer(BLOCKED, said=str(refused))
        except NotResolvedError as error:
            return Answer(NO_NAME, said=str(error)[:_SAID_BYTES])
        except ssl.SSLError as error:
            return Answer(BAD_TLS, said=_tls_words(error))
        except httpcore.ConnectTimeout:
            return Answer(TOO_SLOW if "connected" in backend.reached else NO_WAY, said="no answer to the connection")
        except httpcore.ConnectError as error:
            return Answer(REFUSED if "refused" in str(error) else NO_WAY, said=str(error)[:_SAID_BYTES])
        except httpcore.TimeoutException:
            return Answer(TOO_SLOW, said=f"no complete answer within {self.timeout_s:g} s")
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            return Answer(NO_HTTP, said=(str(error) or "the connection broke off")[:_SAID_BYTES])

    def _exchange(
        self, target: Target, headers: Sequence[tuple[str, str]], body: bytes, backend: GuardedBackend
    ) -> Answer:
        host = f"[{target.host}]" if ":" in target.host else target.host
        usual = {"http": 80, "https": 443}[target.scheme]
        sent = [
            ("host", host if target.port == usual else f"{host}:{target.port}"),
            ("user-agent", f"Playhead/{__version__}"),
            ("content-length", str(len(body))),
            ("connection", "close"),
            *headers,
        ]
        url = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        times = {"connect": _CONNECT_S, "read": self.timeout_s, "write": self.timeout_s, "pool": self.timeout_s}
        with (
            httpcore.ConnectionPool(ssl_context=self.trust, network_backend=backend, retries=0) as pool,
            pool.stream("POST", url, headers=sent, content=body, extensions={"timeout": times}) as response,
        ):
            most = self.answer_bytes if 200 <= response.status < 300 else _SAID_BYTES
            said = _beginning(response, most) if most else b""
            return _judged(response, said, now_s=self.now_s())


def _beginning(response: httpcore.Response, most: int) -> bytes:
    """The first bytes of the body; what a receiver goes on sending is not read."""
    said = b""
    for part in response.iter_stream():
        said += part[:most]
        if len(said) >= most:
            break
    return said[:most]


def _judged(response: httpcore.Response, said: bytes, *, now_s: float) -> Answer:
    """2xx alone is success (Standard Webhooks 1.0); 410 means never again; a redirect is a failure."""
    status = response.status
    text = said.decode("utf-8", "replace").replace("\0", "")
    if 200 <= status < 300:
        return Answer(OK, status, text)
    if 300 <= status < 400:
        return Answer(REDIRECT, status, text)
    if status == 410:
        return Answer(GONE, status, text)
    headers = {name.lower(): value for name, value in response.headers}
    retry_after = _retry_after_ms(headers.get(b"retry-after", b""), now_s=now_s)
    return Answer(BUSY if status in {429, 502, 503, 504} else REFUSED_BY_APP, status, text, retry_after)


def _retry_after_ms(value: bytes, *, now_s: float) -> int | None:
    """Seconds, or a date (RFC 9110, 10.2.3)."""
    text = value.decode("ascii", "replace").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text) * 1000
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0, round((at - datetime.fromtimestamp(now_s, UTC)).total_seconds() * 1000))


def _tls_words(error: ssl.SSLError) -> str:
    said = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason
    return str(said or error)[:_SAID_BYTES]
