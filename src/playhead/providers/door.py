"""The way to a provider: https to checked addresses only, no redirects, one deadline, and every refusal in words.

Neither an address nor a header ever gets into an error: they hold the account's credentials.
"""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

import httpcore

from playhead import __version__
from playhead.callbacks.addresses import Rules, Target, parse
from playhead.callbacks.guard import BlockedError, Deadline, GuardedBackend, NotResolvedError, Resolve, resolve
from playhead.core import limits
from playhead.core.errors import Conflict, Invalid, Missing, PlayheadError, TooMany, Unavailable

_SAID_CHARS: Final = 300
_CONNECT_S: Final = 5.0
_BUSY: Final = frozenset({420, 429})
_GONE: Final = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer, and its body as JSON; an empty body is {}."""

    status: int
    headers: Mapping[str, str]
    body: Any


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """Reading the machine's certificates takes longer than many an answer."""
    return ssl.create_default_context()


Said = Callable[[Any], str]
"""Takes what went wrong, in the provider's own words, out of the body of an answer."""


@dataclass(frozen=True)
class Door:
    """Asks one provider. `name` is what it is called in words; `said` finds its words in its answers, `reset` is the
    header in which it says when it takes requests again, where it has one beside Retry-After."""

    name: str
    rules: Rules
    said: Said
    reset: str = ""
    is_full: Callable[[Any], bool] = lambda _body: False
    resolve: Resolve = resolve
    trust: ssl.SSLContext = field(default_factory=_trust)
    now_s: Callable[[], float] = time.time
    timeout_s: float = limits.PROVIDER_TIMEOUT_S

    def ask(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json_body: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> Reply:
        """Raises Conflict (`provider_token`, `provider_full`), Missing (`provider_gone`), TooMany (`provider_busy`),
        Unavailable (`provider_away`) or Invalid (`provider_refused`)."""
        target = parse(url + (f"?{urlencode(query)}" if query else ""), self.rules)
        body, kind = _body(json_body, form)
        sent = {"user-agent": f"Playhead/{__version__}", "accept": "application/json", **kind, **(headers or {})}
        try:
            return self._judged(*self._exchange(method, target, sent, body))
        except BlockedError:
            raise Invalid("provider_blocked", f"{self.name}'s address leads to where requests do not go.") from None
        except NotResolvedError:
            raise self._away("its name is not known") from None
        except ssl.SSLError:
            raise self._away("its certificate is not good") from None
        except httpcore.TimeoutException:
            raise self._away(f"no whole answer within {self.timeout_s:g} s") from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise self._away("the connection broke off") from None

    def _exchange(
        self, method: str, target: Target, sent: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        backend = GuardedBackend(self.rules, Deadline(time.monotonic() + self.timeout_s), self.resolve)
        usual = {"http": 80, "https": 443}[target.scheme]
        host = target.host if target.port == usual else f"{target.host}:{target.port}"
        headers = [("host", host), ("content-length", str(len(body))), ("connection", "close"), *sent.items()]
        url = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        times = {"connect": _CONNECT_S, "read": self.timeout_s, "write": self.timeout_s, "pool": self.timeout_s}
        with (
            httpcore.ConnectionPool(ssl_context=self.trust, network_backend=backend, retries=0) as pool,
            pool.stream(method, url, headers=headers, content=body, extensions={"timeout": times}) as response,
        ):
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return response.status, told, self._beginning(response)

    def _beginning(self, response: httpcore.Response) -> bytes:
        said = b""
        for part in response.iter_stream():
            said += part
            if len(said) > limits.PROVIDER_ANSWER_BYTES:
                raise self._away("its answer is larger than any should be")
        return said

    def _judged(self, status: int, headers: dict[str, str], raw: bytes) -> Reply:
        body = _json(raw)
        if 200 <= status < 300:
            if body is None:
                raise self._away("its answer is no JSON")
            return Reply(status, headers, body)
        raise self._refusal(status, headers, body)

    def _refusal(self, status: int, headers: dict[str, str], body: Any) -> PlayheadError:
        words = self._words(body)
        if status in _BUSY:
            wait_s = self._wait_s(headers)
            return TooMany(
                "provider_busy", f"{self.name} takes no more requests for {wait_s} s.{words}", retry_after_s=wait_s
            )
        if status == 402 or self.is_full(body):
            return Conflict("provider_full", f"The account at {self.name} has no room left.{words}")
        if status in {401, 403}:
            return Conflict("provider_token", f"{self.name} does not let this account in, or not do this.{words}")
        if status in _GONE:
            return Missing("provider_gone", f"{self.name} has no such video.{words}")
        if status >= 500:
            return self._away(f"it answered {status}", wait_s=self._wait_s(headers, otherwise_s=30))
        return Invalid("provider_refused", f"{self.name} answered {status}.{words}")

    def _words(self, body: Any) -> str:
        try:
            said = self.said(body)
        except (KeyError, TypeError, AttributeError, IndexError):
            said = ""
        said = " ".join(str(said).split())[:_SAID_CHARS]
        return f" It says: {said}" if said else ""

    def _away(self, why: str, *, wait_s: int = 30) -> Unavailable:
        return Unavailable("provider_away", f"{self.name} cannot be reached now: {why}.", retry_after_s=wait_s)

    def _wait_s(self, headers: Mapping[str, str], *, otherwise_s: int = 60) -> int:
        """Seconds, within bounds: from Retry-After, else from the provider's own header, which names an instant."""
        text = headers.get("retry-after") or headers.get(self.reset.lower(), "")
        wait_s = _seconds(text, now_s=self.now_s())
        return otherwise_s if wait_s is None else min(max(wait_s, 1), limits.PROVIDER_WAIT_MOST_S)


def _seconds(text: str, *, now_s: float) -> int | None:
    """Of a number of seconds, a Unix time, an HTTP date or one by ISO 8601."""
    if text.isascii() and text.isdigit() and len(text) < 12:
        number = int(text)
        return number if number < 1_000_000_000 else round(number - now_s)
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            at = read(text)
        except (ValueError, IndexError, TypeError):
            continue
        return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now_s)
    return None


def _body(json_body: Any, form: Mapping[str, str] | None) -> tuple[bytes, dict[str, str]]:
    if json_body is not None:
        return json.dumps(json_body).encode(), {"content-type": "application/json"}
    if form is not None:
        return urlencode(form).encode(), {"content-type": "application/x-www-form-urlencoded"}
    return b"", {}


def _json(raw: bytes) -> Any:
    """{} for an empty body, None for one that is no JSON."""
    if not raw.strip():
        return {}
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
