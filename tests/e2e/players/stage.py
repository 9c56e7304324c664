"""The web as the tests see it: pages with players, stand-ins for others' hosts, media with ranges, over HTTPS.

The browser is told to find every host in `HOSTS` here. `/v1/` goes on to the real Playhead, so that page and
collector are one site.
"""

import contextlib
import re
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from playhead.media.ffmpeg import run_ffmpeg

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SITE = "school.test"
STANDINS = {
    "player.vimeo.com": "vimeo-standin.html",
    "www.youtube.com": "youtube-standin.html",
    "www.youtube-nocookie.com": "youtube-standin.html",
    "v.kr.kollus.com": "kollus-standin.html",
}
CLOUD = "res.cloudinary.com"  # only delivers files: no stand-in is needed for that
HOSTS = (SITE, CLOUD, *STANDINS)

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".mp4": "video/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
}
_STALL_S = 7.0
_HELD_AT_MOST_S = 90.0
_STALLS_AT = 0.08  # of a file, beside what its index takes
_STALLING_PIECE = "1.ts"
_CHUNK = 16_384


class Stage:
    """Started and stopped as a context; `flags` are what the browser needs to find it."""

    def __init__(self, folder: Path, *, playhead: str) -> None:
        self._folder = folder
        self._certificate()
        roots = {
            "/pages/": HERE / "pages",
            "/npm/": ROOT / "tracker" / "node_modules",
            "/dist/": ROOT / "tracker" / "dist",
            "/media/": folder,
            "/demo/video/upload/": folder,
        }
        self._pages: dict[str, tuple[str, str]] = {}
        self._released = threading.Event()
        served = {"roots": roots, "playhead": playhead, "put": self._pages, "released": self._released}
        handler = type("Handler", (_Handler,), served)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, path: str, html: str, *, policy: str) -> None:
        """A page of `SITE` made by a test, with its content policy."""
        self._pages[path] = (html, policy)

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Files asked for with `?held` stop short, until `release` or the end of the block."""
        self._released.clear()
        try:
            yield
        finally:
            self.release()

    def release(self) -> None:
        self._released.set()

    @property
    def flags(self) -> list[str]:
        port = self._server.server_address[1]
        rules = ", ".join(f"MAP {host}:443 127.0.0.1:{port}" for host in HOSTS)
        return [f"--host-resolver-rules={rules}", "--ignore-certificate-errors"]

    def _certificate(self) -> None:
        names = ",".join(f"DNS:{host}" for host in HOSTS)
        subject = ["-subj", f"/CN={SITE}", "-addext", f"subjectAltName={names}"]
        files = ["-keyout", str(self._folder / "key.pem"), "-out", str(self._folder / "cert.pem")]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, *files]
        subprocess.run(command, check=True, capture_output=True)


def make_media(folder: Path, lecture: Path) -> None:
    """The lecture itself, a shorter other video, and both as HLS."""
    (folder / "lecture.mp4").write_bytes(lecture.read_bytes())
    _ffmpeg(folder, "-i", "lecture.mp4", "-t", "20", "-c", "copy", "-movflags", "+faststart", "other.mp4")
    for name in ("lecture", "other"):
        pieces = ["-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_filename", f"{name}-%d.ts"]
        _ffmpeg(folder, "-i", f"{name}.mp4", "-c", "copy", "-f", "hls", *pieces, f"{name}.m3u8")


def _ffmpeg(folder: Path, *arguments: str) -> None:
    for _line in run_ffmpeg(arguments, folder=folder):
        pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    roots: dict[str, Path]
    playhead: str
    put: dict[str, tuple[str, str]]
    released: threading.Event

    def log_message(self, *_args: object) -> None:
        """Nobody reads it."""

    def handle(self) -> None:
        """Until the connection ends, which may be before the page has its answer."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            super().handle()

    def do_GET(self) -> None:
        host = (self.headers["Host"] or "").split(":")[0]
        address = urlsplit(self.path)
        # A stand-in's own document; what it loads lies on its host too.
        if address.path == "/favicon.ico":
            self._answer(204, None, b"")
        elif address.path in self.put:
            html, policy = self.put[address.path]
            self._answer(200, _TYPES[".html"], html.encode(), policy=policy)
        elif host in STANDINS and not address.path.startswith(tuple(self.roots)):
            self._file(HERE / "pages" / STANDINS[host])
        else:
            self._rooted(address.path, address.query)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        headers = {"Content-Type": self.headers["Content-Type"] or "text/plain"}
        try:
            with urlopen(Request(self.playhead + self.path, body, headers), timeout=20) as answer:
                self._answer(answer.status, answer.headers["Content-Type"], answer.read())
        except HTTPError as refused:
            self._answer(refused.code, refused.headers["Content-Type"], refused.read())

    def _rooted(self, path: str, query: str) -> None:
        if path.startswith("/media/stalls/"):
            path = path.replace("/stalls", "", 1)
            # Playlists name their pieces relative to themselves, so they come this way too.
            if path.endswith(_STALLING_PIECE):
                time.sleep(_STALL_S)
        for prefix, folder in self.roots.items():
            if path.startswith(prefix) and (folder / path.removeprefix(prefix)).is_file():
                return self._file(folder / path.removeprefix(prefix), query)
        return self._answer(404, "text/plain", b"not here")

    def _file(self, file: Path, query: str = "") -> None:
        size = file.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
        start = int(asked[1]) if asked else 0
        end = min(int(asked[2]) + 1, size) if asked and asked[2] else size
        self.send_response(206 if asked else 200)
        self.send_header("Content-Type", _TYPES.get(file.suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(end - start))
        self.send_header("Accept-Ranges", "bytes")
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self._pour(file, start, end, stall_at=int(size * _STALLS_AT), query=query)

    def _pour(self, file: Path, start: int, end: int, *, stall_at: int, query: str) -> None:
        with file.open("rb") as opened:
            opened.seek(start)
            at = start
            while at < end:
                if at <= stall_at < at + _CHUNK:
                    self._stall(query)
                piece = opened.read(min(_CHUNK, end - at))
                self.wfile.write(piece)
                at += len(piece)

    def _stall(self, query: str) -> None:
        if "stalls" in query:
            time.sleep(_STALL_S)
        elif "held" in query:
            self.released.wait(_HELD_AT_MOST_S)

    def _answer(self, status: int, content_type: str | None, body: bytes, *, policy: str = "") -> None:
        self.send_response(status)
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.send_header("Content-Type", content_type or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
