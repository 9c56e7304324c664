"""The recorder, and what has to live in the same process: whoever owns the tracking file runs the one and the others.

A follower keeps the class's sums and a sealer fills archive and lake, both as threads that hand their work to the
recorder; a desk takes what other processes of this machine have to record.
"""

import atexit
import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from django.conf import settings

from playhead.analytics.follower import Follower
from playhead.analytics.sealer import Sealer, habits
from playhead.recorder import service
from playhead.recorder.desk import Desk, far_database
from playhead.recorder.owner import own
from playhead.recorder.recorder import Recorder

_OBJECTS_A_LOOK: Final = 50_000


def recorder_of_site() -> Recorder:
    """For a process that serves the site: one that records here, or hands everything to `playhead collect`."""
    elsewhere = settings.PLAYHEAD_RECORDER == "elsewhere" and not settings.PLAYHEAD_DATABASE_URL
    database = far_database(settings.PLAYHEAD_DATA) if elsewhere else settings.TRACKING_DATABASE
    return Recorder(database, queue=settings.PLAYHEAD_QUEUE)


@contextmanager
def keeping(recorder: Recorder) -> Iterator[None]:
    """Run the recorder as this process's own until the end of the block, and beside it those who write through it.

    A recorder that hands everything to another process runs alone: the others are there. Raises Unavailable where
    another process owns the folder, or nobody is there to hand anything to.
    """
    with ExitStack() as stack:
        owns_file = not recorder.far and not settings.PLAYHEAD_DATABASE_URL
        if owns_file:
            stack.enter_context(own(settings.PLAYHEAD_DATA))
        stack.enter_context(recorder)
        service.install(recorder)
        stack.callback(service.uninstall, recorder)
        if owns_file:
            stack.enter_context(Desk(recorder, settings.PLAYHEAD_DATA))
        if not recorder.far:
            stack.enter_context(Follower(recorder, settings.TRACKING_DATABASE))
            stack.enter_context(Sealer(recorder, settings.TRACKING_DATABASE, habits(settings)))
        yield


def settled() -> None:
    """What has been read in by now stays: the collector looks at it for the last time, and at the rest less often.

    Going through all of Django's modules again stops every request for a tenth of a second. And next to nothing that a
    batch makes is in a cycle: looking after every 700 objects took a tenth of the throughput.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # else DuckDB finds at the end that what it made is still there, and lists it all
    gc.set_threshold(_OBJECTS_A_LOOK, *gc.get_threshold()[1:])
