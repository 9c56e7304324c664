"""What the system calls say: between a batch's arrival and its 200 lie a write to the log and a finished sync.

One connection sends one batch after the other while strace listens. Needs strace and the right to trace.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bench.kit.rows import Row
from bench.load.generator import Load
from tests.faults.kit.place import caught, number, place, zero

BATCHES_S = number("TRACE_S", 3)
_TRACED = "trace=pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync"
_CALL = re.compile(r"^(?P<pid>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<name>\w+)\()(?P<rest>.*)$")


def measure() -> list[Row]:
    if shutil.which("strace") is None:
        sys.stderr.write("sync is left out: strace is not installed (apt install strace)\n")
        return []
    answers, unsynced = trace()
    return [
        Row("answers 200 seen leaving", answers, "answers", ">= 20", answers >= 20),
        zero("of them before their sync", unsynced, "answers"),
        *[caught(bug, trace(bug=bug)[1]) for bug in ("synchronous_off", "synchronous_normal", "answer_first")],
    ]


def trace(*, bug: str = "") -> tuple[int, int]:
    """How many answers left, and how many of them without a write and then a sync of the log since the one before."""
    with tempfile.TemporaryDirectory() as name:
        written = Path(name) / "trace"
        under = ("strace", "-f", "-qq", "-y", "-s", "24", "-e", _TRACED, "-o", str(written))
        with place(bug=bug, viewers=50, under=under) as traced:
            traced.server.start()
            with Load(traced.port, traced.viewers, connections=1) as load:
                load.run(BATCHES_S)
            traced.server.stop()
        return _read(written.read_text(errors="replace").splitlines())


def _read(lines: Iterable[str]) -> tuple[int, int]:
    """Follow the log. That the follower's own sums may be on their way when an answer leaves says nothing about it."""
    answers = unsynced = 0
    wrote = synced = False  # since the last answer
    files: dict[str, str] = {}  # by thread: what its unfinished sync is about
    for line in lines:
        call = _CALL.match(line)
        if call is None:
            continue
        name, rest = call["resumed"] or call["name"], call["rest"]
        if "sync" in name:
            about = files.pop(call["pid"], rest) if call["resumed"] else rest
            if "unfinished" in rest:
                files[call["pid"]] = rest
            elif "-wal>" in about and rest.endswith("= 0"):
                synced = wrote
        elif "-wal>" in rest:
            wrote = True
        elif '"HTTP/1.1 200' in rest:
            answers += 1
            unsynced += not synced
            wrote = synced = False
    return answers, unsynced
