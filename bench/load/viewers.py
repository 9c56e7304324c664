"""Simulated viewers: each has a playback, a ticket, a sequence, and claims only time that has really gone by."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from bench.load.clients import Answer, post
from playhead.core.sections import Sections
from playhead.recorder.clock import Clock

# What a player tells in ten seconds of a lecture; the numbers that matter to the credit are in the section.
EVENTS: list[dict[str, object]] = [
    {"type": "playing", "t": 12034, "m": 12034},
    {"type": "timeupdate", "t": 12284, "m": 12284},
    {"type": "progress", "t": 12811, "m": 12811, "buffered_ms": 44000},
    {"type": "waiting", "t": 13402, "m": 13402},
    {"type": "canplay", "t": 13990, "m": 13402},
    {"type": "volumechange", "t": 15120, "m": 14532, "volume_percent": 80, "muted": False},
    {"type": "texttrackchange", "t": 17222, "m": 16634, "kind": "subtitles", "label": "Español", "language": "es"},
    {"type": "resize", "t": 17900, "m": 17312, "width_px": 1280, "height_px": 720},
    {"type": "fullscreenchange", "t": 18412, "m": 17824, "fullscreen": True},
    {"type": "timeupdate", "t": 22034, "m": 21446},
]
_BATCH = (
    b'{"seq":%d,"sent":%d,"sections":[{"t0":%d,"t1":%d,"m0":%d,"m1":%d,"rate":1000,"visible":true,"muted":false,'
    b'"pip":false,"end":"beat"}],"events":%s}'
)
_EVENTS = json.dumps(EVENTS, separators=(",", ":"), ensure_ascii=False).encode()


def body_of(*, seq: int, sent: int, t0: int, t1: int, m0: int) -> bytes:
    """A batch with one section at normal speed and ten events."""
    return _BATCH % (seq, sent, t0, t1, m0, m0 + t1 - t0, _EVENTS)


@dataclass(frozen=True, slots=True)
class Seat:
    """An opened playback, as the seeding leaves it."""

    viewer: str
    video: str
    playback: str
    ticket: str
    opened_at: int
    duration_ms: int
    starts_ms: int


@dataclass(slots=True)
class Unanswered:
    """A batch on its way: sent again, byte for byte, until it is acknowledged."""

    request: bytes
    credit_ms: int
    until_t: int
    tries: int = 0


class Viewer:
    """One viewer watching one video at normal speed, from `starts_ms` on and round again at the end.

    What it knows to be true: `acknowledged` batches, and of them the milliseconds watched and the section covered.
    """

    __slots__ = ("_clock", "_pending", "acknowledged", "at_ms", "complaints", "duplicates", "seat", "t", "watched_ms")

    def __init__(self, seat: Seat, clock: Clock) -> None:
        self.seat = seat
        self._clock = clock
        self.t = 0
        self.at_ms = seat.starts_ms
        self.acknowledged = 0
        self.duplicates = 0
        self.watched_ms = 0
        self.complaints: list[str] = []
        self._pending: Unanswered | None = None

    def request(self) -> bytes:
        """The next batch: everything since the last one, or the last one again while nobody has acknowledged it."""
        if self._pending is None:
            self._pending = self._next()
        self._pending.tries += 1
        return self._pending.request

    def _next(self) -> Unanswered:
        now = max(self._clock.now_ms() - self.seat.opened_at, self.t + 1)
        until_t = min(now, self.t + self.seat.duration_ms - self.at_ms)
        credit_ms = until_t - self.t
        body = body_of(seq=self.acknowledged, sent=now, t0=self.t, t1=until_t, m0=self.at_ms)
        request = post("/v1/batches", b"text/plain", b"%s\n%s" % (self.seat.ticket.encode(), body))
        return Unanswered(request, credit_ms, now)

    def answered(self, answer: Answer) -> bool:
        """Whether this is a promise that the batch is kept; if it is, the credit must be all that was claimed."""
        pending = self._pending
        assert pending is not None
        if answer.status != 200:
            return False
        self._check(answer.body, pending)
        self.acknowledged += 1
        self.watched_ms += pending.credit_ms
        self.t = pending.until_t
        self.at_ms = (self.at_ms + pending.credit_ms) % self.seat.duration_ms
        self._pending = None
        return True

    def _check(self, body: bytes, pending: Unanswered) -> None:
        if b'"status":"recorded"' not in body:
            self.duplicates += 1
            if pending.tries == 1 or b'"status":"duplicate"' not in body:
                self.complaints.append(body.decode(errors="replace"))
        if b'"credited_ms":%d,' % pending.credit_ms not in body:
            self.complaints.append(f"claimed {pending.credit_ms} ms: {body.decode(errors='replace')}")

    @property
    def waits(self) -> bool:
        """Whether a batch left that nobody has acknowledged yet."""
        return self._pending is not None

    @property
    def covered(self) -> Sections:
        """What was acknowledged, as media sections."""
        start, duration_ms = self.seat.starts_ms, self.seat.duration_ms
        end = start + min(self.watched_ms, duration_ms)
        return Sections.of(_round(start, end, duration_ms))


class Careless(Viewer):
    """Takes every 200 for a promise: for a server that keeps nothing, and so cannot say what was credited."""

    __slots__ = ()

    def _check(self, body: bytes, pending: Unanswered) -> None:
        pass


def _round(start: int, end: int, duration_ms: int) -> Iterable[tuple[int, int]]:
    if start < end:
        yield start, min(end, duration_ms)
    if end > duration_ms:
        yield 0, end - duration_ms
