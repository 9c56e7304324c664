"""One process owns the tracking file: a lock on the folder says which."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from playhead.core.errors import Unavailable

_GOES_S: Final = 1.0
_LOOKS_S: Final = 0.01


@contextmanager
def own(folder: Path, *, owner: int | None = None) -> Iterator[None]:
    """Own the tracking tables in this folder until the end of the block, in the name of `owner`, or of this process.

    Raises Unavailable (code `folder_in_use`), naming the process that has it, when another one does. The lock goes
    with the process, however it ends; one that was killed a moment ago is waited for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "tracking.lock").open("a+") as file:
        if not _locked(file):
            file.seek(0)
            other = file.read().strip() or "unknown"
            raise Unavailable(
                "folder_in_use",
                f"Process {other} is using {folder}: stop that server or command first, or choose another folder.",
                retry_after_s=5,
            )
        file.truncate(0)
        file.write(str(owner or os.getpid()))
        file.flush()
        yield


def _locked(file: IO[str]) -> bool:
    patient_until = time.monotonic() + _GOES_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > patient_until:
                return False
            time.sleep(_LOOKS_S)
        else:
            return True
