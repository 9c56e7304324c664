"""Who takes part in a measurement of the door: a server, and the clients that ask it."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.kit.peers import bring_environment, bring_node
from bench.kit.processes import Server, environment, free_port, playhead
from bench.load import seeding
from bench.load.clients import Client, Repeating, post
from bench.load.viewers import EVENTS, Careless, Viewer
from playhead.recorder.clock import SystemClock

HERE = Path(__file__).parent
EXPRESS = "express@5.3.0"
RALPH = ("ralph-malph[lrs]==5.1.0", "requests==2.34.2")  # it imports requests and does not ask for it
_RALPH_USER, _RALPH_PASSWORD = "bench", "bench-password"


@dataclass(slots=True)
class Contestant:
    name: str
    server: Server
    clients: Sequence[Client]
    patience: int = 1  # how many times as long a round it needs for a figure at all


def ours(
    folder: Path, name: str, *, viewers: int, launcher: str = "", database_url: str = "", recorder: str = "beside"
) -> Contestant:
    """Playhead over a folder of its own, migrated and with viewers in it; `launcher` starts it changed."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"PLAYHEAD_DATABASE_URL": database_url} if database_url else {}
    seeding.migrate(folder, **settings)
    seats = seeding.seats(folder, database_url or str(folder / "tracking.sqlite3"), viewers)
    kind = Careless if launcher else Viewer
    port = free_port()
    env = environment(folder, PORT=str(port), PLAYHEAD_RECORDER=recorder, **settings)
    server = Server(playhead(launcher=launcher), port=port, log=folder / "log", env=env)
    return Contestant(name, server, [kind(seat, SystemClock()) for seat in seats])


def apart(folder: Path, name: str, *, viewers: int) -> tuple[Contestant, Server]:
    """Playhead apart: `playhead collect`, which takes and records the batches, and the site beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    seeding.migrate(folder)
    seats = seeding.seats(folder, str(folder / "tracking.sqlite3"), viewers)
    program = playhead()[0]
    doors, site = free_port(), free_port()
    env = environment(folder, PORT=str(doors))
    collect = Server([program, "collect"], port=doors, log=folder / "log", env=env)
    env = environment(folder, PORT=str(site), PLAYHEAD_RECORDER="elsewhere")
    pages = Server([program, "serve", "--no-worker"], port=site, log=folder / "site-log", env=env)
    return Contestant(name, collect, [Viewer(seat, SystemClock()) for seat in seats]), pages


def nginx(folder: Path) -> Contestant | None:
    """`return 202`, the body read and thrown away: what kernel and C take for HTTP alone. None where it is absent."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        return None
    folder.mkdir()
    port = free_port()
    text = (HERE / "nginx.conf").read_text().replace("FOLDER", str(folder)).replace("PORT", str(port))
    (folder / "nginx.conf").write_text(text)
    server = Server([program, "-c", str(folder / "nginx.conf")], port=port, log=folder / "log")
    version = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr.strip().split("/")[-1]
    return Contestant(f"nginx {version} return 202", server, [Repeating(_batch(), status=202)] * 64)


def express(folder: Path, node: str) -> Contestant:
    """Express 5 with `express.json()`, storing nothing, on this Node."""
    folder.mkdir()
    port = free_port()
    env = dict(os.environ) | {"PORT": str(port), "EXPRESS_FOLDER": str(bring_node(EXPRESS)), "NODE_ENV": "production"}
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    server = Server([node, str(HERE / "express" / "server.mjs")], port=port, log=folder / "log", env=env)
    clients = [Repeating(_batch(b"application/json"), status=202)] * 64
    return Contestant(f"{EXPRESS} storing nothing, Node {version}", server, clients)


def ralph(folder: Path, backend: str, said: str) -> Contestant:
    """Ralph LRS, untouched, with one of our two stores behind its entry point. Ten statements a request."""
    folder.mkdir()
    port, python = free_port(), str(bring_environment(*RALPH) / "python")
    _ralph_account(folder, python)
    env = {name: value for name, value in os.environ.items() if not name.startswith("RALPH_")} | {
        "PYTHONPATH": str(HERE / "ralph"),
        "RALPH_APP_DIR": str(folder),
        "RALPH_AUTH_FILE": str(folder / "auth.json"),
        "RALPH_RUNSERVER_BACKEND": backend,
        "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(folder),
    }
    command = [python, "-m", "uvicorn", "ralph.api:app", "--port", str(port), "--no-access-log", "--log-level=warning"]
    server = Server(command, port=port, log=folder / "log", env=env)
    clients = [Repeating(_statements(), status=200)] * 64
    return Contestant(f"Ralph 5.1.0 {said}", server, clients, patience=3)


def _ralph_account(folder: Path, python: str) -> None:
    """The basic-auth file that `ralph auth` would write."""
    hashing = "import bcrypt, sys; print(bcrypt.hashpw(sys.argv[1].encode(), bcrypt.gensalt(4)).decode())"
    command = [python, "-c", hashing, _RALPH_PASSWORD]
    hashed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    agent = {"mbox": "mailto:bench@example.org"}
    account = {"username": _RALPH_USER, "hash": hashed, "scopes": ["all"], "agent": agent}
    (folder / "auth.json").write_text(json.dumps([account]))
    (folder / "fs_lrs.jsonl").touch()


def _batch(content_type: bytes = b"text/plain") -> bytes:
    section = {"t0": 0, "t1": 10_000, "m0": 0, "m1": 10_000, "rate": 1000, "visible": True, "muted": False}
    batch = {"seq": 0, "sent": 10_000, "sections": [section | {"pip": False, "end": "beat"}], "events": EVENTS}
    ticket = "x" * 400  # as long as a ticket is, inside the JSON where the whole body has to be JSON
    if content_type == b"application/json":
        return post("/v1/batches", content_type, json.dumps({"ticket": ticket, **batch}).encode())
    return post("/v1/batches", content_type, f"{ticket}\n{json.dumps(batch)}".encode())


def _statements() -> bytes:
    statement = {
        "actor": {"account": {"name": "u_00000001", "homePage": "https://school.example"}},
        "verb": {"id": "https://w3id.org/xapi/video/verbs/played"},
        "object": {
            "id": "https://school.example/videos/v_000001",
            "definition": {"type": "https://w3id.org/xapi/video/activity-type/video"},
        },
        "result": {"extensions": {"https://w3id.org/xapi/video/extensions/time": 12.034}},
        "timestamp": "2026-09-01T08:00:00+00:00",
    }
    password = base64.b64encode(f"{_RALPH_USER}:{_RALPH_PASSWORD}".encode())
    headers = (b"Authorization: Basic " + password, b"X-Experience-API-Version: 1.0.3")
    return post("/xAPI/statements/", b"application/json", json.dumps([statement] * 10).encode(), *headers)
