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

STRICT = Rules()

# Refused before anything is resolved.
REFUSED = [
    "http://lms.example/", "ftp://lms.example/", "file:///etc/passwd", "gopher://lms.example/", "//lms.example/",
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/",
    "https://0177.0.0.1/", "https://127.0.0.1./", "https://0/", "https://0.0.0.0/", "https://10.0.0.1/",
    "https://172.16.0.1/", "https://192.168.0.1/", "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/", "https://192.0.0.192/", "https://224.0.0.1/", "https://255.255.255.255/",
    "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fc00::1]/", "https://[fec0::1]/", "https://[ff02::1]/",
    "https://[5f00::1]/", "https://[3fff::1]/", "https://[2001:db8::1]/", "https://[100::1]/",
    "https://①②⑦.⓪.⓪.①/", "https://ｌocalhost/", "https://127。0。0。1/", "https://exämple.org/",
    "https://user@lms.example/", "https://lms.example:pw@10.0.0.1/", "https://lms.example\\@10.0.0.1/",
    "https://lms.example#@10.0.0.1/", "https://lms.example:22/", "https://lms.example:6379/", "https://lms.example:0/",
    "https://lms.example:99999/", "https:///hook", "https://", "https://.example/", "https://-a.example/",
    "https://lms.example/\r\nHost: other", "https://lms.example/ ", "https://lms.ex ample/", "https://[::1/",
    "https://lms.example/\x00", "https://1.2.3.4.5/", "https://0x7f.0x0.0x0.0x1/", "https://lms..example/",
]  # fmt: skip

# Names that look harmless, and what a resolver says of them.
RESOLVED = [
    ["127.0.0.1"], ["10.1.2.3"], ["169.254.169.254"], ["::1"], ["::ffff:10.0.0.1"], ["64:ff9b::a00:1"],
    ["2002:a00:1::1"], ["fd00::1"], ["fe80::1%eth0"], ["224.0.0.251"], ["0.0.0.0"], ["100.100.100.200"],
    ["93.184.216.34", "127.0.0.1"], ["2606:4700::1111", "::1"],
]  # fmt: skip


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
