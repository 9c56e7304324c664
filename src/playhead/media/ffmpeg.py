"""The one place that starts ffmpeg: the machine's own, or the one the `media` extra brings."""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from playhead.core.errors import Invalid, PlayheadError

_QUIET = ("-hide_banner", "-nostdin", "-y", "-nostats", "-loglevel")
_ERROR_LENGTH = 400
_SAID_LENGTH = 64 * 1024


def find_ffmpeg() -> str:
    """The program to run; `PlayheadError("no_ffmpeg")` says how to get one."""
    return shutil.which("ffmpeg") or _bundled_ffmpeg()


def _bundled_ffmpeg() -> str:
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError) as missing:
        detail = "No ffmpeg was found: install it (apt-get install ffmpeg, or pip install 'playhead[media]')."
        raise PlayheadError("no_ffmpeg", detail) from missing


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    folder: Path | None = None,
    before: Sequence[str] = (),
    within_s: float | None = None,
) -> Iterator[str]:
    """Run in `folder`, yielding each line of standard output as it comes; left early, ffmpeg is ended.

    `before` is what stands before the command, such as `confine.confined(...)`; after `within_s` seconds it is ended.
    Raises `Invalid("ffmpeg_failed")` with ffmpeg's own last words, or `Invalid("took_too_long")`.
    """
    command = [*before, find_ffmpeg(), *_QUIET, "error", *arguments]
    # A file, not a pipe: nobody would empty it while the lines are read, and a damaged video has much to say.
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=said, text=True) as process:
            assert process.stdout is not None
            over = threading.Event()
            watchdog = threading.Timer(within_s or 0, _end, (process, over))
            if within_s is not None:
                watchdog.start()
            try:
                yield from process.stdout
            except BaseException:
                process.kill()
                raise
            finally:
                watchdog.cancel()
        if over.is_set():
            raise Invalid("took_too_long", f"ffmpeg was ended after {within_s:.0f} seconds.")
        if process.returncode != 0:
            raise Invalid("ffmpeg_failed", f"ffmpeg stopped with an error: {_last_words(said)}")


def ask_ffmpeg(arguments: Sequence[str], *, before: Sequence[str] = (), within_s: float = 60) -> tuple[bytes, str]:
    """Run it for its first output and for what it tells about its input: (standard output, log).

    How it ended says nothing here: an answer may be there all the same. Raises `Invalid("took_too_long")`.
    """
    command = [*before, find_ffmpeg(), *_QUIET, "info", *arguments]
    with tempfile.TemporaryFile() as said:
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=said, check=False, timeout=within_s)
        except subprocess.TimeoutExpired:
            raise Invalid("took_too_long", f"ffmpeg was ended after {within_s:.0f} seconds.") from None
        said.seek(0)
        return done.stdout, said.read(_SAID_LENGTH).decode(errors="replace")


def _end(process: "subprocess.Popen[str]", over: threading.Event) -> None:
    over.set()
    process.kill()


def _last_words(said: IO[bytes]) -> str:
    said.seek(max(0, said.seek(0, os.SEEK_END) - _ERROR_LENGTH))
    return said.read().decode(errors="replace").strip()
