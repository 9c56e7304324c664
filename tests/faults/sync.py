"""What the system calls say: between a batch's arrival and its 200 lie a write to the log and a finished sync.

One connection sends one batch after the other while strace listens. Needs strace and the right to trace.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.kit.rows import Row
from bench.load.generator import Load
from tests.faults.kit.place import caught, number, place, zero

BATCHES_S = number("TRACE_S", 3)
_TRACED = "trace=pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync"
_CALL = re.compile(r"^(?P<pid>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<name>\w+)\()(?P<rest>.*)$")


_ANSWER = re.compile(r'\\"status\\":\\"(recorded|duplicate)\\"')
_SHOWN = 12


@dataclass(slots=True)
class Seen:
    """Answers that left: new batches, batches known already (nothing to sync), and new ones without their sync."""

    answers: int = 0
    repeated: int = 0
    unsynced: int = 0
    calls: tuple[str, ...] = ()  # before the first of those, to see why


def measure() -> list[Row]:
    if shutil.which("strace") is None:
        sys.stderr.write("sync is left out: strace is not installed (apt install strace)\n")
        return []
    seen = trace()
    if seen.unsynced:
        sys.stderr.write("\n".join(("the calls before it:", *seen.calls, "")))
    said = f"{seen.repeated} to batches known already" if seen.repeated else ""
    return [
        Row("answers 200 seen leaving", seen.answers, "answers", ">= 20", seen.answers >= 20, said),
        zero("of them before their sync", seen.unsynced, "answers"),
        *[caught(bug, trace(bug=bug).unsynced) for bug in ("synchronous_off", "synchronous_normal", "answer_first")],
    ]


def trace(*, bug: str = "") -> Seen:
    """Which answers left, and how many of them without a write and then a sync of the log since the one before."""
    with tempfile.TemporaryDirectory() as name:
        written = Path(name) / "trace"
        under = ("strace", "-f", "-qq", "-y", "-s", "256", "-e", _TRACED, "-o", str(written))
        with place(bug=bug, viewers=50, under=under) as traced:
            traced.server.start()
            with Load(traced.port, traced.viewers, connections=1) as load:
                load.run(BATCHES_S)
            traced.server.stop()
        return read(written.read_text(errors="replace").splitlines())


def read(lines: Sequence[str]) -> Seen:
    """Follow the log. That the follower's own sums may be on their way when an answer leaves says nothing about it.

    What counts is the answer's body: a batch that was known already is answered without a sync of its own, for it was
    synced when it was new.
    """
    seen = Seen()
    wrote = synced = False  # since the last answer
    files: dict[str, str] = {}  # by thread: what its unfinished sync is about
    for at, line in enumerate(lines):
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
        elif (status := _ANSWER.search(rest)) is not None:
            seen.answers += 1
            if status[1] == "duplicate":
                seen.repeated += 1
                continue
            if not synced:
                seen.unsynced += 1
                seen.calls = seen.calls or tuple(lines[max(0, at - _SHOWN) : at + 1])
            wrote = synced = False
    return seen
