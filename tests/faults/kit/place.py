"""A Playhead to be broken: a data folder, a server on it, and viewers who remember what they were promised."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.kit.processes import Server, environment, free_port
from bench.kit.rows import Row
from bench.load import seeding
from bench.load.truth import Truth, compare, database_of, settle
from bench.load.viewers import Careless, Viewer
from playhead.recorder.clock import SystemClock
from tests.faults.kit.forked import Forked

_PLAYHEAD = "from playhead.cli import main; main()"


def number(name: str, default: int) -> int:
    """How often to do something: from the environment, as in `KILLS=1000 make faults ONLY=kill`."""
    return int(os.environ.get(name, default))


@dataclass(slots=True)
class Place:
    folder: Path
    server: Server
    viewers: list[Viewer]

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def database(self) -> str:
        return database_of(self.folder)

    def settle(self) -> int:
        """Every batch that was not acknowledged is sent again until it is; returns how many never were."""
        return settle(self.port, self.viewers)

    def truth(self) -> Truth:
        return compare(self.database, self.viewers)

    def verify(self) -> bool:
        """`playhead verify`, as an operator would run it."""
        command = [str(Path(sys.executable).with_name("playhead")), "verify"]
        ran = subprocess.run(command, env=environment(self.folder), capture_output=True, text=True)
        if ran.returncode:
            sys.stderr.write(ran.stdout + ran.stderr)
        return ran.returncode == 0


@contextmanager
def place(
    *,
    bug: str = "",
    viewers: int = 200,
    folder: Path | None = None,
    under: Sequence[str] = (),
    forked: bool = False,
    **settings: str,
) -> Iterator[Place]:
    """A migrated folder with viewers in it; the server is not yet started. `under` is put before its command line;
    `forked` is for one that is started very often."""
    with tempfile.TemporaryDirectory(prefix="ph-fault-") as made:
        folder = folder or Path(made)
        seeding.migrate(folder)
        seats = seeding.seats(folder, database_of(folder), viewers)
        port = free_port()
        # The interpreter itself: strace and fiu do not follow a launcher script.
        python = os.path.realpath(sys.executable)
        paths = os.pathsep.join(path for path in sys.path if path)
        env = environment(folder, PORT=str(port), PYTHONPATH=paths, **settings)
        log = Path(made) / "log"
        server: Server
        if forked:
            server = Forked(
                [python, "-m", "tests.faults.kit.forked", *([bug] if bug else [])], port=port, log=log, env=env
            )
        else:
            command = [python, "-m", "tests.faults.kit.planted", bug] if bug else [python, "-c", _PLAYHEAD]
            server = Server([*under, *command, "serve", "--no-worker"], port=port, log=log, env=env)
        kind = Careless if bug in {"answer_first", "errors_swallowed"} else Viewer
        try:
            yield Place(folder, server, [kind(seat, SystemClock()) for seat in seats])
        finally:
            server.close()


def zero(measure: str, found: int, unit: str = "batches", *, said: str = "") -> Row:
    """A row for something that must not happen."""
    return Row(measure, found, unit, "0", found == 0, said)


def tried(once: Callable[[], int], *, most: int = 5) -> int:
    """What a planted bug did, tried again while it did nothing: on a busy machine it takes its moment, too."""
    return next((found for _ in range(most) if (found := once())), 0)


def caught(bug: str, found: int) -> Row:
    """A row for a planted bug, which must be found."""
    return Row(f"planted bug {bug}", found, "found", ">= 1", found >= 1)
