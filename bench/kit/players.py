"""The pages with players, a lecture to play in them, and a student who may watch it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.players.run import LECTURE, bring_clips
from tests.e2e.players.sessions import Student, video_key
from tests.e2e.players.stage import Stage, make_media
from tests.e2e.server import Server


@dataclass(frozen=True, slots=True)
class Place:
    """`folder` is for files of one's own; those in `media` the pages find under `/media/`."""

    server: Server
    stage: Stage
    student: Student
    video: str
    folder: Path
    media: Path


@contextmanager
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        media, school = folder / "media", folder / "school"
        media.mkdir()
        bring_clips(school / "media")
        make_media(media, school / "media" / LECTURE)
        with Server(school) as server, Stage(media, playhead=server.address) as stage:
            server.enrol(["cora"])
            yield Place(server, stage, Student(server, "cora"), video_key(server, LECTURE), folder, media)
