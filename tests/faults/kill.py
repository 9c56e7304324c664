"""Kills the server while batches arrive, again and again: nothing acknowledged may be missing, nothing may count twice.

Each round lets some students send as fast as they get answers, ends `playhead serve` with SIGKILL at a random moment,
starts it again, and looks in the journal for everything that was acknowledged. Then they send once more what was not,
and a part of what was. At the end `playhead verify` recomputes every number. (A kill leaves the system's cache alive:
this is no power cut.)
"""

import http.client
import json
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bench.kit.rows import Row
from tests.e2e.server import PASSWORD, Server

ROUNDS = 10
STUDENTS = ("dora", "emil", "fay", "gus")
_BATCH_MS = 200


class Browsing:
    """As much of a browser as logging in needs: cookies, and the token that forms carry."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("localhost", port, timeout=30)
        self._cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: str = "", *, kind: str = "text/plain") -> str:
        headers = {"content-type": kind, "x-csrftoken": self._cookies.get("playhead-csrf", "")}
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        for cookie in answer.msg.get_all("set-cookie", []):
            name, _, value = cookie.split(";")[0].partition("=")
            self._cookies[name] = value
        return answer.read().decode()


@dataclass
class Student:
    """Sends batches of one playback, one after the other, and remembers which were acknowledged."""

    name: str
    port: int
    playback: str = ""
    ticket: str = ""
    sent: int = 0
    acknowledged: list[int] = field(default_factory=list)
    counted_twice: int = 0

    def open_playback(self, video: str) -> None:
        """Log in as a browser does, and open a playback."""
        site = Browsing(self.port)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', site.ask("GET", "/login/"))
        assert token is not None
        form = {"username": self.name, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        site.ask("POST", "/login/", urllib.parse.urlencode(form), kind="application/x-www-form-urlencoded")
        opened = json.loads(site.ask("POST", "/v1/playbacks", json.dumps({"video": video}), kind="application/json"))
        self.playback, self.ticket = opened["playback"], opened["ticket"]
        self.sent, self.acknowledged = 0, []

    def send_until_killed(self) -> None:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=30)
        while True:
            seq, self.sent = self.sent, self.sent + 1
            try:
                status, _said = self._post(connection, seq)
            except (OSError, http.client.HTTPException):
                return
            if status == 200:
                self.acknowledged.append(seq)

    def send_again(self) -> None:
        """What was not acknowledged, and every third of what was, which the server must know."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=30)
        repeated = set(self.acknowledged[::3])
        for seq in sorted(set(range(self.sent)) - set(self.acknowledged) | repeated):
            status, said = self._post(connection, seq)
            assert status == 200, said
            self.counted_twice += seq in repeated and said["status"] != "duplicate"

    def _post(self, connection: http.client.HTTPConnection, seq: int) -> tuple[int, dict[str, str]]:
        at = seq * _BATCH_MS
        section = {"t0": at, "t1": at + _BATCH_MS, "m0": at, "m1": at + _BATCH_MS, "rate": 1000, "end": "beat"}
        section |= {"visible": True, "muted": False, "pip": False}
        batch = {"seq": seq, "sent": at + _BATCH_MS, "sections": [section], "events": []}
        connection.request("POST", "/v1/batches", f"{self.ticket}\n{json.dumps(batch)}", {"content-type": "text/plain"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def measure() -> list[Row]:
    dice = random.Random(1)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        server.enrol(STUDENTS)
        students = [Student(name, server.port) for name in STUDENTS]
        rounds = [_round(server, students, after_s=dice.uniform(0.1, 1.0)) for _ in range(ROUNDS)]
        server.stop()
        verified = _verify(server)
    told, lost, doubled = (sum(column) for column in zip(*rounds, strict=True))
    doubled += sum(student.counted_twice for student in students)
    return [
        Row("acknowledged batches looked for", told, f"in {ROUNDS} kills"),
        Row("acknowledged batches missing", lost, "batches", goal="0", holds=lost == 0),
        Row("batches stored or credited twice", doubled, "batches", goal="0", holds=doubled == 0),
        Row("ledger differs from the journal", int(not verified), "", goal="0", holds=verified),
    ]


def _round(server: Server, students: list[Student], *, after_s: float) -> tuple[int, int, int]:
    """How many were acknowledged before the kill, how many of them are missing, how many are stored twice."""
    for student in students:
        student.open_playback(_video(server))
    threads = [threading.Thread(target=student.send_until_killed) for student in students]
    for thread in threads:
        thread.start()
    time.sleep(after_s)
    server.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()
    server.start()
    lost = sum(len(set(student.acknowledged) - set(_stored(server, student.playback))) for student in students)
    told = sum(len(student.acknowledged) for student in students)
    for student in students:
        student.send_again()
    stored = [_stored(server, student.playback) for student in students]
    return told, lost, sum(len(seqs) - len(set(seqs)) for seqs in stored)


def _video(server: Server) -> str:
    with closing(sqlite3.connect(f"file:{server.folder / 'site.sqlite3'}?mode=ro", uri=True)) as site:
        return str(site.execute("SELECT key FROM lms_video ORDER BY duration_ms DESC").fetchone()[0])


def _stored(server: Server, playback: str) -> list[int]:
    query = """SELECT journal.seq FROM recorder_journal journal
        JOIN recorder_playback playback ON playback.id = journal.playback_id
        WHERE playback.key = ? AND journal.kind = 'batch'"""
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as tracking:
        return [seq for (seq,) in tracking.execute(query, [playback])]


def _verify(server: Server) -> bool:
    command = [str(Path(sys.executable).with_name("playhead")), "verify"]
    return subprocess.run(command, env=server.environment, stdout=subprocess.DEVNULL).returncode == 0
