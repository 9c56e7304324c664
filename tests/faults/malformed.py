"""Bodies that are no batches: MUTANTS of them (10,000 unless set) at the door, and a fuzzer on the parser for FUZZ_S s.

Mutated from a good request: bits, cuts, splices, other JSON. No answer but the documented ones, none after a second,
nothing stored of what is not a batch. The fuzzer is atheris, guided by coverage; the parser raises Invalid or succeeds.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.kit.peers import bring_folder
from bench.kit.processes import environment
from bench.kit.rows import Row
from bench.load import seeding
from bench.load.truth import database_of
from bench.load.viewers import body_of
from playhead.core.errors import PlayheadError
from playhead.recorder.batches import parse_batch
from tests.faults.kit.place import caught, number, zero
from tests.world import World

MUTANTS = number("MUTANTS", 10_000)
FUZZ_S = number("FUZZ_S", 20)
_ATHERIS = "atheris==3.0.0"
_DOCUMENTED = {200, 400, 401, 403, 409, 413, 429}
_PIECES = (b"null", b"-1", b"1e999", b"[]", b'"\\ud800"', b"9" * 400, b"NaN", b"\x00", b"\xff\xfe", b"[" * 9000, b"\n")


def measure() -> list[Row]:
    statuses, slowest_s, stored = mutate(MUTANTS)
    ran, said = fuzz(FUZZ_S)
    unstored = statuses[200] - stored
    return [
        Row("mutated bodies sent", MUTANTS, "bodies", peer=str(dict(sorted(statuses.items())))),
        zero("answers that are not documented", sum(n for status, n in statuses.items() if status not in _DOCUMENTED)),
        zero("stored without a 200, or the other way round", abs(unstored)),
        Row("slowest answer", round(slowest_s * 1000, 1), "ms", "<= 1,000", slowest_s <= 1),
        Row("inputs the fuzzer tried on the parser", ran, "inputs", ">= 1,000", ran >= 1000, said),
        caught("a parser that lets ValueError out", int("ValueError" in fuzz(FUZZ_S, planted=True)[1])),
    ]


def mutate(times: int) -> tuple[Counter[int], float, int]:
    """Statuses, the slowest answer in seconds, and the batches that were stored."""
    dice = random.Random(1)
    statuses: Counter[int] = Counter()
    slowest_s, repeated = 0.0, 0
    with tempfile.TemporaryDirectory() as name:
        seeding.migrate(Path(name))
        with World(database_of(Path(name))) as world:
            opening = world.open()
            for _ in range(times):
                world.clock.forward(100)  # slow enough for one ticket
                began = time.perf_counter()
                answer = world.request(_mutant(opening.ticket.encode(), dice))
                slowest_s = max(slowest_s, time.perf_counter() - began)
                statuses[answer.status] += 1
                repeated += answer.body.get("status") == "duplicate"
            [(stored,)] = world.rows("SELECT COUNT(*) FROM recorder_journal WHERE kind = 'batch'")
    return statuses, slowest_s, int(stored) + repeated


def _mutant(ticket: bytes, dice: random.Random) -> bytes:
    body = bytearray(body_of(seq=dice.randrange(50), sent=10_000, t0=0, t1=10_000, m0=0))
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(body) or 1)
        match dice.randrange(4):
            case 0:
                body[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del body[at : at + dice.randint(1, 40)]
            case 2:
                body[at:at] = dice.choice(_PIECES)
            case _:
                body[at:at] = body[dice.randrange(len(body) or 1) :][: dice.randint(1, 60)]
    return ticket + b"\n" + bytes(body)


def fuzz(seconds: int, *, planted: bool = False) -> tuple[int, str]:
    """How many inputs atheris tried, and what it said at the end. It runs as a process: it never returns."""
    paths = [str(bring_folder(_ATHERIS)), *sys.path]
    command = [sys.executable, "-m", "tests.faults.malformed", "planted" if planted else "", str(seconds)]
    ran = subprocess.run(command, env=environment(Path(), PYTHONPATH=":".join(paths)), capture_output=True)
    said = (ran.stdout + ran.stderr).decode(errors="replace").strip().splitlines()
    done = [line for line in said if "Done" in line and "runs" in line]
    tried = int(done[-1].split("Done ")[1].split()[0]) if done else 0
    kept = done[-1:] if not ran.returncode else [line for line in said if "Error" in line][:1] or said[-1:]
    return tried, " ".join(kept)


def _one_input(data: bytes) -> None:
    try:
        parse_batch(data)
    except PlayheadError:
        return


def _one_input_planted(data: bytes) -> None:
    if b"{" in data:
        raise ValueError("as a parser lets it out that trusts its library")


def _fuzz() -> None:
    import atheris

    planted, seconds = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as corpus:
        (Path(corpus) / "good").write_bytes(body_of(seq=0, sent=10_000, t0=0, t1=10_000, m0=0))
        options = [sys.argv[0], f"-max_total_time={seconds}", "-max_len=4096", "-artifact_prefix=/dev/null", corpus]
        atheris.Setup(options, _one_input_planted if planted else _one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    _fuzz()
