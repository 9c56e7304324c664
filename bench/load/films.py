"""A data folder with one packaged film in it, and people who have a playback of it open."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.kit.processes import environment
from bench.load import seeding
from playhead.core import limits
from playhead.core.tickets import TicketKeys, sign
from playhead.media.ffmpeg import run_ffmpeg
from playhead.recorder.operations import OpenPlayback
from playhead.recorder.policy import Policy
from playhead.recorder.recorder import Recorder
from playhead.secrets import Secrets

# Run inside the folder's own process.
_PACKAGE = """
import django; django.setup()
import json, shutil, sys
from playhead.lms.library import publish
from playhead.lms.models import Course, default_organisation
from playhead.media.models import Asset, State
from playhead.media.packer import Packer, incoming
from playhead.media.segments import unpack
course = Course.objects.create(title="Films", organisation_id=default_organisation())
asset = Asset.objects.create(shelf=course.key, title="A film", name="film.mp4", size_bytes=1, state=State.WAITING)
incoming(asset).parent.mkdir(parents=True, exist_ok=True)
shutil.copy(sys.argv[1], incoming(asset))
Packer().package_next()
asset.refresh_from_db()
segments = {one.name: len(unpack(bytes(one.segments))) for one in asset.renditions.all()}
video = publish(asset)
print(json.dumps([asset.key, video.key, asset.duration_ms, segments]))
"""


@dataclass(frozen=True, slots=True)
class Film:
    """`segments` counts those of each rendition; `tickets` are of one open playback each."""

    asset: str
    video: str
    segments: dict[str, int]
    tickets: Sequence[str]
    viewers: Sequence[str]

    @property
    def names(self) -> list[str]:
        return [f"{name}/{number}.ts" for name, count in self.segments.items() for number in range(count)]


def make(path: Path, *, size: str, seconds: int) -> Path:
    """Moving pictures with the grain of a camera, and a tone."""
    source = f"testsrc2=s={size}:r=25,noise=alls=8:allf=t"
    inputs = ["-f", "lavfi", "-i", source, "-f", "lavfi", "-i", "sine"]
    list(run_ffmpeg([*inputs, "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-t", str(seconds), str(path)]))
    return path


def film(folder: Path, source: Path, *, viewers: int) -> Film:
    """Packages the file in a folder that is made for it. No server may run on it."""
    folder.mkdir(parents=True, exist_ok=True)
    seeding.migrate(folder)
    env = environment(folder) | {"DJANGO_SETTINGS_MODULE": "playhead.settings"}
    command = [sys.executable, "-c", _PACKAGE, str(source)]
    told = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True).stdout
    asset, video, duration_ms, segments = json.loads(told)
    keys = TicketKeys(Secrets(folder).ticket_keys)
    with Recorder(str(folder / "tracking.sqlite3")) as recorder:
        openings = [_opening(video, number, duration_ms, recorder.now_ms()) for number in range(viewers)]
        recorder.do_all(openings)
    tickets = [
        sign(viewer=one.viewer, video=video, playback=one.playback, jti="j", keys=keys, now_s=one.opened_at // 1000)
        for one in openings
    ]
    return Film(asset, video, segments, tickets, [one.viewer for one in openings])


def _opening(video: str, number: int, duration_ms: int, now_ms: int) -> OpenPlayback:
    return OpenPlayback(
        viewer=f"u_{number:06}",
        playback=f"p_{number:06}",
        video=video,
        organisation_id=1,
        session="s",
        opened_at=now_ms,
        duration_ms=duration_ms,
        policy=Policy(delivery_is_evidence=True, max_rate=limits.RATE_MAX),
        ticket_expires_at=now_ms + limits.TICKET_LIFETIME_S * 1000,
    )
