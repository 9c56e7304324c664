"""A system that takes Playhead's callbacks: checks who sent them, prints each once, and needs no package.

    SECRET=whsec_… python examples/receiver.py 9000

Enter http://localhost:9000/ on the demo's page *Admin → Callbacks*; the secret is shown there once.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ.get("SECRET", "")  # noqa: TID251
MOST_BYTES = 20_000
SEEN: set[str] = set()  # keep the ids as long as messages may come again: a month, in a table of your own


def genuine(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether it was sent by who knows the secret, just now, and is as it was sent (Standard Webhooks 1.0)."""
    told, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isdigit() or abs(time.time() - int(at)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = "v1," + base64.b64encode(hmac.digest(key, f"{told}.{at}.".encode() + body, hashlib.sha256)).decode()
    # While one secret replaces another there are two signatures.
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(made.encode(), one.encode()) for one in given)


class Door(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), MOST_BYTES))
        if not genuine(self.headers, body, SECRET):
            self.send_response(401)
        else:
            self.send_response(204)  # at once; what takes long comes after it
            told = self.headers["webhook-id"]
            if told not in SEEN:
                SEEN.add(told)
                message = json.loads(body)
                print(message["type"], json.dumps(message["data"], ensure_ascii=False), flush=True)  # noqa: T201
        self.end_headers()

    def log_message(self, *_said: object) -> None:
        """What comes is printed above."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Door).serve_forever()
