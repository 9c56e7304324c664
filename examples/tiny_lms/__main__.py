"""A very small learning system that lets Playhead play its lessons: students, lessons, and who watched what.

    playhead join "Tiny LMS" --origin http://localhost:9000 --whole-school \
        --callback http://localhost:9000/playhead > tiny.env
    set -a; . ./tiny.env; python examples/tiny_lms http://localhost:8000

It has a database of its own, and shows all that the other side needs: sign the address of a video, put it into a page,
check what is called back, keep each student's sections.
"""
# ruff: noqa: TID251 - a program of its own, with an environment of its own

import base64
import hashlib
import hmac
import html
import json
import os
import secrets
import sqlite3
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

SITE = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000"
PORT = int(os.environ.get("TINY_PORT", "9000"))
FILE = os.environ.get("TINY_DATABASE", "tiny.sqlite3")
STUDENTS = {"ann": "Ann Abel", "ben": "Ben Bell"}
LINK_S = 3600

TABLES = """
CREATE TABLE IF NOT EXISTS lesson (video TEXT PRIMARY KEY, title TEXT, duration_ms INTEGER);
CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS progress (student TEXT, video TEXT, sections TEXT, percent INTEGER, completed INTEGER,
    PRIMARY KEY (student, video));
"""


def database() -> sqlite3.Connection:
    return sqlite3.connect(FILE, timeout=10)


def fetch_lessons() -> None:
    """The lessons are Playhead's videos: ask its API for them."""
    asked = urllib.request.Request(  # noqa: S310  our own server
        f"{SITE}/api/v1/videos?limit=200", headers={"Authorization": f"Bearer {os.environ['API_KEY']}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer, database() as db:  # noqa: S310
        db.executescript(TABLES)
        for video in json.load(answer)["data"]:
            row = (video["key"], video["title"], video["duration_ms"])
            db.execute("INSERT OR REPLACE INTO lesson VALUES (?, ?, ?)", row)


def playback_address(student: str, video: str) -> str:
    """`/watch?jwt=`: this student may watch this video, for an hour, in one browser. Signed here, never there."""
    now = int(time.time())
    header = {"alg": "HS256", "typ": "JWT", "kid": os.environ["PLAYBACK_KID"]}
    claims = {
        "iss": os.environ["INTEGRATION"], "aud": "playhead-watch", "sub": student, "name": STUDENTS[student],
        "video": video, "iat": now, "exp": now + LINK_S, "jti": secrets.token_urlsafe(12),
    }  # fmt: skip
    signed = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
    signature = hmac.digest(os.environ["PLAYBACK_SECRET"].encode(), signed.encode(), hashlib.sha256)
    return f"{SITE}/watch?jwt={signed}.{_base64(signature)}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def union(sections: list[list[int]]) -> list[list[int]]:
    """Half-open, in order, joined where they touch: however often and in whatever order they were told."""
    joined: list[list[int]] = []
    for start, end in sorted(sections):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(end, joined[-1][1])
        else:
            joined.append([start, end])
    return joined


def take(message: dict[str, Any], message_id: str) -> None:
    """Keep what a message says of a student. One that came before changes nothing."""
    data = message["data"]
    if message["type"] not in {"progress.updated", "video.completed"}:
        return
    student, video = data["viewer"]["external_id"], data["video"]
    with database() as db:
        if not db.execute("INSERT OR IGNORE INTO message VALUES (?)", [message_id]).rowcount:
            return
        row = db.execute("SELECT sections, completed FROM progress WHERE student = ? AND video = ?", [student, video])
        kept, completed = row.fetchone() or ("[]", 0)
        sections = union(json.loads(kept) + data.get("new_sections", []))
        done = int(completed or data["completed"])
        values = (student, video, json.dumps(sections), data["progress"], done)
        db.execute("INSERT OR REPLACE INTO progress VALUES (?, ?, ?, ?, ?)", values)


def standing(student: str, video: str) -> dict[str, Any]:
    with database() as db:
        found = db.execute(
            "SELECT sections, percent, completed FROM progress WHERE student = ? AND video = ?", [student, video]
        ).fetchone()
        [duration_ms] = db.execute("SELECT duration_ms FROM lesson WHERE video = ?", [video]).fetchone()
    sections, percent, completed = found or ("[]", 0, 0)
    told = json.loads(sections)
    covered_ms = sum(end - start for start, end in told)
    return {
        "sections": told, "covered_ms": covered_ms, "percent": percent, "completed": bool(completed),
        "duration_ms": duration_ms,
    }  # fmt: skip


LESSON = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body {{ font: 16px system-ui; max-width: 60rem; margin: 2rem auto }}
iframe {{ width: 100%; height: 38rem; border: 0 }}
svg {{ width: 100%; height: 1.5rem; background: #ddd }} rect {{ fill: #2563a8 }}</style>
<p>{name} · <a href="/">all lessons</a></p><h1>{title}</h1>
<iframe src="{address}" title="{title}" allow="autoplay; fullscreen"></iframe>
<h2>Your progress: <output id="percent">0 %</output></h2>
<svg id="bar" preserveAspectRatio="none" viewBox="0 0 1 1"></svg>
<script>
async function show() {{
  const now = await (await fetch(location.pathname + "/progress")).json();
  percent.value = now.percent + " %" + (now.completed ? ", done" : "");
  bar.innerHTML = now.sections.map(([start, end]) =>
    `<rect x="${{start / now.duration_ms}}" width="${{(end - start) / now.duration_ms}}" height="1"/>`).join("");
}}
show(); setInterval(show, 1000);
</script></html>"""


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = self.path.strip("/").split("/")
        if parts == [""]:
            self.answer(200, self.index())
        elif parts[0] in STUDENTS and len(parts) == 2:
            self.answer(200, self.lesson(*parts))
        elif parts[0] in STUDENTS and parts[2:] == ["progress"]:
            self.answer(200, json.dumps(standing(parts[0], parts[1])), "application/json")
        else:
            self.answer(404, "Nothing here")

    def do_POST(self) -> None:
        """What Playhead calls back. Only a 2xx tells it that the message has arrived."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            message = Webhook(os.environ["CALLBACK_SECRET"]).verify(body, dict(self.headers.items()))
        except (WebhookVerificationError, ValueError):
            self.answer(401, "Not signed by Playhead")
            return
        take(message, self.headers["webhook-id"])
        self.answer(204, "")

    def index(self) -> str:
        with database() as db:
            lessons = db.execute("SELECT video, title FROM lesson ORDER BY title").fetchall()
        links = "".join(
            f"<li>{html.escape(title)}: "
            + ", ".join(f'<a href="/{student}/{video}">{STUDENTS[student]}</a>' for student in STUDENTS)
            for video, title in lessons
        )
        return f'<!doctype html><meta charset="utf-8"><title>Tiny LMS</title><h1>Lessons</h1><ul>{links}</ul>'

    def lesson(self, student: str, video: str) -> str:
        with database() as db:
            [title] = db.execute("SELECT title FROM lesson WHERE video = ?", [video]).fetchone()
        return LESSON.format(
            title=html.escape(title), name=STUDENTS[student], address=html.escape(playback_address(student, video))
        )

    def answer(self, status: int, text: str, kind: str = "text/html; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


if __name__ == "__main__":
    fetch_lessons()
    print(f"Tiny LMS is at http://localhost:{PORT}", flush=True)  # noqa: T201
    ThreadingHTTPServer(("127.0.0.1", PORT), Pages).serve_forever()
