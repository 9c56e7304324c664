"""The one place that starts ffmpeg: the machine's own, or the one the `media` extra brings."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from playhead.core.errors import Invalid, PlayheadError

_COMMON = ("-hide_banner", "-nostdin", "-y", "-loglevel", "error", "-nostats")
_ERROR_LENGTH = 400


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


def run_ffmpeg(arguments: Sequence[str], *, folder: Path | None = None) -> Iterator[str]:
    """Run in `folder`, yielding each line of standard output as it comes; left early, ffmpeg is ended.

    Raises `Invalid("ffmpeg_failed")` with ffmpeg's own last words.
    """
    command = [find_ffmpeg(), *_COMMON, *arguments]
    # A file, not a pipe: nobody would empty it while the lines are read, and a damaged video has much to say.
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=said, text=True) as process:
            assert process.stdout is not None
            try:
                yield from process.stdout
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0:
            raise Invalid("ffmpeg_failed", f"ffmpeg stopped with an error: {_last_words(said)}")


def _last_words(said: IO[bytes]) -> str:
    said.seek(max(0, said.seek(0, os.SEEK_END) - _ERROR_LENGTH))
    return said.read().decode(errors="replace").strip()
