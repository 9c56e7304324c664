"""The class takes place: scripts go through the real collector and recorder, on a clock that is told the time."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from playhead.cli.simulation.devices import environment_of
from playhead.cli.simulation.script import Opening, Script, Sending
from playhead.collector.app import Collector
from playhead.core import limits
from playhead.recorder import service
from playhead.recorder.policy import Policy

_OPENING_AT_ONCE: Final = 64
_now: ContextVar[int] = ContextVar("now_ms", default=0)


class VirtualClock:
    """The time of the request that asks: every task and thread that serves one carries its own."""

    def now_ms(self) -> int:
        return _now.get()


class _Refusal(msgspec.Struct):
    reason: str
    ms: int


class _Answer(msgspec.Struct):
    status: str
    refusals: list[_Refusal]


_decode: Final = msgspec.json.Decoder(_Answer).decode


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it takes place: viewer and video keys by number, when it begins, and what each video is opened under."""

    viewers: list[str]
    videos: list[str]
    durations_ms: list[int]
    begins_at: int
    policies: list[Policy]


@dataclass(slots=True)
class Seen:
    """What the server made of one student: media ms refused by reason, answers by status, time by playback."""

    refused_ms: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    opened_at: dict[int, int] = field(default_factory=dict)
    last_received_at: dict[int, int] = field(default_factory=dict)


class Run:
    """Plays scripts on a stage. `play` once; then `seen` tells what came of it, by student."""

    def __init__(self, collector: Collector, stage: Stage) -> None:
        self.seen = [Seen() for _ in stage.viewers]
        self._collector = collector
        self._stage = stage
        self._tickets: dict[tuple[int, int], str] = {}

    async def play(self, scripts: Iterable[Script], *, progress: Callable[[int], object]) -> None:
        """All happenings of all students in the order of time, many at once, as on a very busy evening.

        Of those that go together, playbacks are opened first: whenever that is, only its own time counts. Batches wait
        in the recorder in the order in which they arrived, so the journal is in order too.
        """
        happenings = sorted((each for script in scripts for each in script.happenings), key=lambda each: each.at_ms)
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_OPENING_AT_ONCE))
        for start in range(0, len(happenings), limits.GROUP_OPERATIONS):
            some = happenings[start : start + limits.GROUP_OPERATIONS]
            await asyncio.gather(*(self._open(each) for each in some if isinstance(each, Opening)))
            await asyncio.gather(*(self._send(each) for each in some if isinstance(each, Sending)))
            progress(len(some))

    async def play_in_order(self, scripts: Iterable[Script], *, progress: Callable[[int], object]) -> None:
        """The same for weeks in which little happens at once: the journal holds them as they would have come."""
        happenings = sorted((each for script in scripts for each in script.happenings), key=lambda each: each.at_ms)
        waiting: list[Sending] = []
        for happening in happenings:
            if isinstance(happening, Sending):
                waiting.append(happening)
            if isinstance(happening, Opening) or len(waiting) == limits.GROUP_OPERATIONS:
                await self._send_all(waiting)
                progress(len(waiting))
                waiting = []
            if isinstance(happening, Opening):
                await self._open(happening)
                progress(1)
        await self._send_all(waiting)
        progress(len(waiting))

    async def _send_all(self, sendings: list[Sending]) -> None:
        await asyncio.gather(*map(self._send, sendings))

    async def _open(self, opening: Opening) -> None:
        _now.set(self._stage.begins_at + opening.at_ms)
        await asyncio.to_thread(self._open_now, opening)

    def _open_now(self, opening: Opening) -> None:
        stage = self._stage
        opened = service.open_playback(
            viewer=stage.viewers[opening.student],
            video=stage.videos[opening.video],
            duration_ms=stage.durations_ms[opening.video],
            policy=stage.policies[opening.video],
            session=None,
            environment=environment_of(opening.student, opening.playback),
        )
        self._tickets[opening.student, opening.playback] = opened.ticket
        self.seen[opening.student].opened_at[opening.playback] = opened.opened_at

    async def _send(self, sending: Sending) -> None:
        _now.set(self._stage.begins_at + sending.at_ms)
        ticket = self._tickets[sending.holder]
        if sending.altered:
            ticket = with_other_viewer(ticket)
        status, body = await post(self._collector, ticket.encode() + b"\n" + sending.body)
        seen = self.seen[sending.student]
        if status != 200:
            seen.answers[f"HTTP {status}"] += 1
            return
        answer = _decode(body)
        seen.answers[answer.status] += 1
        holder, playback = sending.holder
        self.seen[holder].last_received_at[playback] = self._stage.begins_at + sending.at_ms
        if answer.status == "recorded":
            for refusal in answer.refusals:
                seen.refused_ms[refusal.reason] += refusal.ms


def with_other_viewer(ticket: str) -> str:
    """The ticket with another name in it, under the signature it had."""
    header, payload, signature = ticket.split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    said["sub"] = "u_somebody_else"
    forged = base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).rstrip(b"=").decode()
    return f"{header}.{forged}.{signature}"


async def post(app: Collector, body: bytes) -> tuple[int, bytes]:
    """One request to the ASGI application, without a socket. Returns status and body."""
    answered: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/batches", "headers": [(b"content-type", b"text/plain")]}
    await app(scope, receive, send)
    return answered[0]["status"], answered[1]["body"]
