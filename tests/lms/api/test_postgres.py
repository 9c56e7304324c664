"""The API as it stands on PostgreSQL: a server of its own, its main operations over HTTP, several at once."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import Server
from tests.postgres import Postgres

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(200)]

AT_ONCE = 4
FILM = {"title": "A film", "url": "https://v.example/film.mp4", "duration_ms": 60_000}


class OnPostgres(Server):
    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.url = url

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"PLAYHEAD_DATABASE_URL": self.url}


class Answer:
    def __init__(self, status: int, headers: Message, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def told(self) -> Any:
        return json.loads(self.body)


class Program:
    def __init__(self, server: Server, token: str) -> None:
        self.server, self.token = server, token

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`body` as JSON; bytes as they are."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        named = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        line = HTTPConnection("localhost", self.server.port, timeout=60)
        line.request(method, path if path.startswith("/v1/") else f"/api/v1{path}", body=data, headers=named)
        answer = line.getresponse()
        told = Answer(answer.status, answer.headers, answer.read())
        line.close()
        return told

    def at_once(self, method: str, path: str, body: Any = None, **headers: str) -> list[Answer]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda _number: self.ask(method, path, body, **headers), range(AT_ONCE)))

    def made(self, path: str, body: Any) -> str:
        """Made once, by several who sent it at once; its key."""
        answers = self.at_once("POST", path, body, Idempotency_Key=f"once {path}")
        assert [answer.status for answer in answers] == [201] * AT_ONCE, answers[0].body
        assert len({answer.body for answer in answers}) == 1
        return str(answers[0].told.get("key", answers[0].told.get("playback", "")))


@pytest.fixture
def program(postgres: Postgres, tmp_path: Path) -> Iterator[Program]:
    server = OnPostgres(tmp_path, postgres.new_database())
    server.start()
    try:
        command = [str(Path(sys.executable).with_name("playhead")), "join", "An LMS", "--whole-school"]
        keys = subprocess.run(command, env=server.environment, capture_output=True, text=True, check=True).stdout
        yield Program(server, dict(line.split("=", 1) for line in keys.split())["API_KEY"])
    finally:
        server.stop()


def test_from_a_course_to_what_was_watched(program: Program) -> None:
    course = program.made("/courses", {"title": "A course"})
    video = program.made("/videos", FILM | {"course": course})
    viewer = program.made("/viewers", {"external_id": "s-1", "name": "Sam"})
    program.made("/enrolments", {"course": course, "viewer": viewer})

    tag = program.ask("GET", f"/courses/{course}").headers["ETag"]
    changes = program.at_once("PATCH", f"/courses/{course}", {"title": "Changed"}, If_Match=tag)
    assert sorted(answer.status for answer in changes) == [200] + [412] * (AT_ONCE - 1)

    opened = program.ask("POST", "/playbacks", {"video": video, "viewer": viewer}).told
    time.sleep(1.1)  # what is claimed below has to have passed
    claimed = {"t0": 0, "t1": 1000, "m0": 0, "m1": 1000, "rate": 1000}
    batch = json.dumps({"seq": 0, "sent": 1000, "sections": [claimed], "events": [{"type": "pause", "t": 1, "m": 1}]})
    sent = program.ask("POST", "/v1/batches", f"{opened['ticket']}\n{batch}".encode(), Content_Type="text/plain")
    assert sent.status == 200, sent.body
    assert program.ask("GET", f"/progress/{video}/{viewer}").told["coverage"] == [[0, 1000]]
    pair = f"?video={video}&viewer={viewer}"
    [line] = program.ask("GET", f"/ledger{pair}").told["data"]
    assert line["fresh_ms"] == 1000
    assert [one["kind"] for one in program.ask("GET", f"/events{pair}").told["data"]] == ["batch", "opened"]
    assert program.ask("GET", f"/statistics/videos/{video}").told["started"] == 1

    endpoint = program.made("/callbacks", {"name": "Hook", "url": "https://lms.example/hook"})
    message = program.ask("POST", f"/callbacks/{endpoint}/test").told["id"]
    assert [one["id"] for one in program.ask("GET", f"/callbacks/{endpoint}/messages").told["data"]] == [message]
    removed = {answer.status for answer in program.at_once("DELETE", f"/enrolments/{course}/{viewer}")}
    assert 204 in removed
    assert removed <= {204, 404}
    assert program.ask("GET", f"/playbacks/{opened['playback']}").told["closed_reason"] == "unenrolled"


def test_no_list_loses_or_repeats_anything_while_rows_are_added(program: Program) -> None:
    before = [program.ask("POST", "/courses", {"title": f"Course {number}"}).told["key"] for number in range(5)]
    seen: list[str] = []
    cursor = ""
    with ThreadPoolExecutor(1) as beside:
        adding = [beside.submit(program.ask, "POST", "/courses", {"title": "Added meanwhile"}) for _ in range(5)]
        while True:
            page = program.ask("GET", f"/courses?limit=2{cursor}").told
            seen += [one["key"] for one in page["data"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert {one.result().status for one in adding} == {201}
    assert len(seen) == len(set(seen))
    assert seen[: len(before)] == before
