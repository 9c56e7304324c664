"""The recorder in a process of its own, beside the one that answers requests.

Two interpreters then share the work of a batch, one for the door and one for what it changes, and pages, however busy,
hold no commit up. The process is forked before there is any thread, so it begins as what its parent is, and goes with
it: it owns the folder in its parent's name, and where the parent is killed the connection between them ends, and so
does it.
"""

import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Final, NoReturn

from django.conf import settings
from django.db import connections

from playhead.core.errors import PlayheadError, Unavailable
from playhead.keeping import keeping, settled
from playhead.recorder import wire
from playhead.recorder.courier import Courier
from playhead.recorder.desk import far_database
from playhead.recorder.inlet import Inlet
from playhead.recorder.recorder import Recorder
from playhead.recorder.taking import Taking

_STOPS_S: Final = 30.0


class Beside:
    """The other process, from its fork to its end."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.lost = False
        self._connection = connection

    def wait_until_ready(self) -> None:
        """Raises what kept it from recording, such as Unavailable (code `folder_in_use`)."""
        said = wire.receive(self._connection)
        if said is None:
            raise Unavailable("not_recording", "The process that records did not start.", retry_after_s=5)
        if isinstance(said[0], PlayheadError):
            raise said[0]

    def courier(self) -> Courier:
        return Courier(self._connection.dup(), queue=settings.PLAYHEAD_QUEUE, lost=self._stop_serving)

    def end(self) -> None:
        """Let it write what it has, and wait for it."""
        patience = threading.Timer(_STOPS_S, os.kill, [self.pid, signal.SIGKILL])
        patience.daemon = True
        patience.start()
        with closing(self._connection):
            self._connection.settimeout(None)  # the courier's loop has it otherwise
            with suppress(OSError):
                self._connection.sendall(wire.frame([]))
            try:
                os.waitpid(self.pid, 0)
            finally:
                patience.cancel()

    def _stop_serving(self) -> None:
        """A server that can record nothing is none: end in order, and let whoever watches over it start it anew."""
        self.lost = True
        os.kill(os.getpid(), signal.SIGTERM)


_beside: list[Beside] = []


@contextmanager
def recording_beside(*closing_there: socket.socket) -> Iterator[Beside]:
    """Fork a process that records, until the end of the block. `closing_there`: sockets that are this one's alone."""
    connections.close_all()  # a connection to SQLite must not cross a fork
    ours, theirs = socket.socketpair()
    parent = os.getpid()
    if not (pid := os.fork()):
        for each in (ours, *closing_there):
            each.close()
        _record(theirs, parent)
    theirs.close()
    beside = Beside(pid, ours)
    _beside.append(beside)
    try:
        yield beside
    finally:
        _beside.remove(beside)
        beside.end()


def _record(connection: socket.socket, parent: int) -> NoReturn:
    """The whole life of the forked process. It is asked to stop by its parent alone: Ctrl-C reaches both."""
    code = 1
    try:
        for wish in (signal.SIGINT, signal.SIGTERM):
            signal.signal(wish, signal.SIG_IGN)
        inlet = Inlet(connection)
        threading.Thread(target=_go_with_parent, args=[connection], daemon=True).start()
        try:
            with keeping(
                Recorder(settings.TRACKING_DATABASE, queue=settings.PLAYHEAD_QUEUE, inlet=inlet), owner=parent
            ):
                settled()
                wire.send(connection, ["ready"])
                inlet.over.wait()
                if not inlet.orderly:
                    os._exit(1)
        except PlayheadError as refused:
            wire.send(connection, [refused])
        code = 0
    except Exception:  # noqa: BLE001 - nobody above would tell of it
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


def _go_with_parent(connection: socket.socket) -> None:
    """A parent that was killed says nothing. Whoever starts both anew must not have to wait, not even for a group that
    the disk is slow to take: nobody was told that it is kept."""
    ended = select.poll()
    ended.register(connection, 0)  # the other end's close alone
    ended.poll()
    os._exit(1)


def recorder_of_owner() -> Taking:
    """For a server that owns the folder: the way to the process beside it, or a thread of its own."""
    if _beside:
        return _beside[-1].courier()
    return Recorder(settings.TRACKING_DATABASE, queue=settings.PLAYHEAD_QUEUE)


def recorder_of_site() -> Taking:
    """For a process that serves the site: its owner's, or one that hands everything to `playhead collect`."""
    if settings.PLAYHEAD_RECORDER == "elsewhere" and not settings.PLAYHEAD_DATABASE_URL:
        return Recorder(far_database(settings.PLAYHEAD_DATA), queue=settings.PLAYHEAD_QUEUE)
    return recorder_of_owner()
