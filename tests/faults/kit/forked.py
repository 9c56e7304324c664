"""Servers without the second that Python takes to read modules: a process that has read them forks one after another.

What is forked, killed and forked again is the product's own `serve`, from its first line on. How long a start takes is
measured on servers that are started whole (`kill`).
"""

import os
import signal
import subprocess
import sys
import time
from importlib import import_module

from bench.kit.processes import STARTS_S, Server


class Forked(Server):
    """A server of `python -m tests.faults.kit.forked [BUG]`, which forks it each time it is started."""

    _forked = 0

    @property
    def pid(self) -> int:
        return self._forked

    def start(self) -> float:
        if self._process is None:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command, env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
                )
            self._line()  # it has read its modules
        started = time.perf_counter()
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        self._forked = int(self._line())
        while not self._listens():
            if not _exists(self._forked) or time.perf_counter() - started > STARTS_S:
                raise RuntimeError(f"the server did not start: {self.log()[-2000:]}")
            time.sleep(0.005)
        return time.perf_counter() - started

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the server, not the process that forks it."""
        if self._forked:
            os.kill(self._forked, how)
            self.wait()

    def wait(self) -> None:
        self._line()
        self._forked = 0

    def close(self) -> None:
        self.stop(signal.SIGKILL)
        if self._process is not None:
            self._process.kill()
            super().wait()

    def _line(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"nothing to fork from: {self.log()[-2000:]}")
        return line


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    """A line on stdin forks a server; its number is printed, and an empty line when it has ended."""
    from tests.faults.kit.planted import BUGS

    for bug in sys.argv[1:]:
        BUGS[bug]()
    import_module("playhead.asgi")  # all that a server needs
    del sys.modules["playhead.asgi"]  # it is composed anew in each: for the recorder that is beside that one
    from playhead.cli import main as command

    _say("")
    while sys.stdin.buffer.readline():
        pid = os.fork()
        if pid == 0:
            os.dup2(2, 1)
            sys.argv[1:] = ["serve", "--no-worker"]
            command()
        _say(str(pid))
        os.waitpid(pid, 0)
        _say("")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
