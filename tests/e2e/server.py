"""A whole Playhead of the tests' own: `playhead serve` as a process on a folder, with a school in it."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Self

PASSWORD = "playhead-demo"

# Run inside the folder's own process: the tests' Django has other databases.
_ENROL = """
import django; django.setup()
from playhead.lms.models import Course, Enrolment, Role
from playhead.lms.seed import _person
import sys
for name in sys.argv[1:]:
    course = Course.objects.get(key="c_waves_and_sound")
    Enrolment.objects.get_or_create(course=course, user=_person(name, name.title()), defaults={"role": Role.STUDENT})
"""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Server:
    """Start, stop and kill it at will; the folder and the port stay the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.database = folder / "tracking.sqlite3"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start("demo")
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PLAYHEAD_")}
        settings = {
            "PLAYHEAD_DATA": str(self.folder),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "playhead.settings",
        }
        return kept | settings

    def start(self, command: str = "serve", *, worker: bool = False) -> None:
        """Start and wait until it answers; with a worker beside it only where one is wanted."""
        self._process = subprocess.Popen(
            [str(Path(sys.executable).with_name("playhead")), command, *([] if worker else ["--no-worker"])],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=(self.folder / "server.log").open("a"),
            text=True,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "Playhead is at" in line:
                return
        raise RuntimeError((self.folder / "server.log").read_text())

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process = None

    def run(self, script: str, *given: str) -> str:
        """Run some Python on the folder, in a process of its own; returns what it printed."""
        command = [sys.executable, "-c", script, *given]
        return subprocess.run(command, env=self.environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    def enrol(self, names: Sequence[str]) -> None:
        """Enrol students in the demo's course, making their accounts."""
        self.run(_ENROL, *names)

    def join(self, *origins: str) -> None:
        """Let pages of these sites, all of one other system, read the answers they get."""
        with closing(sqlite3.connect(self.database, timeout=20)) as database, database:
            database.execute(
                "INSERT OR IGNORE INTO recorder_integration (key, organisation_id, name, kind, origins, "
                "progress_every_s, playback_keys, active, created_at) "
                "VALUES ('i_school', 1, 'School', 'playhead', ?, 10, '[]', 1, 0)",
                [json.dumps(origins)],
            )
