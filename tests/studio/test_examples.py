"""The notebook and the twenty lines run, and what they draw is what the pages' own rows say."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.analytics.watching import watch_a_lot
from tests.world import World

EXAMPLES = Path(__file__).parents[2] / "examples"
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def data(tracking_template: Path, tmp_path: Path) -> Path:
    """A data folder as a server leaves it."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(tracking_template, folder / "tracking.sqlite3")
    return folder


@pytest.fixture
def world(data: Path) -> Iterator[World]:
    with World(str(data / "tracking.sqlite3")) as running:
        watch_a_lot(running, Random(3), batches=60)
        yield running


def of_the_pages(world: World) -> tuple[dict[str, int], list[int]]:
    """How often each event was told, by the journal, and the percents of the progress rows."""
    asked = "SELECT body FROM recorder_journal j JOIN recorder_playback p ON p.id = j.playback_id "
    told = [json.loads(row[0]) for row in world.rows(asked + "WHERE j.kind = 'batch' AND NOT p.preview")]
    counted = Counter(event["type"] for batch in told for event in batch["events"])
    # Alice only looked: what is watched in preview is in no table of the lake.
    asked = "SELECT progress FROM recorder_progress p JOIN recorder_viewer v ON v.id = p.viewer_id "
    percents = world.rows(asked + "WHERE progress IS NOT NULL AND v.key <> 'alice'")
    return dict(counted), sorted(row[0] for row in percents)


def test_the_twenty_lines(world: World, data: Path, tmp_path: Path) -> None:
    lines = (EXAMPLES / "analytics.py").read_text().split('"""\n', 1)[1]
    assert len([line for line in lines.splitlines() if line and not line.startswith(("import", "from"))]) <= 20
    ran = subprocess.run(
        [sys.executable, EXAMPLES / "analytics.py"],
        env={**os.environ, "PLAYHEAD_DATA": str(data)}, cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    events, percents = of_the_pages(world)
    said = re.fullmatch(r"(\d+) events of (\d+) types, (\d+) students × videos: playhead.html\n", ran.stdout)
    assert said
    assert [int(number) for number in said.groups()] == [sum(events.values()), len(events), len(percents)]
    assert "Percent completed" in (tmp_path / "playhead.html").read_text()


def test_the_notebook(world: World, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYHEAD_DATA", str(data))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(EXAMPLES / "analytics.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    shares, types, percent = (_figure(cell) for cell in notebook.cells if cell.get("outputs"))
    events, percents = of_the_pages(world)
    assert _pairs(shares["labels"], shares["values"]) == events
    assert _pairs(types["y"], types["x"]) == events
    assert sorted(_values(percent["x"])) == percents


def _figure(cell: Any) -> dict[str, Any]:
    """The one trace of the figure that a cell shows."""
    [trace] = cell.outputs[-1]["data"]["application/vnd.plotly.v1+json"]["data"]
    found: dict[str, Any] = trace
    return found


def _pairs(names: Any, values: Any) -> dict[str, int]:
    return dict(zip(_values(names), _values(values), strict=True))


def _values(told: Any) -> list[Any]:
    """A column, which Plotly writes as a list or as packed numbers."""
    if isinstance(told, dict):
        import base64

        import numpy as np

        return [int(value) for value in np.frombuffer(base64.b64decode(told["bdata"]), dtype=told["dtype"])]
    return list(told)
