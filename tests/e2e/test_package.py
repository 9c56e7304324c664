"""The npm package as somebody else gets it: packed, installed into an empty project, imported, its types checked."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from scripts.docs import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]

TRACKER = ROOT / "tracker"
_TYPED = """import { track, type Answer, type MediaLike, type Tracking } from "playhead";
declare const player: MediaLike;
const onAnswer = ({ progress }: Answer) => progress;
const options = { ticket: "t", endpoint: "https://media.example/v1/batches", onAnswer };
const tracking: Tracking = track(player, options);
tracking.tell("present", { prompt: "p" });
void tracking.flush();
"""
_WRONG = 'import { track } from "playhead";\ntrack(1, { ticket: 2 });\n'
_OPTIONS = {"strict": True, "module": "nodenext", "lib": ["es2022", "dom"], "types": [], "noEmit": True}
_IMPORT = 'import("playhead").then((it) => console.log(typeof it.track, typeof it.sendLeftovers))'


def test_it_is_imported_and_typed_in_an_empty_project(tmp_path: Path) -> None:
    packed = json.loads(_run("npm", "pack", "--json", "--pack-destination", str(tmp_path), folder=TRACKER))[0]
    assert {Path(file["path"]).suffix for file in packed["files"]} <= {".js", ".mjs", ".ts", ".json", ".md"}
    (tmp_path / "package.json").write_text('{"name": "somebody", "private": true, "type": "module"}')
    _run("npm", "install", "--offline", "--no-audit", "--no-fund", str(tmp_path / packed["filename"]), folder=tmp_path)
    assert "function function" in _run("node", "-e", _IMPORT, folder=tmp_path)
    assert _typed(tmp_path, _TYPED) == 0
    assert _typed(tmp_path, _WRONG) != 0


def _typed(folder: Path, text: str) -> int:
    (folder / "use.ts").write_text(text)
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": _OPTIONS, "files": ["use.ts"]}))
    tsc = TRACKER / "node_modules" / "typescript" / "bin" / "tsc"
    return subprocess.run([_tool("node"), str(tsc), "-p", str(folder)], capture_output=True, check=False).returncode


def _run(tool: str, *arguments: str, folder: Path) -> str:
    env = os.environ | {"PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run([_tool(tool), *arguments], cwd=folder, env=env, capture_output=True, text=True, check=True)
    return done.stdout


def _tool(name: str) -> str:
    """Node comes with the Python packages."""
    own = ROOT / ".venv" / "bin" / name
    return str(own) if own.exists() else name
