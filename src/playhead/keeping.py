"""The recorder, and what has to live in the same process: whoever owns the tracking file runs the one and the others.

A follower keeps the class's sums and a sealer fills archive and lake, both as threads that hand their work to the
recorder; a desk takes what other processes of this machine have to record. Beside a server that is the process that
records (`beside`), and the server itself has nothing but the way to it.
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
from playhead.recorder.desk import Desk
from playhead.recorder.owner import own
from playhead.recorder.recorder import Recorder
from playhead.recorder.taking import Taking

_OBJECTS_A_LOOK: Final = 50_000


@contextmanager
def keeping(recorder: Taking, *, owner: int | None = None) -> Iterator[None]:
    """Run the recorder as this process's own until the end of the block, and beside it those who write through it.

    One that hands everything to another process runs alone: the others are there. `owner` is the process to name as
    the folder's owner, this one unless told otherwise. Raises Unavailable where another process owns the folder, or
    nobody is there to hand anything to.
    """
    with ExitStack() as stack:
        writer = recorder if isinstance(recorder, Recorder) and not recorder.far else None
        owns_file = writer is not None and not settings.PLAYHEAD_DATABASE_URL
        if owns_file:
            stack.enter_context(own(settings.PLAYHEAD_DATA, owner=owner))
        stack.enter_context(recorder)
        service.install(recorder)
        stack.callback(service.uninstall, recorder)
        if writer is not None:
            if owns_file:
                stack.enter_context(Desk(writer, settings.PLAYHEAD_DATA))
            stack.enter_context(Follower(writer, settings.TRACKING_DATABASE))
            stack.enter_context(Sealer(writer, settings.TRACKING_DATABASE, habits(settings)))
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
