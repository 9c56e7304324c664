"""Who writes what the recorder's thread has gathered: this process into the database, or the one that owns the file."""

import contextlib
import logging
import pickle
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from playhead.core import limits
from playhead.core.errors import Unavailable
from playhead.recorder import wire
from playhead.recorder.databases import open_store
from playhead.recorder.group import record
from playhead.recorder.store import Store
from playhead.recorder.workspace import Cache, Operation

logger = logging.getLogger(__name__)
SOCKET: Final = "socket:"
"""In place of a database: the path of the socket at which its owner takes operations (`desk`)."""


class Writer(Protocol):
    def record(self, operations: Sequence[Operation]) -> list[Any]:
        """For each operation its outcome, on disk, or one of our errors."""
        ...

    def close(self) -> None: ...


def open_writer(database: str) -> Writer:
    """For a PostgreSQL URL, a SQLite file's path, or `socket:` and a path. Raises Unavailable where nobody is there."""
    if not database.startswith(SOCKET):
        return StoreWriter(open_store(database))
    path = Path(database.removeprefix(SOCKET))
    try:
        return FarWriter(path)
    except OSError as error:
        said = f"Nobody records at {path} ({error.strerror}): start `playhead collect` first."
        raise Unavailable("not_recording", said, retry_after_s=5) from error


class StoreWriter:
    """Writes the database itself."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache = Cache(limits.VIEWERS_CACHED) if store.sole_writer else None

    def record(self, operations: Sequence[Operation]) -> list[Any]:
        return record(self._store, operations, cache=self._cache)

    def close(self) -> None:
        self._store.close()


class FarWriter:
    """Hands a group to the process that owns the file, and waits until it is on disk there.

    Where that process goes away meanwhile, nobody knows what of the group it has kept: everybody is told to send again,
    and a batch that was kept is known again by its number.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: socket.socket | None = self._connect()

    def record(self, operations: Sequence[Operation]) -> list[Any]:
        try:
            self._connection = self._connection or self._connect()
            wire.send(self._connection, operations)
            outcomes = wire.receive(self._connection)
        except (OSError, pickle.UnpicklingError) as error:
            logger.warning("the process that records does not answer: %s", error)
            outcomes = None
        if outcomes is None:
            self.close()
            said = "The process that records does not answer; send this again."
            return [Unavailable("storage_failed", said, retry_after_s=2)] * len(operations)
        return outcomes

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.close()
        self._connection = None

    def _connect(self) -> socket.socket:
        return connect(self._path)


def connect(path: Path) -> socket.socket:
    """A connection to the desk there. Raises OSError where nobody is."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(limits.OWNER_ANSWERS_S)
        with wire.address(path) as address:
            connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection
