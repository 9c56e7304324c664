"""nginx in front, with the configuration of docs/media.md: it sends what the server lets it, and nothing else.

Segments come whole and in ranges by way of `X-Accel-Redirect`, the same bytes as lie in the storage; every address that
leads to the storage or beside it without a ticket gives nothing. Planted: the same configuration without `internal`.
"""

import sys
import tempfile
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import httpx

from bench.kit import nginx
from bench.kit.processes import Server, environment, free_port, playhead
from bench.kit.rows import Row
from bench.load import films
from bench.load.films import Film
from tests.faults.kit.place import caught, zero


def measure() -> list[Row]:
    if nginx.program() is None:
        sys.stderr.write("proxy is left out: nginx is not installed (apt install nginx-light)\n")
        return []
    with tempfile.TemporaryDirectory(prefix="ph-fault-") as name, ExitStack() as stack:
        folder = Path(name)
        source = films.make(folder / "film.mp4", size="320x240", seconds=12)
        film = films.film(folder / "data", source, viewers=1)
        port = free_port()
        env = environment(folder / "data", PORT=str(port), PLAYHEAD_ACCEL="/stored/")
        stack.enter_context(Server(playhead(), port=port, log=folder / "log", env=env))
        documented = nginx.documented(upstream=port, videos=folder / "data" / "videos")
        before = stack.enter_context(nginx.nginx(folder / "nginx", documented))
        careless = stack.enter_context(nginx.nginx(folder / "careless", documented.replace("internal;", "")))
        said = f"nginx {nginx.version()}"
        return [
            zero("segments that came otherwise than stored", _differing(before, film, folder), "segments", said=said),
            zero("addresses that gave something without a ticket", len(_open(before, film)), f"of {len(_ways(film))}"),
            caught("no internal", len(_open(careless, film))),
        ]


def _differing(server: Server, film: Film, folder: Path) -> int:
    """Whole and in part; and the pieces that the server sends itself must come through, too."""
    [ticket] = film.tickets
    wrong = 0
    with _client(server) as client:
        for name in film.names:
            stored = (folder / "data" / "videos" / film.asset / name).read_bytes()
            whole = client.get(f"/hls/{ticket}/{name}")
            part = client.get(f"/hls/{ticket}/{name}", headers={"range": "bytes=16-99"})
            private = whole.headers["cache-control"] == "private, no-store" and "x-accel-redirect" not in whole.headers
            wrong += (whole.status_code, whole.content, part.status_code, part.content, private) != (
                *(200, stored),
                *(206, stored[16:100]),
                True,
            )
        wrong += len(client.get(f"/hls/{ticket}/{film.names[0].replace('.ts', '.key')}").content) != 16
    return wrong


def _open(server: Server, film: Film) -> list[str]:
    """The addresses that gave something."""
    return [way for way in _ways(film) if 200 <= _status(server, way) < 300]


def _status(server: Server, way: str) -> int:
    """The address goes over the wire as it is: other clients would tidy it."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.putrequest("GET", way)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


def _ways(film: Film) -> list[str]:
    segment = f"{film.asset}/{film.names[0]}"
    return [
        *(f"/stored/{segment}", f"/stored//{segment}", f"//stored/{segment}", f"/stored/./{segment}"),
        *(f"/Stored/{segment}", f"/stored/%2e/{segment}", f"/%73tored/{segment}", f"/stored/x/../{segment}"),
        *("/stored/../media-keys.json", "/stored/%2e%2e/media-keys.json", "/stored../media-keys.json"),
        *("/stored/..%2fsite.sqlite3", "/stored/", "/stored", f"/videos/{segment}", f"/stored/{film.asset}/"),
        *(f"/hls/{segment}", f"/hls/x/{film.names[0]}", f"/hls/{film.tickets[0][:-3]}xxx/{film.names[0]}"),
        *(f"/hls//{film.names[0]}", f"/hls/{film.names[0]}", f"/hls/x.y.z/../../stored/{segment}"),
    ]


def _client(server: Server) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=30)
