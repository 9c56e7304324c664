"""The composition root of `playhead worker`: everything that leaves the machine, or takes long, beside the server.

What writes the tracking tables is not here: it lives with the recorder (`keeping`).
"""

import fcntl
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from playhead.callbacks import endpoints
from playhead.callbacks.delivery import Deliverer, Letter, Renderer
from playhead.callbacks.pruning import Pruner
from playhead.callbacks.sending import Sender
from playhead.callbacks.worker import Worker
from playhead.core.errors import Unavailable
from playhead.exports.sinks.feeders import Feeders
from playhead.interop.kollus import outbound
from playhead.lms import elsewhere, library
from playhead.lms.leaving.scheduled import Exporter
from playhead.media.packer import Packer
from playhead.providers.sync import Sync

_WORKER = 0x776F726B


def chores() -> list[AbstractContextManager[Any]]:
    """What the worker does, each in threads of its own from entering to leaving. A room that has work adds a line."""
    renderers: dict[str, Renderer] = {endpoints.KOLLUS: lambda url, body: Letter(*outbound.render(url, body))}
    return [
        endpoints.listening(),
        Worker(Deliverer(Sender(endpoints.rules()), renderers=renderers)),
        Pruner(days=settings.PLAYHEAD_CALLBACK_DAYS),
        Packer(told=library.packaged, before=library.publish_what_is_ready),
        Feeders(),
        Exporter(),
        Sync(told=elsewhere.heard, before=elsewhere.publish_what_is_ready),
    ]


@contextmanager
def working() -> Iterator[None]:
    """Do all of it until the end of the block. Raises Unavailable while another worker is at it."""
    with _alone(), ExitStack() as stack:
        for chore in chores():
            stack.enter_context(chore)
        yield


@contextmanager
def _alone() -> Iterator[None]:
    """Messages leave in order, so one process sends them: a lock that goes with the process, however it ends."""
    if settings.PLAYHEAD_DATABASE_URL:
        with connection.cursor() as cursor:  # kept open: the lock is this connection's
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_WORKER])
            _require(free=cursor.fetchone()[0])
            yield
        return
    folder = Path(settings.PLAYHEAD_DATA)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "worker.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _require(free=False)
        yield


def _require(*, free: bool) -> None:
    if not free:
        raise Unavailable("worker_there", "Another worker is at work here; one is enough.", retry_after_s=5)
