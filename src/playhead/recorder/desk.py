"""Where other processes of this machine hand operations to the one that owns the tracking file: a local socket.

Each of them has one connection and one group under way on it; all groups meet in the owner's own queue, so that they
share its transactions. Only processes of the same user are listened to.
"""

import contextlib
import logging
import os
import pickle
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from playhead.recorder import wire
from playhead.recorder.recorder import Recorder
from playhead.recorder.writers import SOCKET

logger = logging.getLogger(__name__)
_CREDENTIALS: Final = struct.Struct("iII")  # pid, uid, gid: see unix(7)


def socket_of(folder: Path) -> Path:
    return folder / "recorder.sock"


def far_database(folder: Path) -> str:
    """What to give a `Recorder` in place of a database, where another process owns this folder."""
    return f"{SOCKET}{socket_of(folder)}"


class Desk:
    """Listens from entry to exit. Its recorder is started before and stopped after, by who owns the folder."""

    def __init__(self, recorder: Recorder, folder: Path) -> None:
        self._recorder = recorder
        self._path = socket_of(folder)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._path.unlink(missing_ok=True)  # a killed owner's; the folder's lock says that there is no other
        with wire.address(self._path) as address:
            self._listener.bind(address)
        self._path.chmod(0o600)
        self._listener.listen()
        self._start(self._welcome)
        return self

    def __exit__(self, *_exc: object) -> None:
        """Answer what is under way, then hang up."""
        for each in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RD)
        for thread in self._threads:
            thread.join()
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _start(self, doing: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=doing, args=given, name="desk", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _welcome(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:  # the end
                return
            if not _ours(connection):
                connection.close()
                continue
            self._connections.add(connection)
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            while (operations := wire.receive(connection)) is not None:
                wire.send(connection, self._recorder.outcomes(operations))
        except (OSError, pickle.UnpicklingError) as error:
            logger.warning("a process that sent operations is gone: %s", error)
        finally:
            self._connections.discard(connection)
            connection.close()


def _ours(connection: socket.socket) -> bool:
    """Whether the process at the other end is of our user."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _pid, uid, _gid = _CREDENTIALS.unpack(told)
    if uid == os.geteuid():
        return True
    logger.warning("user %d is not listened to", uid)
    return False
