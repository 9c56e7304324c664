"""Every way into somebody's own network that callbacks could be talked into, in a network where all of them lead
somewhere: each address there is belongs to one machine, which listens at the ports and counts. Needs root.

Addresses are posted to, and names are, whose resolver says what an attacker wants. The planted twins show that the
counter counts: with the check taken out, the same addresses are reached; a public address is reached with it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from socket import (
    AF_INET,
    AF_INET6,
    IPPROTO_IPV6,
    IPV6_V6ONLY,
    SO_REUSEADDR,
    SOCK_STREAM,
    SOL_SOCKET,
    create_connection,
    socket,
)
from threading import Thread
from unittest.mock import patch
from urllib.parse import urlsplit

from bench.kit.rows import Row
from playhead.callbacks.addresses import Rules
from playhead.callbacks.sending import Sender
from tests.callbacks.forgeries import PUBLIC, REFUSED, RESOLVED
from tests.faults.kit.place import zero

PORTS = (22, 80, 443, 6379, 8443)
_NETWORK = """
ip link set lo up && ip route add local default dev lo && ip -6 route add local default dev lo && exec "$0" "$@"
"""


def measure() -> list[Row]:
    """In a network of its own, so that no machine but this process is ever asked."""
    if os.geteuid() != 0:
        sys.stderr.write("forgery is left out: only root may make a network\n")
        return []
    made = subprocess.run(
        ["unshare", "--net", "sh", "-c", _NETWORK, sys.executable, "-m", "tests.faults.forgery"],
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(made.stdout)
    return [
        Row("addresses and tricks", len(REFUSED) + len(RESOLVED), "tried"),
        zero("connections made for them", told["guarded"], "connections"),
        Row("a public address, as it should be", told["public"], "connections", "2", told["public"] == len(PUBLIC)),
        Row("planted: no look at addresses", told["unguarded"], "connections", ">= 20", told["unguarded"] >= 20),
        Row("planted: no look at what is resolved", told["believed"], "connections", ">= 20", told["believed"] >= 20),
    ]


class Counter:
    """Listens at every port of every address, and counts who comes."""

    def __init__(self) -> None:
        self.count = 0
        self._listeners = [self._listen(family, port) for family in (AF_INET, AF_INET6) for port in PORTS]

    def _listen(self, family: int, port: int) -> socket:
        listener = socket(family, SOCK_STREAM)
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        if family == AF_INET6:
            listener.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
        listener.bind(("::" if family == AF_INET6 else "0.0.0.0", port))
        listener.listen(128)
        Thread(target=self._accept, args=[listener], daemon=True).start()
        return listener

    def _accept(self, listener: socket) -> None:
        while True:
            connection, _address = listener.accept()
            self.count += 1
            connection.close()

    def during(self, doing: Callable[[], object]) -> int:
        before = self.count
        doing()
        return self.count - before


def attempts(sender: Sender) -> None:
    for url in REFUSED:
        sender.post(url, headers=[], body=b"{}")


def resolved(sender: Sender, names: Iterable[Sequence[str]]) -> None:
    for answers in names:
        lying = replace(sender, resolve=partial(_answered, answers))
        lying.post("https://lms.example/", headers=[], body=b"{}")


def _answered(answers: Sequence[str], _host: str, _port: int) -> Sequence[str]:
    return answers


def naive() -> None:
    """As a sender would that takes an address apart with the standard library and asks the system for the rest."""
    for url in REFUSED:
        with suppress(OSError, ValueError):
            parts = urlsplit(url)
            create_connection((parts.hostname or "", parts.port or 443), 1).close()


def believing() -> None:
    """As a sender would that looks at the address, and not at what its name leads to."""
    with patch("playhead.callbacks.guard.allowed", return_value=True):
        resolved(Sender(Rules(), timeout_s=3), RESOLVED)


def told() -> dict[str, int]:
    counter, sender = Counter(), Sender(Rules(), timeout_s=3)

    def everything() -> None:
        attempts(sender)
        resolved(sender, RESOLVED)

    return {
        "guarded": counter.during(everything),
        "public": counter.during(lambda: resolved(sender, [[address] for address in PUBLIC])),
        "unguarded": counter.during(naive),
        "believed": counter.during(believing),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(told()))
