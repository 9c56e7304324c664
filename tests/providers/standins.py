"""Vimeo, Cloudinary and Kollus as their public documentation describes them, on this machine, over real HTTP.

Nobody here has an account with any of them: what passes against these has been seen with these alone. Each checks what
the real one would: credentials, signatures, offsets, one-time addresses.
"""

import base64
import hashlib
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, unquote, urlsplit

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PATCH, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Expose-Headers": "*",
}


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def texts(self) -> dict[str, str]:
        """Of a form, however it is encoded."""
        if self.headers.get("content-type", "").startswith("multipart/"):
            return {name: value.decode() for name, value in self.parts().items()}
        return self.form()

    def parts(self) -> dict[str, bytes]:
        """Of multipart/form-data, by name."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parsed = BytesParser(policy=HTTP).parsebytes(head + self.body)
        found: dict[str, bytes] = {}
        for part in parsed.iter_parts():
            name, payload = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
            assert isinstance(name, str)
            assert isinstance(payload, bytes)
            found[name] = payload
        return found


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class StandIn:
    """`next_answers` are given first, whatever is asked; `cut_after` breaks the connection within the next file."""

    routes: ClassVar[list[tuple[str, str, str]]]

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.next_answers: list[Answer] = []
        self.cut_after: int | None = None
        self.files: dict[str, bytearray] = {}

    def __enter__(self) -> Self:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _do(self) -> None:
                stand_in.serve(self)

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            setattr(Handler, f"do_{method}", Handler._do)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.home = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        length, body = int(headers.get("content-length", 0)), b""
        if self.cut_after is not None and handler.command in {"PATCH", "POST"} and length > self.cut_after:
            body = handler.rfile.read(self.cut_after)
            self.cut_after = None
            self.broken_off(Asked(handler.command, unquote(parts.path), {}, headers, body))
            handler.close_connection = True
            handler.connection.close()
            return
        body = handler.rfile.read(length)
        asked = Asked(handler.command, unquote(parts.path), dict(parse_qsl(parts.query)), headers, body)
        self._answer(handler, self._answered(asked))

    def broken_off(self, asked: Asked) -> None:
        """What had arrived when the connection broke."""

    def check(self, asked: Asked) -> Answer | None:
        """A refusal for who is not let in."""
        raise NotImplementedError

    def _answered(self, asked: Asked) -> Answer:
        if asked.method == "OPTIONS":
            return Answer(204)
        self.asked.append(asked)
        if self.next_answers:
            return self.next_answers.pop(0)
        for method, pattern, name in self.routes:
            found = re.fullmatch(pattern, asked.path)
            if found and asked.method == method:
                refused = None if name.startswith("file_") else self.check(asked)
                answer: Callable[..., Answer] = getattr(self, name)
                return refused or answer(asked, *found.groups())
        return Answer(404, {"error": "no such address", "message": "not found"})

    def _answer(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
        handler.send_response(answer.status)
        for name, value in {**CORS, "Content-Length": str(len(body)), **answer.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)


@dataclass
class AtVimeo:
    name: str
    description: str
    size: int
    privacy: str = ""
    transcoded: str = "in_progress"
    offset: int = 0
    duration: int = 0


class VimeoStandIn(StandIn):
    """API 3.4; the file by tus 1.0: an offset that is not where the file ends is 409."""

    token = "vimeo-token"
    routes: ClassVar = [
        ("GET", r"/me", "me"),
        ("POST", r"/me/videos", "create"),
        ("GET", r"/me/videos", "listed"),
        ("GET", r"/videos/(\d+)", "read"),
        ("PATCH", r"/videos/(\d+)", "edit"),
        ("DELETE", r"/videos/(\d+)", "delete"),
        ("HEAD", r"/files/(\d+)", "file_offset"),
        ("PATCH", r"/files/(\d+)", "file_piece"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.videos: dict[str, AtVimeo] = {}
        self.full = False

    def check(self, asked: Asked) -> Answer | None:
        if asked.headers.get("authorization", "").lower() != f"bearer {self.token}":
            return Answer(401, {"error": "You must provide a valid authenticated access token.", "error_code": 8003})
        if "version=3.4" not in asked.headers.get("accept", ""):
            return Answer(400, {"error": "Say which version."})
        return None

    def put(self, name: str, *, description: str = "", duration: int = 60, transcoded: str = "complete") -> str:
        """A video that is there already."""
        key = str(100_000 + len(self.videos))
        self.videos[key] = AtVimeo(name, description, 9, transcoded=transcoded, offset=9, duration=duration)
        return key

    def me(self, _asked: Asked) -> Answer:
        return Answer(200, {"uri": "/users/1", "name": "A school at Vimeo"})

    def create(self, asked: Asked) -> Answer:
        told = json.loads(asked.body)
        if self.full:
            return Answer(403, {"error": "Your account is out of storage.", "error_code": 4102})
        if told["upload"]["approach"] != "tus" or not str(told["upload"]["size"]).isdigit():
            return Answer(400, {"error": "An upload is by tus and has a size.", "error_code": 2204})
        key = str(100_000 + len(self.videos))
        privacy = told.get("privacy", {}).get("view", "")
        self.videos[key] = AtVimeo(told["name"], told.get("description", ""), int(told["upload"]["size"]), privacy)
        self.files[key] = bytearray()
        return Answer(200, self._told(key))

    def listed(self, asked: Asked) -> Answer:
        page, named = int(asked.query.get("page", 1)), asked.query.get("query", "").lower()
        keys = [key for key, one in reversed(self.videos.items()) if named in one.name.lower()]
        some = keys[(page - 1) * 25 : page * 25]
        more = f"/me/videos?page={page + 1}" if page * 25 < len(keys) else None
        return Answer(200, {"data": [self._told(key) for key in some], "paging": {"next": more}})

    def read(self, _asked: Asked, key: str) -> Answer:
        if key not in self.videos:
            return Answer(404, {"error": "The requested video couldn't be found.", "error_code": 5000})
        return Answer(200, self._told(key))

    def edit(self, asked: Asked, key: str) -> Answer:
        if key not in self.videos:
            return Answer(404, {"error": "The requested video couldn't be found."})
        told = json.loads(asked.body)
        self.videos[key].name, self.videos[key].description = told["name"], told["description"]
        return Answer(200, self._told(key))

    def delete(self, _asked: Asked, key: str) -> Answer:
        return Answer(204) if self.videos.pop(key, None) else Answer(404, {"error": "Not there."})

    def file_offset(self, _asked: Asked, key: str) -> Answer:
        sent = {"Upload-Offset": str(len(self.files[key])), "Upload-Length": str(self.videos[key].size)}
        return Answer(200, headers={"Tus-Resumable": "1.0.0", "Cache-Control": "no-store"} | sent)

    def file_piece(self, asked: Asked, key: str) -> Answer:
        if asked.headers.get("content-type") != "application/offset+octet-stream":
            return Answer(415)
        if int(asked.headers.get("upload-offset", -1)) != len(self.files[key]):
            return Answer(409)
        self.files[key] += asked.body
        sent = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(len(self.files[key]))}
        return Answer(204, headers=sent)

    def broken_off(self, asked: Asked) -> None:
        self.files[asked.path.rpartition("/")[2]] += asked.body

    def _told(self, key: str) -> dict[str, Any]:
        one = self.videos[key]
        arrived = key not in self.files or len(self.files[key]) == one.size
        return {
            "uri": f"/videos/{key}",
            "name": one.name,
            "description": one.description or None,
            "duration": one.duration,
            "status": "available" if one.transcoded == "complete" else "transcoding" if arrived else "uploading",
            "upload": {"status": "complete" if arrived else "in_progress", "upload_link": f"{self.home}/files/{key}"},
            "transcode": {"status": one.transcoded},
            "player_embed_url": f"https://player.vimeo.com/video/{key}?h=abcdef1234",
            "pictures": {"base_link": f"https://i.vimeocdn.com/video/{key}"},
        }


@dataclass
class AtCloudinary:
    context: dict[str, str]
    duration: float = 12.5


class CloudinaryStandIn(StandIn):
    """Upload API with a signature, in pieces; Admin API with the key and secret as Basic."""

    cloud, api_key, secret = "school", "123456", "cloudinary-secret"
    routes: ClassVar = [
        ("GET", r"/v1_1/school/ping", "ping"),
        ("POST", r"/v1_1/school/video/upload", "file_upload"),
        ("POST", r"/v1_1/school/video/destroy", "file_destroy"),
        ("GET", r"/v1_1/school/resources/video/upload", "listed"),
        ("GET", r"/v1_1/school/resources/video/upload/(.+)", "read"),
        ("POST", r"/v1_1/school/resources/video/upload/(.+)", "edit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.videos: dict[str, AtCloudinary] = {}
        self._parts: dict[str, bytearray] = {}

    def check(self, asked: Asked) -> Answer | None:
        basic = base64.b64encode(f"{self.api_key}:{self.secret}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {basic}":
            return Answer(401, {"error": {"message": "Invalid credentials"}})
        return None

    def ping(self, _asked: Asked) -> Answer:
        return Answer(200, {"status": "ok"})

    def is_signed(self, told: dict[str, str]) -> bool:
        """As the reference says: every parameter but these four, sorted, an ampersand in a value as %26."""
        left_out = {"file", "api_key", "signature", "cloud_name", "resource_type"}
        params = sorted(f"{name}={value}".replace("&", "%26") for name, value in told.items() if name not in left_out)
        good = hashlib.sha1(("&".join(params) + self.secret).encode()).hexdigest()
        return told.get("api_key") == self.api_key and told.get("signature") == good

    def file_upload(self, asked: Asked) -> Answer:
        parts = asked.parts()
        file = parts.pop("file")
        told = {name: value.decode() for name, value in parts.items()}
        if not self.is_signed(told):
            return Answer(401, {"error": {"message": "Invalid Signature"}})
        first, last, size = 0, len(file) - 1, len(file)
        if "content-range" in asked.headers:
            found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", asked.headers["content-range"])
            assert found
            first, last, size = map(int, found.groups())
        whole = self._parts.setdefault(asked.headers.get("x-unique-upload-id", secrets.token_hex(4)), bytearray())
        whole[first : last + 1] = file
        if len(whole) < size:
            return Answer(200, {"done": False, "public_id": told["public_id"]})
        self.files[told["public_id"]] = whole
        self.videos[told["public_id"]] = AtCloudinary(context_of(told.get("context", "")))
        return Answer(200, self._told(told["public_id"]) | {"done": True})

    def file_destroy(self, asked: Asked) -> Answer:
        told = asked.texts()
        if not self.is_signed(told):
            return Answer(401, {"error": {"message": "Invalid Signature"}})
        return Answer(200, {"result": "ok" if self.videos.pop(told["public_id"], None) else "not found"})

    def listed(self, asked: Asked) -> Answer:
        after = int(asked.query.get("next_cursor", 0))
        keys = list(reversed(self.videos))
        more = {"next_cursor": str(after + 50)} if after + 50 < len(keys) else {}
        return Answer(200, {"resources": [self._told(key) for key in keys[after : after + 50]]} | more)

    def read(self, _asked: Asked, key: str) -> Answer:
        if key not in self.videos:
            return Answer(404, {"error": {"message": f"Resource not found - {key}"}})
        return Answer(200, self._told(key))

    def edit(self, asked: Asked, key: str) -> Answer:
        if key not in self.videos:
            return Answer(404, {"error": {"message": f"Resource not found - {key}"}})
        self.videos[key].context |= context_of(json.loads(asked.body)["context"])
        return Answer(200, self._told(key))

    def _told(self, key: str) -> dict[str, Any]:
        kept = {name: value for name, value in self.videos[key].context.items() if value}
        return {
            "public_id": key,
            "duration": self.videos[key].duration,
            "secure_url": f"https://res.cloudinary.com/school/video/upload/v1/{key}.mp4",
            "context": {"custom": kept} if kept else {},
        }


def context_of(text: str) -> dict[str, str]:
    pairs = (pair.split("=", 1) for pair in re.split(r"(?<!\\)\|", text) if pair)
    return {name: re.sub(r"\\([=|])", r"\1", value) for name, value in pairs}


@dataclass
class AtKollus:
    title: str
    stage: int = 0
    channels: list[str] = field(default_factory=list)
    duration: str = "0:01:05"


class KollusStandIn(StandIn):
    """The library's older interface and `/api/`: one-time addresses for uploads, and `error` in answers of 200."""

    token, channel = "kollus-token", "chan1"
    routes: ClassVar = [
        ("POST", r"/api/upload/create-url", "create_url"),
        ("POST", r"/upload/([\w-]+)", "file_upload"),
        ("GET", r"/0/media/library/media_content", "listed"),
        ("GET", r"/0/media/library/media_content/([\w-]+)", "read"),
        ("POST", r"/0/media/library/delete/([\w-]+)\.json", "delete"),
        ("PUT", r"/api/media-contents/([\w-]+)", "edit"),
        ("POST", r"/api/channels/([\w-]+)/media-contents/([\w-]+)/attach", "attach"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.videos: dict[str, AtKollus] = {}
        self._agreed: dict[str, str] = {}
        self._expire_s: dict[str, int] = {}

    def check(self, asked: Asked) -> Answer | None:
        if asked.query.get("access_token") != self.token:
            return Answer(200, {"error": 1, "message": "Invalid access token."})
        return None

    def put(self, title: str, *, stage: int = 21) -> str:
        key = f"20260901-{len(self.videos):08}"
        self.videos[key] = AtKollus(title, stage, [self.channel])
        return key

    def create_url(self, asked: Asked) -> Answer:
        told = asked.form()
        if not 0 < int(told.get("expire_time", 600)) <= 21600:
            return Answer(200, {"error": 1, "message": "expire_time is out of range."})
        key = f"20260901-{secrets.token_hex(4)}"
        self._agreed[key] = told.get("title", "")
        result = {"upload_url": f"{self.home}/upload/{key}", "upload_file_key": key, "will_be_expired_at": 0}
        return Answer(200, {"error": 0, "message": "", "result": result})

    def file_upload(self, asked: Asked, key: str) -> Answer:
        title = self._agreed.pop(key, None)
        if title is None:
            return Answer(200, {"error": 1, "message": "This upload url was used already."})
        self.files[key] = bytearray(asked.parts()["upload-file"])
        self.videos[key] = AtKollus(title, stage=12)
        return Answer(200, {"error": 0, "message": "Successfully uploaded."})

    def listed(self, asked: Asked) -> Answer:
        named = asked.query.get("keyword", "").lower()
        keys = [key for key, one in reversed(self.videos.items()) if named in one.title.lower()]
        page, size = int(asked.query.get("page", 1)), int(asked.query.get("per_page", 10))
        items = [self._told(key) for key in keys[(page - 1) * size : page * size]]
        item = items[0] if len(items) == 1 else items  # as it does
        return Answer(200, {"error": 0, "result": {"count": len(keys), "per_page": size, "items": {"item": item}}})

    def read(self, _asked: Asked, key: str) -> Answer:
        if key not in self.videos:
            return Answer(200, {"error": 1, "message": "Media content not found."})
        return Answer(200, {"error": 0, "result": {"item": self._told(key)}})

    def delete(self, _asked: Asked, key: str) -> Answer:
        if self.videos.pop(key, None) is None:
            return Answer(200, {"error": 1, "message": "Media content not found."})
        return Answer(200, {"error": 0, "message": ""})

    def edit(self, asked: Asked, key: str) -> Answer:
        if key not in self.videos:
            return Answer(404, {"message": "media content not found"})
        self.videos[key].title = asked.form()["title"]
        return Answer(200, {"error": 0})

    def attach(self, _asked: Asked, channel: str, key: str) -> Answer:
        if key not in self.videos or channel != self.channel:
            return Answer(404, {"message": "media content not found"})
        self.videos[key].channels.append(channel)
        return Answer(200, {"error": 0})

    def _told(self, key: str) -> dict[str, Any]:
        one = self.videos[key]
        return {
            "upload_file_key": key,
            "title": one.title,
            "original_file_name": "film.mp4",
            "duration": one.duration if one.stage == 21 else "",
            "transcoding_stage": one.stage,
            "transcoding_stage_name": {12: "transcoding", 21: "done"}.get(one.stage, "error"),
            "media_content_key": f"mc{key[-6:]}" if one.channels else "",
            "poster_url": f"https://file.kollus.com/{key}.jpg",
        }


@contextmanager
def all_three() -> Iterator[tuple[VimeoStandIn, CloudinaryStandIn, KollusStandIn]]:
    with VimeoStandIn() as vimeo, CloudinaryStandIn() as cloudinary, KollusStandIn() as kollus:
        yield vimeo, cloudinary, kollus
