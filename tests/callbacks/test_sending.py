"""One attempt at receivers of every kind: it returns in time, holds little, and says what was the matter."""

import ssl
import time
import tracemalloc
from pathlib import Path

import pytest

from playhead.callbacks import sending
from playhead.callbacks.addresses import Rules
from playhead.callbacks.sending import Answer, Sender
from tests.callbacks.receivers import (
    Behave,
    Receiver,
    babbles,
    certificate,
    drips,
    hangs,
    hangs_up,
    header_bomb,
    pours,
    refusing,
    says,
    serving,
    takes,
)

RULES = Rules(local=True)


def post(url: str, *, timeout_s: float = 5, trust: ssl.SSLContext | None = None) -> Answer:
    sender = Sender(RULES, timeout_s=timeout_s, trust=trust or ssl.create_default_context(), now_s=lambda: 0.0)
    return sender.post(url, headers=[("content-type", "application/json")], body=b'{"a": 1}')


def test_a_receiver_that_takes_it(tmp_path: Path) -> None:
    with Receiver(takes) as receiver:
        answer = post(receiver.url)
    assert (answer.outcome, answer.status, answer.address) == (sending.OK, 204, "127.0.0.1")
    [request] = receiver.taken
    assert request.body == b'{"a": 1}'
    assert request.headers["host"] == f"localhost:{receiver.port}"
    assert request.headers["user-agent"].startswith("Playhead/")


@pytest.mark.parametrize(
    ("behave", "outcome", "status"),
    [
        (says("500 Oops", body=b"stack trace"), sending.REFUSED_BY_APP, 500),
        (says("404 Not Found"), sending.REFUSED_BY_APP, 404),
        (says("301 Moved", "Location: http://localhost:1/"), sending.REDIRECT, 301),
        (says("307 Moved", "Location: http://169.254.169.254/"), sending.REDIRECT, 307),
        (says("410 Gone"), sending.GONE, 410),
        (says("429 Slow down", "Retry-After: 120"), sending.BUSY, 429),
        (says("503 Later"), sending.BUSY, 503),
        (hangs_up, sending.NO_HTTP, None),
        (babbles, sending.NO_HTTP, None),
        (header_bomb, sending.NO_HTTP, None),
    ],
)
def test_a_receiver_that_does_not(behave: Behave, outcome: str, status: int | None) -> None:
    with Receiver(behave) as receiver:
        answer = post(receiver.url)
    assert (answer.outcome, answer.status) == (outcome, status)
    assert len(receiver.requests) == 1, "a redirect was followed, or a failure tried again at once"


@pytest.mark.parametrize("behave", [hangs, drips])
def test_a_receiver_that_takes_its_time_does_not_take_ours(behave: Behave) -> None:
    began = time.monotonic()
    with Receiver(behave) as receiver:
        answer = post(receiver.url, timeout_s=1)
    assert answer.outcome == sending.TOO_SLOW
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("status", ["200 OK", "500 Oops"])
def test_a_gigabyte_of_answer_is_not_read(status: str) -> None:
    tracemalloc.start()
    with Receiver(pours(status)) as receiver:
        answer = post(receiver.url)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status == int(status[:3])
    assert len(answer.said) <= 500
    assert peak < 20_000_000  # the receiver's own megabyte included


def test_nobody_listens_there() -> None:
    with refusing() as url:
        assert post(url).outcome == sending.REFUSED


@pytest.mark.parametrize("names", ["DNS:localhost", "DNS:other.example"])
def test_a_certificate_nobody_vouches_for(tmp_path: Path, names: str) -> None:
    with Receiver(takes, tls=serving(certificate(tmp_path, names=names))) as receiver:
        answer = post(receiver.url)
    assert answer.outcome == sending.BAD_TLS
    assert receiver.taken == []


def test_the_name_is_asked_for_and_checked_though_the_address_is_fixed(tmp_path: Path) -> None:
    asked: list[str] = []
    good, wrong = certificate(tmp_path), certificate(tmp_path, names="DNS:other.example")
    for path, outcome in ((good, sending.OK), (wrong, sending.BAD_TLS)):
        context = serving(path)
        context.sni_callback = lambda _socket, name, _context: asked.append(name)
        trust = ssl.create_default_context(cafile=str(path) + ".crt")
        with Receiver(takes, tls=context) as receiver:
            assert post(receiver.url, trust=trust).outcome == outcome
    assert asked == ["localhost", "localhost"]


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver(says("200 OK")) as proxy, Receiver(takes) as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert post(receiver.url).ok
        assert proxy.requests == []


def test_what_is_too_large_is_not_sent() -> None:
    with Receiver(takes) as receiver:
        answer = Sender(RULES).post(receiver.url, headers=[], body=b"x" * 20_001)
    assert answer.outcome == sending.TOO_LARGE
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        ("120", 120_000),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 60_000),
        ("Wed, 31 Dec 1969 23:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("9" * 40, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, ms: int | None) -> None:
    with Receiver(says("503 Later", f"Retry-After: {value}")) as receiver:
        assert post(receiver.url).retry_after_ms == ms
