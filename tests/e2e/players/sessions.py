"""One script on one player in a real browser, against a real Playhead: what was played, and what the ledger says."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from playwright.async_api import Browser

from tests.e2e.players.stage import HOSTS, SITE
from tests.e2e.players.tabs import Tab, open_tab
from tests.e2e.server import PASSWORD, Server
from tests.e2e.watching import Span, union, worst_cut_ms

SCRIPTS = (
    "continuous", "skip", "back and rewatch", "rate change", "scrub",
    "pause and resume", "stall", "loop", "source change", "hidden",
)  # fmt: skip
# Not told apart: two stretches that a cut may be off by this much.
_PAIRED_MS = 250


@dataclass(frozen=True)
class Outcome:
    """What one script came to; cuts are in media time."""

    player: str
    script: str
    truth: list[Span]
    credited: list[Span]
    worst_cut_ms: int | None  # None where the stretches do not pair up
    missing_ms: int
    surplus_ms: int
    refused_ms: int
    events: dict[str, int]
    hidden_ms: int
    errors: list[str] = field(default_factory=list)

    @property
    def truth_ms(self) -> int:
        return _length(self.truth)

    @property
    def credited_ms(self) -> int:
        return _length(self.credited)


class Student:
    """Somebody enrolled who opens playbacks as the watch page does, from outside a browser."""

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self._jar = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._jar))
        self._get("/login/")
        self._post("/login/", urlencode({"username": name, "password": PASSWORD}), "application/x-www-form-urlencoded")

    def open(self, video: str) -> tuple[str, str]:
        """A new playback's key and ticket."""
        answer = json.loads(self._post("/v1/playbacks", json.dumps({"video": video}), "application/json"))
        return answer["playback"], answer["ticket"]

    def _get(self, path: str) -> None:
        with self._opener.open(self._server.address + path, timeout=20):
            pass

    def _post(self, path: str, text: str, content_type: str) -> bytes:
        token = next(cookie.value or "" for cookie in self._jar if "csrf" in cookie.name)
        headers = {"Content-Type": content_type, "X-CSRFToken": token, "Referer": self._server.address + path}
        with self._opener.open(Request(self._server.address + path, text.encode(), headers), timeout=20) as answer:
            return bytes(answer.read())


def video_key(server: Server, file: str) -> str:
    with closing(sqlite3.connect(f"file:{server.folder / 'site.sqlite3'}?mode=ro", uri=True)) as database:
        return str(database.execute("SELECT key FROM lms_video WHERE file = ?", [file]).fetchone()[0])


@dataclass(frozen=True)
class Scene:
    """Who watches what, with which player, by which script."""

    server: Server
    student: Student
    video: str
    player: str
    script: str

    @property
    def address(self) -> str:
        return f"https://{SITE}/pages/{self.player}.html?{urlencode({'script': self.script})}"


async def follow(browser: Browser, scene: Scene) -> Outcome:
    """Play the script and compare. The page is closed however it ends."""
    context = await browser.new_context(ignore_https_errors=True)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: errors.append(f"asked {request.url}") if not _ours(request.url) else None)
    try:
        await page.goto(scene.address)
        await page.wait_for_function("() => window.follow")
        key, ticket = scene.student.open(scene.video)
        told = await page.evaluate("(ticket) => window.follow(ticket)", ticket)
    finally:
        await context.close()
    return _compare(scene, told, credits_of(scene.server, key), errors)


async def follow_hidden(endpoint: str, scene: Scene) -> Outcome:
    """The same, in a tab that can be hidden."""
    tab = await open_tab(endpoint)
    try:
        key, told = await play_in(tab, scene)
    finally:
        await tab.close()
    return _compare(scene, told, credits_of(scene.server, key), tab.errors)


async def play_in(tab: Tab, scene: Scene) -> tuple[str, dict[str, Any]]:
    """The playback's key, and what the page tells when the script is over."""
    await tab.send("Page.navigate", url=scene.address)
    await tab.evaluate("(async () => { while (!window.follow) await new Promise((over) => setTimeout(over, 50)); })()")
    key, ticket = scene.student.open(scene.video)
    return key, await tab.evaluate(f"window.follow({json.dumps(ticket)})")


def _ours(address: str) -> bool:
    return address.startswith((*(f"https://{host}/" for host in HOSTS), "blob:", "data:"))


def _compare(scene: Scene, told: dict[str, Any], credited: list[Span], errors: list[str]) -> Outcome:
    truth: list[Span] = [(start, end) for start, end in told["truth"]]
    try:
        worst: int | None = worst_cut_ms(truth, credited, tolerance_ms=_PAIRED_MS)
    except AssertionError:
        worst = None
    return Outcome(
        player=scene.player,
        script=scene.script,
        truth=truth,
        credited=credited,
        worst_cut_ms=worst,
        missing_ms=_outside(truth, credited),
        surplus_ms=_outside(credited, truth),
        # A playlist may be some milliseconds longer than the video is known to be.
        refused_ms=sum(refusal["ms"] for refusal in told["refusals"] if refusal["reason"] != "out_of_range"),
        events=told["events"],
        hidden_ms=sum(one["m1"] - one["m0"] for one in told["sections"] if not one["visible"]),
        errors=[*errors, *(f"{notice['code']}: {notice['detail']}" for notice in told["notices"])],
    )


def credits_of(server: Server, playback: str) -> list[Span]:
    """What the ledger credits to one playback, line by line."""
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT credit FROM recorder_ledgerline l JOIN recorder_playback p ON p.id = l.playback_id WHERE p.key = ?",
            [playback],
        ).fetchall()
    spans: list[Span] = []
    for (packed,) in rows:
        numbers = [int.from_bytes(packed[at : at + 8], "little", signed=True) for at in range(0, len(packed), 8)]
        spans += list(zip(numbers[::2], numbers[1::2], strict=True))
    return spans


def _length(spans: Sequence[Span]) -> int:
    return sum(end - start for start, end in spans)


def _outside(spans: Sequence[Span], others: Sequence[Span]) -> int:
    """How much of the union of `spans` is not in `others`."""
    inside = 0
    for start, end in union(spans):
        inside += sum(max(0, min(end, stop) - max(start, begin)) for begin, stop in union(others))
    return _length(union(spans)) - inside
