"""results/players.json."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from tests.e2e.players.sessions import Outcome
from tests.e2e.players.stage import ROOT


def write(outcomes: Sequence[Outcome], *, whole: bool) -> None:
    (ROOT / "results" / "players.json").write_text(json.dumps([asdict(one) for one in outcomes], indent=1))
