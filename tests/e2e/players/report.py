"""What the scripts came to: results/players.json, and the tables in docs/players.md between their marks."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields

from tests.e2e.players.run import PLAYERS, Kind
from tests.e2e.players.sessions import SCRIPTS, Outcome
from tests.e2e.players.stage import ROOT

PAGE = ROOT / "docs" / "players.md"
RESULTS = ROOT / "results" / "players.json"
_MARKED = re.compile(r"(<!-- measured -->\n).*(<!-- end -->)", re.DOTALL)


def write(new: Sequence[Outcome]) -> None:
    """Each script's newest outcome; the page is only written when there is one for every script on every player."""
    kept = {(one.player, one.script): one for one in [*_kept(), *new]}
    outcomes = [kept[player, script] for player in PLAYERS for script in SCRIPTS if (player, script) in kept]
    rows = [
        {**asdict(one), "truth_ms": one.truth_ms, "credited_ms": one.credited_ms, "met": met(one)} for one in outcomes
    ]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"load_average": os.getloadavg(), "outcomes": rows}, indent=1) + "\n")
    if len(outcomes) == len(PLAYERS) * len(SCRIPTS):
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(_MARKED.sub(lambda found: found[1] + tables(outcomes) + found[2], page), encoding="utf-8")


def _kept() -> list[Outcome]:
    if not RESULTS.exists():
        return []
    names = {field.name for field in fields(Outcome)}
    rows = json.loads(RESULTS.read_text())["outcomes"]
    return [Outcome(**{name: value for name, value in row.items() if name in names}) for row in rows]


def met(outcome: Outcome) -> bool:
    """Within what was aimed at for this player: each cut, and nothing refused, missing or thrown."""
    at_1x, at_2x = PLAYERS[outcome.player].worst_cut_ms
    most = at_2x if outcome.script == "rate change" else at_1x
    cuts = 2 * max(1, len(outcome.truth))
    paired = outcome.worst_cut_ms is not None and outcome.worst_cut_ms <= most
    return paired and outcome.refused_ms == 0 and outcome.missing_ms <= cuts * most and not outcome.errors


def tables(outcomes: Sequence[Outcome]) -> str:
    """Cuts, sums and events, one row a player."""
    by_player = {name: {one.script: one for one in outcomes if one.player == name} for name in PLAYERS}
    parts = [
        "Worst cut of a script, in ms of media time; `*` is over the aim, `-` where stretches do not pair up.\n",
        _table(["player", "aim", *SCRIPTS], [_cuts(PLAYERS[name], ones) for name, ones in by_player.items()]),
        "\nSeconds credited, of seconds truly played (repeats included).\n",
        _table(["player", *SCRIPTS], [_sums(PLAYERS[name], ones) for name, ones in by_player.items()]),
        "\nEvents that arrived in the journal in these scripts.\n",
        _table(["player", "events"], [[PLAYERS[name].title, _events(ones)] for name, ones in by_player.items()]),
    ]
    return "\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _cuts(kind: Kind, ones: Mapping[str, Outcome]) -> list[str]:
    aim = "{} / {}".format(*kind.worst_cut_ms)
    return [kind.title, aim, *(_cut(ones[script]) for script in SCRIPTS)]


def _cut(one: Outcome) -> str:
    text = "-" if one.worst_cut_ms is None else str(one.worst_cut_ms)
    return text if met(one) else f"{text} \\*"


def _sums(kind: Kind, ones: Mapping[str, Outcome]) -> list[str]:
    return [
        kind.title,
        *(f"{one.credited_ms / 1000:.2f} of {one.truth_ms / 1000:.2f}" for one in (ones[s] for s in SCRIPTS)),
    ]


def _events(ones: Mapping[str, Outcome]) -> str:
    return ", ".join(f"`{name}`" for name in sorted({name for one in ones.values() for name in one.events}))
