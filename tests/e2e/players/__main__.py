"""`make players`: every script on every player, or those named; writes results/players.json and docs/players.md."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.e2e.players.report import write
from tests.e2e.players.run import PLAYERS, play_all
from tests.e2e.players.sessions import SCRIPTS


def main(arguments: list[str]) -> None:
    asked = " ".join(arguments)  # names of scripts have spaces
    players = [name for name in PLAYERS if name in asked] or list(PLAYERS)
    scripts = [name for name in SCRIPTS if name in asked] or list(SCRIPTS)
    with tempfile.TemporaryDirectory() as folder:
        outcomes = asyncio.run(play_all(Path(folder), [(player, script) for player in players for script in scripts]))
    write(outcomes)


main(sys.argv[1:])
