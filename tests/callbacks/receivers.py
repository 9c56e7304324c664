"""Other systems as they are: some answer, some refuse, some hang. Real sockets on this machine."""

import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

Behave = Callable[["Receiver", socket.socket, "Request"], None]


@dataclass(frozen=True)
class Request:
    target: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)


@dataclass
class Receiver:
    """Listens at a port of its own and behaves. `taken` are the requests it answered with 2xx.

    `asleep`: it has the port and does not listen yet, so that connections are refused.
    """

    behave: Behave
    tls: ssl.SSLContext | None = None
    asleep: bool = False
    requests: list[Request] = field(default_factory=list)
    taken: list[Request] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        if not self.asleep:
            self.wake()
        return self

    def wake(self) -> None:
        self._listener.listen(128)
        self._thread.start()

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}/hook"

    def over(self, wait_s: float = 0) -> bool:
        return self._over.wait(wait_s)

    def answer(
        self, connection: socket.socket, request: Request, status: str, *headers: str, body: bytes = b""
    ) -> None:
        if status.startswith("2"):
            self.taken.append(request)
        head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
        connection.sendall("\r\n".join(head).encode() + body)

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError, ConnectionError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                request = _read(connection)
                self.requests.append(request)
                self.behave(self, connection, request)


def _read(connection: socket.socket) -> Request:
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return Request(first.split()[1], headers, body)


def takes(receiver: Receiver, connection: socket.socket, request: Request) -> None:
    receiver.answer(connection, request, "204 No Content")


def says(status: str, *headers: str, body: bytes = b"") -> Behave:
    return lambda receiver, connection, request: receiver.answer(connection, request, status, *headers, body=body)


def hangs(receiver: Receiver, _connection: socket.socket, _request: Request) -> None:
    receiver.over(60)


def drips(receiver: Receiver, connection: socket.socket, _request: Request) -> None:
    """One byte after the other, each within any time limit of a single read."""
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 100_000:
        connection.sendall(bytes([byte]))
        if receiver.over(0.02):
            return


def pours(status: str) -> Behave:
    """A gigabyte, as long as somebody reads."""

    def behave(receiver: Receiver, connection: socket.socket, request: Request) -> None:
        if status.startswith("2"):
            receiver.taken.append(request)
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {1 << 30}\r\n\r\n".encode())
        for _ in range(1024):
            connection.sendall(b"x" * (1 << 20))

    return behave


def hangs_up(_receiver: Receiver, connection: socket.socket, _request: Request) -> None:
    connection.close()


def babbles(_receiver: Receiver, connection: socket.socket, _request: Request) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n" * 10)


def header_bomb(receiver: Receiver, connection: socket.socket, _request: Request) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not receiver.over():
        connection.sendall(b"X-A: " + b"a" * 60_000 + b"\r\n")


def certificate(folder: Path, *, names: str = "DNS:localhost") -> Path:
    """A certificate that nobody vouches for, with its key, in one file."""
    path = folder / f"{abs(hash(names))}.pem"
    if not path.exists():
        made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        made += ["-subj", "/CN=test", "-addext", f"subjectAltName={names}", "-days", "2"]
        subprocess.run([*made, "-keyout", str(path), "-out", str(path) + ".crt"], check=True, capture_output=True)
        path.write_text(path.read_text() + Path(str(path) + ".crt").read_text())
    return path


def serving(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@contextlib.contextmanager
def refusing() -> Iterator[str]:
    """The address of a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield f"http://localhost:{port}/hook"


def wait_for(what: Callable[[], bool], *, most_s: float = 30) -> None:
    """Until it is so."""
    ends = time.monotonic() + most_s
    while not what():
        assert time.monotonic() < ends, "it never was"
        time.sleep(0.01)
