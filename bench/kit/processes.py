"""Servers under measurement: started as processes of their own, waited for, and ended by their own number."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import psutil

STARTS_S = 60.0


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a Playhead of its own: nothing of the developer's settings, and these.

    Its modules are kept compiled, as pip leaves them: a start must not be measured with compiling.
    """
    others = ("PLAYHEAD_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return kept | {"PLAYHEAD_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "playhead.settings"} | settings


def playhead(*, launcher: str = "") -> list[str]:
    """The command line of the server: the product's own, or a launcher module that changes something first."""
    return (
        [sys.executable, "-m", launcher, "serve", "--no-worker"]
        if launcher
        else [str(Path(sys.executable).with_name("playhead")), "serve", "--no-worker"]
    )


class Server:
    """A process that listens at `port` of this machine. Its output goes to `log`."""

    def __init__(self, command: Sequence[str], *, port: int, log: Path, env: Mapping[str, str] | None = None) -> None:
        self.port = port
        self._command = list(command)
        self._log = log
        self._env = dict(env) if env is not None else None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Start and wait until it takes connections; returns the seconds that took."""
        started = time.perf_counter()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._env, stdout=log, stderr=log)
        while not self._listens():
            if self._process.poll() is not None or time.perf_counter() - started > STARTS_S:
                self.stop()
                raise RuntimeError(f"{self._command} did not start: {self._log.read_text()[-2000:]}")
            time.sleep(0.01)
        return time.perf_counter() - started

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Send the signal and wait; what does not end by itself is killed, and what it started with it.

        A tracer that is ended lets go of the server it watches: without this, the server would stay.
        """
        if self._process is None:
            return
        started: list[psutil.Process] = []
        if self._process.poll() is None:
            started = self.family()[1:]
            self._process.send_signal(how)
        self.wait()
        for left in started:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.send_signal(how)

    def wait(self) -> None:
        """Until it has ended; it is killed if that takes long."""
        assert self._process is not None
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def family(self) -> list[psutil.Process]:
        """The process itself, then all that it has started: the one that records is among them."""
        first = psutil.Process(self.pid)
        return [first, *first.children(recursive=True)]

    def signal(self, which: signal.Signals) -> None:
        """To the whole family."""
        for member in self.family():
            member.send_signal(which)

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def cpu_s(self) -> float:
        """Processor time so far, the whole family's."""
        return sum(sum(member.cpu_times()[:2]) for member in self.family())

    def memory_mb(self) -> float:
        """The whole family's, where what several share counts once."""
        return sum(member.memory_full_info().pss for member in self.family()) / 1e6

    def files(self) -> int:
        return sum(member.num_fds() for member in self.family())

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=0.5).close()
        except OSError:
            return False
        return True
