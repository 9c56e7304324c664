"""What is booked of the same sessions: ours, Snowplow's media plugin, joined `timeupdate`s, the furthest position.

The ten scripts of `make players` on one <video> in a real browser, all four listening to it at once, and the truth cut
inside the page at every command. The figures are distinct seconds of video; the peers come from npm when this runs.
"""

import asyncio
import subprocess
from pathlib import Path
from typing import Final

from bench.kit.peers import bring_node
from bench.kit.players import Place, place
from bench.kit.rows import Row
from tests.e2e.players.sessions import SCRIPTS, Scene, credits_of, play_in
from tests.e2e.players.stage import ROOT
from tests.e2e.players.tabs import open_tab, tabs
from tests.e2e.watching import Span, union

PEERS: Final = ("@snowplow/browser-tracker@4.10.1", "@snowplow/browser-plugin-media@4.10.2")
GOAL_MS: Final = 300  # over a whole session of up to five cuts


def measure() -> list[Row]:
    with place() as here:
        _bundle(here.media / "peers.js")
        return asyncio.run(_measure(here))


async def _measure(here: Place) -> list[Row]:
    scenes = [Scene(here.server, here.student, here.video, "beside", script) for script in SCRIPTS]
    async with tabs(here.folder / "profile", here.stage.flags) as endpoint:
        return [await _row(endpoint, scene) for scene in scenes]


async def _row(endpoint: str, scene: Scene) -> Row:
    tab = await open_tab(endpoint)
    try:
        playback, told = await play_in(tab, scene)
    finally:
        await tab.close()
    true_s = _distinct_s([(start, end) for start, end in told["truth"]])
    ours_s = _distinct_s(credits_of(scene.server, playback))
    return Row(
        measure=f"{scene.script}: {true_s:.2f} s were played",
        value=round(ours_s, 2),
        unit="s",
        goal=f"within {GOAL_MS} ms",
        holds=abs(ours_s - true_s) * 1000 <= GOAL_MS,
        peer=", ".join(f"{peer} {_said(booked_ms)}" for peer, booked_ms in told["booked"].items()),
    )


def _said(booked_ms: float | None) -> str:
    return "knows one video only" if booked_ms is None else f"{booked_ms / 1000:.1f}"


def _bundle(target: Path) -> None:
    """Their packages and the glue around them, as one script for the page."""
    folder = bring_node(*PEERS)
    esbuild = str(ROOT / "tracker" / "node_modules" / ".bin" / "esbuild")
    glue = str(ROOT / "bench" / "peers" / "accuracy" / "peers.js")
    env = {"NODE_PATH": str(folder / "node_modules"), "PATH": str(ROOT / ".venv" / "bin")}
    command = [esbuild, glue, "--bundle", "--format=iife", "--log-level=warning", f"--outfile={target}"]
    subprocess.run(command, check=True, env=env)


def _distinct_s(spans: list[Span]) -> float:
    return sum(end - start for start, end in union(spans)) / 1000
