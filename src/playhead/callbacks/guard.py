"""The way out: one resolution, every answer checked, and a connection to that very address, within one deadline.

Checking a name first and letting a library resolve it again is no check: the second answer may be another one. A
library's time limits are for each read, so a receiver that sends a byte a second holds a worker for ever.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import httpcore

from playhead.callbacks.addresses import Address, Rules, allowed

Resolve = Callable[[str, int], Sequence[str]]


class BlockedError(Exception):
    """The name leads to where callbacks do not go."""


class NotResolvedError(Exception):
    """The name leads nowhere."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """`left` raises TimeoutError once the time is over."""

    ends_at: float
    monotonic: Callable[[], float] = time.monotonic

    def left(self, most: float | None = None) -> float:
        left = self.ends_at - self.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for an answer is over")
        return left if most is None else min(left, most)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system resolves it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass
class GuardedBackend(httpcore.NetworkBackend):
    """Opens the connections of one attempt. `reached` is how far it came: resolved, connected, encrypted."""

    rules: Rules
    deadline: Deadline
    resolve: Resolve = resolve
    reached: list[str] = field(default_factory=list)
    address: str = ""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - the interface's
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        address = self._checked(host, port)
        self.reached.append("resolved")
        self.address = str(address)
        try:
            connection = socket.create_connection((str(address), port), self.deadline.left(timeout))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reached.append("connected")
        return _Stream(connection, self)

    def connect_unix_socket(self, *_args: Any, **_more: Any) -> httpcore.NetworkStream:
        raise BlockedError("not to a socket of this machine")

    def _checked(self, host: str, port: int) -> Address:
        """The address to connect to. Where one of several is not allowed, none is."""
        addresses = [ip_address(text.partition("%")[0]) for text in self._resolved(host, port)]
        rules = self.rules.at(host)
        for address in addresses:
            if not allowed(address, rules):
                raise BlockedError(f"{host} leads to {address}, a network callbacks do not go to")
        return addresses[0]

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        """A resolver has its own idea of how long to wait: it is asked in a thread that may be left behind."""
        found: list[str] = []
        failed: list[Exception] = []

        def ask() -> None:
            try:
                found.extend(self.resolve(host, port))
            except (OSError, UnicodeError) as error:
                failed.append(error)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(self.deadline.left())
        if failed or asking.is_alive() or not found:
            raise NotResolvedError(str(failed[0]) if failed else "no answer")
        return found


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends with the attempt's own time."""

    def __init__(self, connection: socket.socket, backend: GuardedBackend) -> None:
        self._connection = connection
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._connection.settimeout(self._backend.deadline.left(timeout))
            return self._connection.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        try:
            while view:
                self._connection.settimeout(self._backend.deadline.left(timeout))
                view = view[self._connection.send(view) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._connection.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._connection.settimeout(self._backend.deadline.left(timeout))
            wrapped = ssl_context.wrap_socket(self._connection, server_hostname=server_hostname)
        except ssl.SSLError:
            self.close()
            raise
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(str(error)) from error
        self._backend.reached.append("encrypted")
        return _Stream(wrapped, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._connection if info == "socket" else None
