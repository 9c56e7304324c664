"""Two players, two scripts: that the adapters hold in a real browser. All of them are followed by `make players`."""

import asyncio
from pathlib import Path

import pytest

from tests.e2e.players.run import PLAYERS, play_all

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PAIRS = [(player, script) for player in ("videojs", "vimeo") for script in ("skip", "rate change")]
_BUSY_MS = 100  # beside the aim: other tests share the machine


def test_what_is_credited_is_what_the_player_played(tmp_path: Path) -> None:
    for outcome in asyncio.run(play_all(tmp_path, PAIRS)):
        at_2x = PLAYERS[outcome.player].worst_cut_ms[1]
        assert outcome.errors == []
        assert outcome.refused_ms == 0
        assert outcome.worst_cut_ms is not None
        assert outcome.worst_cut_ms <= at_2x + _BUSY_MS
