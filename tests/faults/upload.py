"""An upload whose connection is cut CUTS times (10) on a server killed UPLOAD_KILLS times (2), then a packager killed.

A file of MEGABYTES (200 unless set) arrives whole, by its hash, once. The client does what tus asks for: after each
break it asks how far the upload is, and goes on there; what it was told is there stays there. Then a film's packager is
killed in the middle, twice: the third one begins that film anew, and leaves nothing of the two behind.
"""

import hashlib
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.kit.processes import environment
from bench.kit.rows import Row
from bench.load import seeding
from playhead.media.ffmpeg import run_ffmpeg
from tests.faults.kit.place import Place, caught, number, place, zero

MEGABYTES = number("MEGABYTES", 200)
CUTS = number("UPLOAD_CUTS", 10)
KILLS = number("UPLOAD_KILLS", 2)
PACKAGER_KILLS = 2  # after the third a film is given up
_PIECE = 8 * 1024**2

# Run inside the folder's own process.
_BEGIN = """
import django; django.setup()
import sys
from playhead.media.uploads import begin
asset, address = begin(organisation_id=1, shelf="c", title="", name="film.mp4", size_bytes=int(sys.argv[1]))
print(asset.key, address)
"""
_STANDING = """
import django; django.setup()
from playhead.media.models import Asset, Upload
print(Asset.objects.count(), Asset.objects.get().state, Upload.objects.get().finished_at is not None)
"""
_BRING = """
import django; django.setup()
import shutil, sys
from pathlib import Path
from playhead.media.models import Asset, State
from playhead.media.packer import incoming
asset = Asset.objects.create(shelf="c", title="", name="film.mp4", size_bytes=1, state=State.WAITING)
incoming(asset).parent.mkdir(parents=True, exist_ok=True)
shutil.copy(sys.argv[1], incoming(asset))
print(asset.key)
"""
_PACKAGE = """
import django; django.setup()
from playhead.media.packer import Packer
print(Packer().package_next())
"""
_PACKAGED = """
import django; django.setup()
import json
from django.conf import settings
from pathlib import Path
from playhead.media.models import Asset, Rendition
from playhead.media.segments import unpack
asset = Asset.objects.get()
listed = {f"{one.name}/{n}.ts" for one in asset.renditions.all() for n in range(len(unpack(bytes(one.segments))))}
kept = Path(settings.PLAYHEAD_STORE) / asset.key
print(json.dumps({
    "state": asset.state, "tries": asset.tries, "sha256": asset.sha256, "listed": sorted(listed),
    "stored": sorted(str(path.relative_to(kept)) for path in kept.rglob("*.ts*")),
    "desk": [path.name for path in settings.PLAYHEAD_DESK.rglob("*.ts")],
    "incoming": [path.name for path in settings.PLAYHEAD_INCOMING.iterdir()],
}))
"""
_CLAIM_RUNS_OUT = """
import django; django.setup()
from django.utils import timezone
from playhead.media.models import Asset
Asset.objects.update(claimed_until=timezone.now())
"""


@dataclass(slots=True)
class Sender:
    """Sends one file; `lost` counts the times it was told less than it had been promised before."""

    broken: Place
    address: str
    content: bytes
    dice: random.Random = field(default_factory=lambda: random.Random(3))
    promised: int = 0
    lost: int = 0

    def offset(self) -> int:
        told = self._until_answered()
        self.lost += told < self.promised
        self.promised = told
        return told

    def piece(self, at: int) -> None:
        headers = {"content-type": "application/offset+octet-stream", "upload-offset": str(at)}
        with suppress(httpx.HTTPError):
            answer = httpx.patch(self._url, content=self.content[at : at + _PIECE], headers=headers | _TUS, timeout=60)
            if answer.status_code == 204:
                self.promised = int(answer.headers["upload-offset"])

    def cut(self, at: int) -> None:
        """Begin a piece, and hang up somewhere in it."""
        piece = self.content[at : at + _PIECE]
        head = f"PATCH {self.address} HTTP/1.1\r\nhost: localhost\r\ntus-resumable: 1.0.0\r\nupload-offset: {at}\r\n"
        head += f"content-type: application/offset+octet-stream\r\ncontent-length: {len(piece)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.broken.port)) as connection:
            connection.sendall(head.encode() + piece[: self.dice.randrange(1, len(piece))])

    def killed(self, at: int) -> None:
        """The server dies while a piece arrives, and is started again."""
        killer = threading.Timer(self.dice.uniform(0.002, 0.05), self.broken.server.stop, [signal.SIGKILL])
        killer.start()
        self.piece(at)
        killer.join()
        self.broken.server.start()

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self.broken.port}{self.address}"

    def _until_answered(self) -> int:
        until = time.monotonic() + 60
        while True:
            try:
                answer = httpx.head(self._url, headers=_TUS, timeout=60)
                if "upload-offset" in answer.headers:
                    return int(answer.headers["upload-offset"])
            except httpx.HTTPError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.05)


_TUS = {"tus-resumable": "1.0.0"}


@dataclass(frozen=True, slots=True)
class Arrived:
    same: bool
    once: bool
    lost: int


def measure() -> list[Row]:
    arrived = upload(MEGABYTES * 1024**2, cuts=CUTS, kills=KILLS)
    planted = upload(32 * 1024**2, cuts=2, kills=2, bug="told_before_written")
    said = f"{MEGABYTES} MiB, {CUTS} cuts, {KILLS} kills"
    return [
        zero("uploads that did not arrive whole", int(not arrived.same), "uploads", said=said),
        zero("uploads that did not arrive once", int(not arrived.once), "uploads"),
        zero("times something acknowledged was gone", arrived.lost, ""),
        caught("told_before_written", planted.lost),
        *[zero(what, int(found), "", said=f"{PACKAGER_KILLS} kills") for what, found in package().items()],
    ]


def upload(size_bytes: int, *, cuts: int, kills: int, bug: str = "") -> Arrived:
    content = random.Random(5).randbytes(size_bytes)
    with place(viewers=1, bug=bug) as broken:
        broken.server.start()
        key, address = _python(broken.folder, _BEGIN, str(size_bytes)).split()
        sender = Sender(broken, address, content)
        breaks = ["cut"] * cuts + ["kill"] * kills
        sender.dice.shuffle(breaks)
        # Each break comes after a whole piece, or after what an earlier break left of one.
        while (at := sender.offset()) < size_bytes:
            match breaks.pop() if breaks else "":
                case "cut":
                    sender.cut(at)
                case "kill":
                    sender.killed(at)
            if (at := sender.offset()) < size_bytes:
                sender.piece(at)
        broken.server.stop()
        standing = _python(broken.folder, _STANDING).split()
        arrived = (broken.folder / "incoming" / key).read_bytes()
    assert not breaks, "the file is too small for so many breaks"
    same = hashlib.sha256(arrived).digest() == hashlib.sha256(content).digest()
    return Arrived(same, standing == ["1", "waiting", "True"], sender.lost)


def package(*, kills: int = PACKAGER_KILLS) -> dict[str, bool]:
    """What is wrong with a film after so many of its packagers were killed."""
    with _film() as (folder, film):
        _python(folder, _BRING, str(film))
        for _ in range(kills):
            _kill_at_work(folder)
            _python(folder, _CLAIM_RUNS_OUT)  # instead of waiting until it does
        _python(folder, _PACKAGE)
        told = json.loads(_python(folder, _PACKAGED))
        whole = hashlib.sha256(film.read_bytes()).hexdigest()
    return {
        "films that were not ready in the end": (told["state"], told["tries"]) != ("ready", kills + 1),
        "films that were not the one that was brought": told["sha256"] != whole,
        "differences between what is stored and what is listed": told["stored"] != told["listed"],
        "clear segments or uploads left": bool(told["desk"] or told["incoming"]),
    }


@contextmanager
def _film() -> Iterator[tuple[Path, Path]]:
    """A migrated folder, and a film that takes some seconds to package."""
    with tempfile.TemporaryDirectory(prefix="ph-fault-") as name:
        film = Path(name) / "film.mp4"
        picture = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=40", "-f", "lavfi", "-i", "sine=d=40"]
        list(run_ffmpeg([*picture, "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(film)]))
        folder = Path(name) / "data"
        folder.mkdir()
        seeding.migrate(folder)
        yield folder, film


def _kill_at_work(folder: Path) -> None:
    """Once the first pieces are stored: some are encrypted then, some lie in the clear, some are half written."""
    began = time.time()
    packager = subprocess.Popen([sys.executable, "-c", _PACKAGE], env=_environment(folder), stdout=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while not _stored_since(began, folder):
        assert packager.poll() is None, "it was packaged before anybody could kill it"
        assert time.monotonic() < until, "nothing was stored"
        time.sleep(0.01)
    packager.kill()
    packager.wait()


def _stored_since(began: float, folder: Path) -> bool:
    """By this packager: what an earlier one has left is still there at first, and may go while it is looked at."""
    with suppress(FileNotFoundError):
        return any(path.stat().st_mtime > began for path in folder.glob("videos/*/*/*.ts"))
    return False


def _environment(folder: Path) -> dict[str, str]:
    return environment(folder) | {"DJANGO_SETTINGS_MODULE": "playhead.settings"}


def _python(folder: Path, program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=_environment(folder), stdout=subprocess.PIPE, text=True, check=True).stdout
