"""Server-side request forgery: addresses and tricks, against a resolver that lies and listeners that count."""

import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest

from playhead.callbacks import guard, sending
from playhead.callbacks.addresses import Rules, allowed, parse
from playhead.callbacks.sending import Sender
from playhead.core.errors import Invalid
from tests.callbacks.forgeries import REFUSED, RESOLVED

STRICT = Rules()


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_callbacks_do_not_go_to(url: str) -> None:
    with pytest.raises(Invalid):
        parse(url, STRICT)


@pytest.mark.parametrize("url", ["https://lms.example/", "https://lms.example:8443/a?b=c", "https://93.184.216.34/"])
def test_one_they_go_to(url: str) -> None:
    assert parse(url, STRICT).scheme == "https"


@pytest.mark.parametrize("answers", RESOLVED)
def test_a_name_that_leads_there_is_not_connected_to(answers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *where, **_more: connected.append(where))
    sender = Sender(STRICT, resolve=lambda _host, _port: answers)
    answer = sender.post("https://lms.example/", headers=[], body=b"")
    assert (answer.outcome, connected) == (sending.BLOCKED, [])


def test_a_name_is_resolved_once_and_that_very_address_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: the second answer would be another one."""
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    connected: list[tuple[str, int]] = []

    def connect(where: tuple[str, int], *_more: object) -> socket.socket:
        connected.append(where)
        raise OSError("refused, as it happens")

    monkeypatch.setattr(socket, "create_connection", connect)
    sender = Sender(STRICT, resolve=lambda _host, _port: answers.pop(0))
    assert sender.post("https://lms.example/", headers=[], body=b"").outcome == sending.REFUSED
    assert connected == [("93.184.216.34", 443)]
    assert sender.post("https://lms.example/", headers=[], body=b"").outcome == sending.BLOCKED, "looked at again"
    assert connected == [("93.184.216.34", 443)]


def test_the_tests_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the check taken out, a listener on this machine is reached: it is what keeps the others away."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        reached = threading.Event()

        def accept() -> None:
            listener.accept()[0].close()
            reached.set()

        threading.Thread(target=accept, daemon=True).start()
        sender = Sender(Rules(ports=[port]), timeout_s=5, resolve=lambda _host, _port: ["127.0.0.1"])
        url = f"https://lms.example:{port}/"
        assert sender.post(url, headers=[], body=b"").outcome == sending.BLOCKED
        assert not reached.is_set()
        monkeypatch.setattr(guard, "allowed", lambda *_args: True)
        sender.post(url, headers=[], body=b"")
        assert reached.wait(10)


def test_this_machine_only_by_its_own_name_and_only_for_trying_out() -> None:
    local = Rules(local=True)
    assert parse("http://localhost:9000/x", local).port == 9000
    with pytest.raises(Invalid):
        parse("http://localhost:9000/x", STRICT)
    sender = Sender(local, resolve=lambda _host, _port: ["127.0.0.1"])
    assert sender.post("https://lms.example/", headers=[], body=b"").outcome == sending.BLOCKED


def test_a_network_of_ones_own_may_be_named() -> None:
    inside = Rules(networks=[ip_network("10.1.0.0/16")])
    assert allowed(ip_address("10.1.2.3"), inside)
    assert not allowed(ip_address("10.2.2.3"), inside)


def test_a_resolver_that_does_not_answer_costs_no_more_than_the_attempt() -> None:
    never = threading.Event()

    def ask(_host: str, _port: int) -> Sequence[str]:
        never.wait(60)
        return []

    answer = Sender(STRICT, timeout_s=0.3, resolve=ask).post("https://lms.example/", headers=[], body=b"")
    never.set()
    assert answer.outcome == sending.NO_NAME
