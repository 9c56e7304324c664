"""The power goes, CUTS times (20 unless set): what was never synced is gone, and nothing acknowledged was among it.

The folder lies on an ext4 image behind a loop device. While batches arrive the server is stopped (SIGSTOP), the image
is copied as it lies on the disk below, the copy is mounted as after a power cut, recovered, and compared with what the
viewers were promised until that moment; every number in it is recomputed. Then the server goes on.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from bench.kit.rows import Row
from bench.load.generator import Load
from bench.load.truth import database_of, promised
from playhead.recorder import replay
from playhead.recorder.databases import open_store
from tests.faults.kit.place import Place, caught, number, place, tried, zero

CUTS = number("CUTS", 20)
_IMAGE_MB = 96
_A_DISK = 25  # cuts, at most: all that a disk holds is recomputed after each


def measure() -> list[Row]:
    if os.geteuid() != 0:
        sys.stderr.write("power is left out: only root may mount an image\n")
        return []
    disks = [cut(min(_A_DISK, CUTS - done)) for done in range(0, CUTS, _A_DISK)]
    told, missing, differing = (sum(counts) for counts in zip(*disks, strict=True))
    rows = [
        Row("acknowledged batches looked for", told, "batches", peer=f"all so far, after each of {CUTS} power cuts"),
        zero("acknowledged batches missing", missing),
        zero("viewers whose numbers differ from their journal", differing, "viewers"),
    ]
    return [*rows, *[caught(bug, tried(partial(_missing, bug))) for bug in ("synchronous_normal", "synchronous_off")]]


def _missing(bug: str) -> int:
    return cut(2, bug=bug)[1]


def cut(times: int, *, bug: str = "") -> tuple[int, int, int]:
    """How many batches were promised over all cuts, how many of them were missing, how many viewers differed."""
    told = missing = differing = 0
    with tempfile.TemporaryDirectory(prefix="ph-power-") as name:
        image = Path(name) / "disk"
        with _formatted(image) as mounted, place(bug=bug, folder=mounted / "data") as broken:
            os.sync()  # the school as it was is on disk
            broken.server.start()
            with Load(broken.port, broken.viewers, connections=32) as load:
                for _ in range(times):
                    load.run(0.15, drain_s=0)
                    broken.server.signal(signal.SIGSTOP)
                    told += sum(viewer.acknowledged for viewer in broken.viewers)
                    lost, wrong = _after_the_cut(image, broken)
                    missing, differing = missing + lost, differing + wrong
                    broken.server.signal(signal.SIGCONT)
            broken.server.stop()
    return told, missing, differing


def _after_the_cut(image: Path, broken: Place) -> tuple[int, int]:
    """What the disk alone holds: acknowledged batches that are missing, and viewers whose numbers differ."""
    copy = image.with_name("copy")
    _run(["cp", "--sparse=always", str(image), str(copy)])
    with _mounted(copy) as disk, closing(open_store(database_of(disk / "data"))) as store:
        missing = promised(store, broken.viewers)
        listed = replay.viewers(store)
        differing = sum(replay.first_difference(store, viewer_id, key) is not None for viewer_id, key in listed)
        return missing, differing


@contextmanager
def _formatted(image: Path) -> Iterator[Path]:
    with image.open("wb") as file:
        file.truncate(_IMAGE_MB * 1_000_000)
    _run(["mkfs.ext4", "-q", "-F", str(image)])
    with _mounted(image, "-o", "loop,commit=300") as folder:
        yield folder


@contextmanager
def _mounted(image: Path, *options: str) -> Iterator[Path]:
    folder = image.with_name(image.name + "-mounted")
    folder.mkdir(exist_ok=True)
    _run(["mount", *(options or ("-o", "loop")), str(image), str(folder)])
    try:
        yield folder
    finally:
        _run(["umount", str(folder)])


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
