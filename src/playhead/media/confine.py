"""The limits under which ffmpeg reads what strangers brought: time, memory, files, no network, no life of its own.

With the small programs of util-linux, which every Debian has; where one is missing or forbidden (user namespaces in
some containers), the others still hold, and `doctor` says so.
"""

import shutil
import subprocess
from functools import lru_cache
from typing import Final

from playhead.core import limits

# Demuxers, by ffmpeg's names. Playlists (hls, concat, dash), pictures and anything that names other files are not here.
FORMATS: Final = "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,wav,mp3,aac,flac,ogg,aiff"
_OPEN_FILES: Final = 256


def confined(*, cpu_s: int) -> list[str]:
    """What to write before a command, so that it runs within `cpu_s` seconds of processor time and within memory."""
    prefix = [*_without_network()]
    if shutil.which("prlimit"):
        memory = f"--as={limits.PACKAGING_MEMORY_BYTES}"
        prefix += ["prlimit", memory, f"--cpu={cpu_s}", "--core=0", f"--nofile={_OPEN_FILES}", "--"]
    if shutil.which("nice"):
        prefix += ["nice", "-n", "10"]
    # Last, because changing namespaces forgets it: when whoever started it is killed, it goes as well.
    return [*prefix, "setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else prefix


def reading(name: str) -> list[str]:
    """ffmpeg's arguments to open a file that may be anything."""
    return ["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-i", f"file:{name}"]


@lru_cache(maxsize=1)
def _without_network() -> tuple[str, ...]:
    """A network namespace with nothing in it; empty where the machine does not let us have one."""
    alone = ("unshare", "--map-current-user", "--net", "--")
    if shutil.which("unshare") is None:
        return ()
    tried = subprocess.run([*alone, "true"], capture_output=True, check=False, timeout=10)
    return alone if tried.returncode == 0 else ()


def has_network() -> bool:
    """Whether ffmpeg could reach the network if it were tricked into it."""
    return not _without_network()
