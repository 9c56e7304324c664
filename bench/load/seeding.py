"""Viewers with open playbacks, made through the recorder's own operations before the server starts."""

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.kit.processes import environment
from bench.load.viewers import Seat
from playhead.core import limits
from playhead.core.tickets import TicketKeys, sign
from playhead.recorder.operations import OpenPlayback
from playhead.recorder.policy import Policy
from playhead.recorder.recorder import Recorder
from playhead.secrets import Secrets

_VIDEOS = 200


def migrate(folder: Path, **settings: str) -> None:
    """Make the databases of a data folder, with the command an operator would use."""
    playhead = str(Path(sys.executable).with_name("playhead"))
    subprocess.run([playhead, "migrate"], env=environment(folder, **settings), check=True, stdout=subprocess.DEVNULL)


def seats(
    folder: Path, database: str, count: int, *, duration_ms: int = 3_600_000, seed: int = 1, videos: int = _VIDEOS
) -> list[Seat]:
    """Open a playback for each of `count` viewers, each somewhere in one of so many videos. No server may run."""
    dice = random.Random(seed)
    keys = TicketKeys(Secrets(folder).ticket_keys)
    with Recorder(database) as recorder:
        opening = list(_openings(count, duration_ms, dice, videos, now_ms=recorder.now_ms()))
        recorder.do_all(opening)
    return [_seat(opened, keys, dice.randrange(duration_ms)) for opened in opening]


def _openings(count: int, duration_ms: int, dice: random.Random, videos: int, *, now_ms: int) -> Iterator[OpenPlayback]:
    for number in range(count):
        yield OpenPlayback(
            viewer=f"u_{number:08}",
            playback=f"p_{number:08}{dice.getrandbits(64):016x}",
            video=f"v_{dice.randrange(videos):06}",
            organisation_id=1,
            session=None,
            opened_at=now_ms,
            duration_ms=duration_ms,
            policy=Policy(),
            ticket_expires_at=now_ms + limits.TICKET_LIFETIME_S * 1000,
        )


def _seat(opened: OpenPlayback, keys: TicketKeys, starts_ms: int) -> Seat:
    assert opened.duration_ms is not None
    ticket = sign(
        viewer=opened.viewer,
        video=opened.video,
        playback=opened.playback,
        jti=opened.playback,
        keys=keys,
        now_s=opened.opened_at // 1000,
    )
    return Seat(opened.viewer, opened.video, opened.playback, ticket, opened.opened_at, opened.duration_ms, starts_ms)
