"""How operations and their outcomes travel between the processes of one machine: pickled, in frames.

Only between processes of one user (`desk` checks), who could as well write the file itself. What is read may still name
nothing but our own classes, so that a damaged frame is an error and not a surprise.
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

from playhead.core.errors import PlayheadError, Retryable

_LENGTH: Final = struct.Struct("!I")
_MOST_BYTES: Final = 64 * 1024 * 1024  # 256 operations with the largest bodies, and room to spare
_ADDRESS_BYTES: Final = 107
_PIECE: Final = 1 << 20
_ROOMS: Final = ("playhead.core.", "playhead.recorder.", "playhead.analytics.")
_ARRAYS: Final = frozenset({("array", "array"), ("array", "_array_reconstructor")})


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


def send(connection: socket.socket, told: Sequence[Any]) -> None:
    """Send operations, or their outcomes, as one frame."""
    frame = pickle.dumps([Refused.of(one) if isinstance(one, PlayheadError) else one for one in told], protocol=5)
    connection.sendall(_LENGTH.pack(len(frame)) + frame)


def receive(connection: socket.socket) -> list[Any] | None:
    """The next frame's content; None where the other side has hung up. Raises OSError and `UnpicklingError`."""
    head = _exactly(connection, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > _MOST_BYTES:
        raise pickle.UnpicklingError(f"a frame of {length} bytes")
    frame = _exactly(connection, length)
    if frame is None:
        return None
    told = _Reading(io.BytesIO(frame)).load()
    return [one.error() if isinstance(one, Refused) else one for one in told]


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
