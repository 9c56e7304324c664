"""`worker`, and how `serve` and `demo` keep one running."""

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Final

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.terminal import start_django
from playhead.core.errors import Unavailable

logger = logging.getLogger(__name__)
_WAIT_FOR_OTHER_S: Final = 5.0
_RESTART_S: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
_LIVED_WELL_S: Final = 60.0
_STOP_S: Final = 20.0


@click.command(short_help="Send callbacks and do what takes long, until Ctrl-C.")
@click.option("--until-stdin-closes", is_flag=True, hidden=True, help="End with the process that started this one.")
@click.option("--callbacks-to-this-machine", "local", is_flag=True, hidden=True, help="As in a demo.")
def worker(until_stdin_closes: bool, local: bool) -> None:  # noqa: FBT001 - click's
    """Send callbacks to other systems, and do what takes long, until Ctrl-C.

    `playhead serve` and `playhead demo` start one beside themselves; run it by hand where they were told `--no-worker`.
    One is at work for a data folder, or a PostgreSQL database, at a time: another one waits until it can take over.

    \b
    Example:
      playhead serve --no-worker & playhead worker

    \b
    Exit codes:
      0  stopped as asked
      1  did not start: migrations wait
      2  called wrongly, or a setting makes no sense
    """
    start_django()
    require_up_to_date()
    if local:
        _allow_this_machine()
    over = threading.Event()
    for wish in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wish, lambda *_: over.set())
    if until_stdin_closes:
        threading.Thread(target=_watch, args=[sys.stdin, over], daemon=True).start()
    work_until(over, aloud=not until_stdin_closes)


def _allow_this_machine() -> None:
    from django.conf import settings

    settings.PLAYHEAD_CALLBACK_LOCAL = True


def work_until(over: threading.Event, *, aloud: bool) -> None:
    """Work as soon as no other worker does. Beside a server it is quiet: the last line there tells the address."""
    from playhead.working import working

    told = False
    while not over.is_set():
        try:
            with working():
                logger.log(logging.INFO if aloud else logging.DEBUG, "the worker is at work")
                over.wait()
        except Unavailable as busy:
            if busy.code != "worker_there":
                raise
            if not told:
                click.echo(f"{busy.detail} This one waits.", err=True)
                told = True
            over.wait(_WAIT_FOR_OTHER_S)


def _watch(stdin: IO[str], over: threading.Event) -> None:
    """Whoever started this process holds the other end, and lets go however it ends."""
    stdin.read()
    over.set()


@contextmanager
def supervised(*options: str) -> Iterator[None]:
    """Keep a worker running beside this process until the end of the block; started again, ever later, if it fails."""
    over = threading.Event()
    thread = threading.Thread(target=_supervise, args=[over, options], name="supervisor", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _supervise(over: threading.Event, options: Sequence[str]) -> None:
    failures = 0
    while not over.is_set():
        began = time.monotonic()
        command = [sys.executable, "-m", "playhead", "worker", "--until-stdin-closes", *options]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
            while child.poll() is None and not over.wait(0.2):
                pass
            if over.is_set():
                _stop(child)
                return
        failures = 0 if time.monotonic() - began > _LIVED_WELL_S else failures + 1
        wait_s = _RESTART_S[min(failures, len(_RESTART_S)) - 1] if failures else _RESTART_S[0]
        logger.error("the worker ended with exit code %s; starting it again in %g s", child.returncode, wait_s)
        over.wait(wait_s)


def _stop(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
