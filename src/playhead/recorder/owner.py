"""One process owns the tracking file: a lock on the folder says which."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playhead.core.errors import Unavailable


@contextmanager
def own(folder: Path) -> Iterator[None]:
    """Own the tracking tables in this folder until the end of the block.

    Raises Unavailable (code `folder_in_use`), naming the process that has it, when another one does. The lock goes
    with the process, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "tracking.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            raise Unavailable(
                "folder_in_use",
                f"Process {owner} is using {folder}: stop that server or command first, or choose another folder.",
                retry_after_s=5,
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
