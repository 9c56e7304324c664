"""A recorder for the length of a command, and the folder it needs for itself."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.conf import settings

from playhead.callbacks import endpoints
from playhead.recorder import service
from playhead.recorder.clock import Clock
from playhead.recorder.desk import far_database
from playhead.recorder.owner import own
from playhead.recorder.recorder import Recorder


@contextmanager
def owned() -> Iterator[None]:
    """Keep servers and other commands off the tracking tables. Raises Unavailable when one is there.

    On PostgreSQL nothing is owned: every writer locks the viewers it changes, and several may be at work.
    """
    with nullcontext() if settings.PLAYHEAD_DATABASE_URL else own(settings.PLAYHEAD_DATA):
        yield


@contextmanager
def recording(*, clock: Clock | None = None) -> Iterator[Recorder]:
    """Run this process's recorder until the end of the block. Raises Unavailable when a server has the folder."""
    with owned(), Recorder(settings.TRACKING_DATABASE, clock=clock) as recorder, endpoints.listening():
        service.install(recorder)
        try:
            yield recorder
        finally:
            service.uninstall(recorder)


@contextmanager
def reaching() -> Iterator[Recorder]:
    """A way to the recorder for a process that works beside a server: what it records, the folder's owner writes.

    Raises Unavailable where nobody owns the folder. On PostgreSQL it is a recorder of its own.
    """
    database = settings.PLAYHEAD_DATABASE_URL or far_database(settings.PLAYHEAD_DATA)
    with Recorder(database) as recorder, endpoints.listening():
        service.install(recorder)
        try:
            yield recorder
        finally:
            service.uninstall(recorder)
