"""The real collector and recorder in process, for tests that play whole stories on a clock of their own."""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from playhead.collector.app import Collector
from playhead.core import limits
from playhead.core.tickets import TicketKeys, sign
from playhead.recorder.databases import open_store
from playhead.recorder.inlet import Inlet
from playhead.recorder.operations import ClosePlaybacks, Deliver, Opened, OpenPlayback
from playhead.recorder.policy import Policy
from playhead.recorder.recorder import Recorder
from playhead.recorder.replay import Difference, differences, viewers
from playhead.recorder.store import Row, Store

# 1 September 2026, 08:00 UTC
START_MS = 1_788_249_600_000
KEYS = TicketKeys([("test", b"0123456789abcdef0123456789abcdef")])


class HandClock:
    """A clock that only moves when told to."""

    def __init__(self, at_ms: int = START_MS) -> None:
        self.at_ms = at_ms

    def now_ms(self) -> int:
        return self.at_ms

    def forward(self, ms: int) -> int:
        """Move by `ms` (back, where negative); returns the new time in epoch milliseconds."""
        self.at_ms += ms
        return self.at_ms


@dataclass(slots=True)
class Opening:
    """An opened playback, and the batches sent under it so far."""

    viewer: str
    video: str
    playback: str
    ticket: str
    opened_at: int
    seq: int = 0
    sent: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]


def section(t0: int, t1: int, m0: int, m1: int, **more: Any) -> dict[str, Any]:
    return {"t0": t0, "t1": t1, "m0": m0, "m1": m1, **more}


class World:
    """A collector over a recorder over one tracking database, and the calls a browser and the site would make."""

    def __init__(self, database: str, *, inlet: Inlet | None = None) -> None:
        self.database = database
        self.clock = HandClock()
        self.recorder = Recorder(database, clock=self.clock, inlet=inlet)
        self.collector = Collector(self.recorder, KEYS)
        self._loop = asyncio.new_event_loop()
        self._opened = 0
        self._reading: Store | None = None

    def __enter__(self) -> Self:
        self.recorder.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.recorder.stop()
        self._loop.close()
        if self._reading is not None:
            self._reading.close()

    def restart(self) -> None:
        """The server again, with nothing in its memory."""
        self.recorder.stop()
        self.recorder = Recorder(self.database, clock=self.clock)
        self.recorder.start()
        self.collector = Collector(self.recorder, KEYS)

    def open(
        self,
        viewer: str = "bob",
        video: str = "film",
        *,
        duration_ms: int | None = 600_000,
        listeners: Mapping[str, Any] | None = None,
        **policy: Any,
    ) -> Opening:
        self._opened += 1
        playback = f"p_{self._opened}"
        opened_at = self.clock.now_ms()
        opened: Opened = self.recorder.do(
            OpenPlayback(
                viewer=viewer,
                playback=playback,
                video=video,
                organisation_id=1,
                session="session-of-" + viewer,
                opened_at=opened_at,
                duration_ms=duration_ms,
                policy=Policy(**policy),
                ticket_expires_at=opened_at + limits.TICKET_LIFETIME_S * 1000,
                **(listeners or {}),
            )
        )
        assert opened.playback.key == playback
        return Opening(viewer, video, playback, self.ticket(viewer, video, playback), opened_at)

    def ticket(self, viewer: str, video: str, playback: str) -> str:
        now_s = self.clock.now_ms() // 1000
        return sign(viewer=viewer, video=video, playback=playback, jti="j", keys=KEYS, now_s=now_s)

    def send(self, opening: Opening, *sections: dict[str, Any], events: list[dict[str, Any]] | None = None) -> Answer:
        """Send the opening's next batch now."""
        batch = {
            "seq": opening.seq,
            "sent": self.clock.now_ms() - opening.opened_at,
            "sections": list(sections),
            "events": events or [],
        }
        body = json.dumps(batch).encode()
        opening.sent[opening.seq] = body
        opening.seq += 1
        return self.post(opening.ticket, body)

    def play(self, opening: Opening, wall_ms: int, m0: int, *, rate: int = 1000) -> Answer:
        """Let `wall_ms` go by while the viewer watches from `m0`, then claim it truthfully."""
        t0 = self.clock.now_ms() - opening.opened_at
        self.clock.forward(wall_ms)
        return self.send(opening, section(t0, t0 + wall_ms, m0, m0 + wall_ms * rate // 1000, rate=rate))

    def close(self, viewer: str, **which: str) -> int:
        return int(self.recorder.do(ClosePlaybacks(viewer, self.clock.now_ms(), "logout", **which)))

    def deliver(self, opening: Opening, start_ms: int, end_ms: int) -> None:
        self.recorder.do(Deliver(opening.viewer, opening.playback, start_ms, end_ms, self.clock.now_ms()))

    def post(self, ticket: str, body: bytes) -> Answer:
        return self.request(ticket.encode() + b"\n" + body)

    def request(self, body: bytes, *, method: str = "POST") -> Answer:
        return self._loop.run_until_complete(call(self.collector, body, method=method))

    def wait_for(self, doing: Coroutine[Any, Any, None]) -> None:
        """Run something asynchronous to its end."""
        self._loop.run_until_complete(doing)

    def post_together(self, requests: list[tuple[str, bytes]]) -> list[Answer]:
        """Several at once, so that they meet in one group."""

        async def all_of_them() -> list[Answer]:
            calls = [call(self.collector, ticket.encode() + b"\n" + body) for ticket, body in requests]
            return list(await asyncio.gather(*calls))

        return self._loop.run_until_complete(all_of_them())

    # --- looking into the database, over a connection of its own

    def rows(self, statement: str, values: tuple[object, ...] = ()) -> list[Row]:
        return self._reader().all(statement, values)

    def differences(self, *only: str) -> list[Difference]:
        """What `verify` would find, in all viewers' rows or in those of some."""
        store = self._reader()
        who = [row for key in only for row in store.all("SELECT id, key FROM recorder_viewer WHERE key = ?", [key])]
        return [found for viewer_id, key in who or viewers(store) for found in differences(store, viewer_id, key)]

    def _reader(self) -> Store:
        if self._reading is None:
            self._reading = open_store(self.database)
        return self._reading


async def call(app: Collector, body: bytes, *, method: str = "POST") -> Answer:
    """One request to an ASGI application, its body in one piece."""
    messages: list[Any] = []
    received = False

    async def receive() -> dict[str, Any]:
        nonlocal received
        if received:
            return {"type": "http.disconnect"}
        received = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {"type": "http", "method": method, "path": "/v1/batches", "headers": []}
    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    content = messages[1]["body"]
    return Answer(messages[0]["status"], headers, json.loads(content) if content else {})
