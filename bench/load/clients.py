"""HTTP/1.1 as much as a measurement needs: requests as bytes, answers cut out of a stream."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: bytes
    body: bytes


class Client(Protocol):
    """Somebody who asks one thing after the other."""

    def request(self) -> bytes:
        """What to send now."""
        ...

    def answered(self, answer: Answer) -> bool:
        """Whether this was what had to come."""
        ...


class Repeating:
    """Asks the same again and again, and wants one status; for peers, and for pages."""

    def __init__(self, request: bytes, *, status: int) -> None:
        self._request = request
        self._status = status

    def request(self) -> bytes:
        return self._request

    def answered(self, answer: Answer) -> bool:
        return answer.status == self._status


def post(path: str, content_type: bytes, body: bytes, *more: bytes) -> bytes:
    """A request as it travels; `more` are whole header lines without their ends."""
    lines = (b"POST %s HTTP/1.1" % path.encode(), b"Host: localhost", b"Content-Type: %s" % content_type, *more)
    return b"%s\r\nContent-Length: %d\r\n\r\n%s" % (b"\r\n".join(lines), len(body), body)


def get(path: str) -> bytes:
    return b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode()


def parse(received: bytes) -> Answer | None:
    """The one answer these bytes are, or None while some of it is missing."""
    split = received.find(b"\r\n\r\n")
    if split < 0:
        return None
    head = received[:split].lower()
    if b"\r\ntransfer-encoding: chunked" in head:
        whole = received.endswith(b"\r\n0\r\n\r\n")
        return Answer(int(received[9:12]), head, received[split + 4 :]) if whole else None
    at = head.find(b"\r\ncontent-length:")
    length = int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    body = received[split + 4 :]
    return Answer(int(received[9:12]), head, body) if len(body) >= length else None
