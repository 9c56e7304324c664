"""`python -m bench.load`: a server of its own, viewers, and at the end both sides' numbers compared."""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.kit.processes import Server, environment, free_port, playhead
from bench.load import seeding
from bench.load.generator import Load, Outcome
from bench.load.truth import compare, database_of, settle
from bench.load.viewers import Viewer
from playhead.recorder.clock import SystemClock


def main() -> int:
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="playhead-load-") as name:
        folder, port = Path(name), free_port()
        seeding.migrate(folder)
        seats = seeding.seats(folder, database_of(folder), given.viewers)
        viewers = [Viewer(seat, SystemClock()) for seat in seats]
        command = playhead(launcher=given.launcher)
        with Server(command, port=port, log=folder / "log", env=environment(folder, PORT=str(port))) as server:
            with Load(port, viewers, connections=given.connections) as load:
                for number in range(given.rounds):
                    _say(number, load.run(given.seconds, per_second=given.rate), server)
            waiting = settle(port, viewers)
        truth = compare(database_of(folder), viewers)
    print(
        f"{truth.acknowledged:,} batches acknowledged, {waiting} never; ledger as acknowledged: {truth.holds} {truth}"
    )
    return 0 if truth.holds and not waiting else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--viewers", type=int, default=5000, help="each with a playback of its own (5000)")
    parser.add_argument("--connections", type=int, default=64, help="over so many connections (64)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round (2)")
    parser.add_argument("--rounds", type=int, default=5, help="how many (5)")
    parser.add_argument("--rate", type=float, default=None, help="open loop: so many a second, whatever is answered")
    parser.add_argument(
        "--launcher", default="", help="a module that starts the server instead of the product's command"
    )
    return parser.parse_args()


def _say(number: int, outcome: Outcome, server: Server) -> None:
    cpu_us = server.cpu_s() * 1e6
    print(
        f"round {number}: {outcome.rate:,.0f}/s p50 {outcome.latency_ms(50):.2f} p99 {outcome.latency_ms(99):.2f} ms "
        f"{dict(outcome.statuses)} lost {outcome.lost} unanswered {outcome.unanswered} "
        f"server {server.memory_mb():.0f} MB {server.files()} files, {cpu_us / 1e6:.1f} s of processor",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
