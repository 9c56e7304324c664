"""nginx before a Playhead, with the very configuration that docs/media.md shows."""

import re
import shutil
import subprocess
from pathlib import Path

from bench.kit.processes import Server, free_port

_DOCS = Path(__file__).parents[2] / "docs" / "media.md"
_FENCE = re.compile(r"```nginx\n(.*?)```", re.DOTALL)
_AROUND = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        {locations}
    }}
}}
"""


def program() -> str | None:
    """Where nginx is; None where it is not installed."""
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


def version() -> str:
    found = program()
    assert found is not None
    return subprocess.run([found, "-v"], capture_output=True, text=True, check=True).stderr.strip().split("/")[-1]


def documented(*, upstream: int, videos: Path) -> str:
    """The locations of docs/media.md, for a server at this port whose videos lie there."""
    [block] = _FENCE.findall(_DOCS.read_text())
    text = str(block).replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    return text.replace("/srv/playhead/videos/", f"{videos}/")


def files_alone(videos: Path) -> str:
    """The same files, to whoever asks."""
    return f"location /stored/ {{ alias {videos}/; }}"


def nginx(folder: Path, locations: str) -> Server:
    """Not started yet."""
    found, port = program(), free_port()
    assert found is not None
    folder.mkdir(parents=True, exist_ok=True)
    text = _AROUND.format(folder=folder, port=port, locations=locations)
    (folder / "nginx.conf").write_text(text)
    return Server([found, "-c", str(folder / "nginx.conf")], port=port, log=folder / "log")
