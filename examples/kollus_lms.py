"""A learning system made for Kollus, after the shape of its vendor's documented samples, in code of our own.

To move it to Playhead, change the host name and the two keys: nothing else. `playhead join "My LMS" --kind kollus
--whole-school --callback http://localhost:9100/lms` prints them: INTEGRATION is the custom key, PLAYBACK_SECRET the
security key.

    HOST=http://localhost:8000 CUSTOM_KEY=i_… SECURITY_KEY=… python examples/kollus_lms.py v_…
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

HOST = os.environ.get("HOST", "https://v.kr.kollus.com")  # noqa: TID251
CUSTOM_KEY = os.environ.get("CUSTOM_KEY", "")  # noqa: TID251
SECURITY_KEY = os.environ.get("SECURITY_KEY", "")  # noqa: TID251
PORT = int(os.environ.get("LMS_PORT", "9100"))  # noqa: TID251

# By user, medium and session: what the player last said of it. It says the same session many times, ever further.
SESSIONS: dict[tuple[str, str, int], dict[str, Any]] = {}


def video_address(user: str, media_content_key: str) -> str:
    """The address of the player, as the vendor's samples make it: HS256, `expt` for the expiry, `mc` for the media."""
    claims = {"cuid": user, "expt": int(time.time()) + 3600, "mc": [{"mckey": media_content_key}]}
    parts = [_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signature = hmac.digest(SECURITY_KEY.encode(), ".".join(parts).encode(), hashlib.sha256)
    return f"{HOST}/s?jwt={'.'.join(parts)}.{_base64(signature)}&custom_key={CUSTOM_KEY}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def take(form: bytes) -> None:
    """A progress callback: the form field `json_data`. The newest of a session takes the place of the one before."""
    told = json.loads(parse_qs(form.decode())["json_data"][0])
    content = told["content_info"]
    key = (told["user_info"]["client_user_id"], content["media_content_key"], content["start_at"])
    SESSIONS[key] = told


def percent(user: str, media_content_key: str) -> int:
    """Blocks that were watched in any session, of all blocks."""
    seen = [told["block_info"] for key, told in SESSIONS.items() if key[:2] == (user, media_content_key)]
    count = max((blocks["block_count"] for blocks in seen), default=0)
    flags = [any(blocks["blocks"].get(f"b{n}") for blocks in seen) for n in range(count)]
    return sum(flags) * 100 // count if count else 0


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        medium = sys.argv[1]
        frame = f'<iframe src="{video_address("ann", medium)}" width="900" height="600" allow="autoplay"></iframe>'
        self.answer(f"<!doctype html><title>Lesson</title><p>Ann: {percent('ann', medium)} %</p>{frame}")

    def do_POST(self) -> None:
        take(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer("OK")

    def answer(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


if __name__ == "__main__":
    print(f"The lesson is at http://localhost:{PORT}", flush=True)  # noqa: T201
    ThreadingHTTPServer(("127.0.0.1", PORT), Pages).serve_forever()
