"""How operations and their outcomes travel between the processes of one machine: in frames.

Only between processes of one user (`desk` checks), who could as well write the file itself. Batches and their outcomes,
which are nearly all, are MessagePack, read into their types; all else is pickled, and may name nothing but our own
classes, so that a damaged frame is an error and not a surprise.

A frame: its length and a number (an answer has its question's), then how it is written, then a list. An empty list
says that nothing more comes.
"""

import io
import os
import pickle
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from playhead.core.errors import PlayheadError, Retryable
from playhead.recorder.operations import RecordBatch, Recorded

COUNTS: Final = "counts"
"""Asks, in place of operations, for what the recorder has counted."""

_HEAD: Final = struct.Struct("!II")
_MOST_BYTES: Final = 64 * 1024 * 1024  # 256 operations with the largest bodies, and room to spare
_ADDRESS_BYTES: Final = 107
_PIECE: Final = 1 << 20
_ROOMS: Final = ("playhead.core.", "playhead.recorder.", "playhead.analytics.")
_ARRAYS: Final = frozenset({("array", "array"), ("array", "_array_reconstructor")})
_PICKLED: Final = b"p"
_BATCHES: Final = b"b"
_OUTCOMES: Final = b"o"
# What reading a damaged frame may raise: see the documentation of pickle and of msgspec.
_DAMAGED: Final = (AttributeError, EOFError, ImportError, IndexError, TypeError, ValueError, msgspec.DecodeError)
_packed: Final = msgspec.msgpack.Encoder()
_batches: Final = msgspec.msgpack.Decoder(list[RecordBatch])
_outcomes: Final = msgspec.msgpack.Decoder(list[Recorded])


@contextmanager
def address(path: Path) -> Iterator[str]:
    """The path to give to `bind` and `connect`, which take 107 bytes: by way of its folder where it is longer."""
    if len(os.fsencode(path)) <= _ADDRESS_BYTES:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class Refused(NamedTuple):
    """One of our errors, on its way."""

    kind: type[PlayheadError]
    code: str
    detail: str
    extra: dict[str, object]

    @classmethod
    def of(cls, error: PlayheadError) -> "Refused":
        retry = {"retry_after_s": error.retry_after_s} if isinstance(error, Retryable) else {}
        return cls(type(error), error.code, error.detail, error.extra | retry)

    def error(self) -> PlayheadError:
        return self.kind(self.code, self.detail, **self.extra)


def frame(told: Sequence[Any], number: int = 0) -> bytes:
    """Operations, or their outcomes, as one frame."""
    types = set(map(type, told))
    if types == {RecordBatch}:
        kind, body = _BATCHES, _packed.encode(told)
    elif types == {Recorded}:
        kind, body = _OUTCOMES, _packed.encode(told)
    else:
        kept = [Refused.of(one) if isinstance(one, PlayheadError) else one for one in told]
        kind, body = _PICKLED, pickle.dumps(kept, protocol=5)
    return _HEAD.pack(len(kind) + len(body), number) + kind + body


class Frames:
    """Cuts frames out of what comes in pieces."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._needs = _HEAD.size  # how long the rest has to be before there is anything to read

    def feed(self, piece: bytes) -> Iterator[tuple[int, list[Any]]]:
        """Number and content of those that are whole now. Raises `UnpicklingError`."""
        if self._rest:
            self._rest += piece
            if len(self._rest) < self._needs:
                return
            piece = bytes(self._rest)
        rest, self._needs = memoryview(piece), _HEAD.size
        while len(rest) >= _HEAD.size:
            length, number = _head(rest[: _HEAD.size])
            end = _HEAD.size + length
            if len(rest) < end:
                self._needs = end
                break
            yield number, _read(rest[_HEAD.size : end])
            rest = rest[end:]
        self._rest = bytearray(rest)


def send(connection: socket.socket, told: Sequence[Any]) -> None:
    """Send operations, or their outcomes, as one frame."""
    connection.sendall(frame(told))


def receive(connection: socket.socket) -> list[Any] | None:
    """The next frame's content; None where the other side has hung up. Raises OSError and `UnpicklingError`."""
    head = _exactly(connection, _HEAD.size)
    if head is None:
        return None
    length, _number = _head(head)
    body = _exactly(connection, length)
    return None if body is None else _read(body)


def _head(told: "bytes | memoryview") -> tuple[int, int]:
    length, number = _HEAD.unpack(told)
    if not 0 < length <= _MOST_BYTES:
        raise pickle.UnpicklingError(f"a frame of {length} bytes")
    return length, number


def _read(body: "bytes | memoryview") -> list[Any]:
    kind, content = body[:1], body[1:]
    try:
        if kind == _PICKLED:
            kept = _Reading(io.BytesIO(content)).load()
            return [one.error() if isinstance(one, Refused) else one for one in kept]
        return _batches.decode(content) if kind == _BATCHES else _outcomes.decode(content)
    except _DAMAGED as error:
        raise pickle.UnpicklingError(str(error)) from error


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    pieces: list[bytes] = []
    while length:
        piece = connection.recv(min(length, _PIECE))
        if not piece:
            return None
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


class _Reading(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.startswith(_ROOMS) or (module, name) in _ARRAYS else None
        if isinstance(found, type) or (module, name) in _ARRAYS:
            return found
        raise pickle.UnpicklingError(f"{module}.{name} does not travel")
