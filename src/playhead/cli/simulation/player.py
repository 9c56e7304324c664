"""An honest player and its tracker: steps become claims, batches, and what the network makes of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final, NamedTuple

from playhead.cli.simulation.devices import reception_of
from playhead.cli.simulation.script import Script, batch, claim
from playhead.core import limits

EDGE_ERROR_MS: Final = limits.TIMER_ERROR_MS // 2
SEEK_MS: Final = 200
_QUEUE_PACE_MS: Final = 30


class Play(NamedTuple):
    """Watch up to a position, or to the end."""

    until_ms: int
    rate: int = limits.RATE_NORMAL


class Pause(NamedTuple):
    ms: int


class Seek(NamedTuple):
    to_ms: int


class Sleep(NamedTuple):
    """The machine is suspended; on half of all machines the monotonic clock stands still meanwhile."""

    ms: int


class Offline(NamedTuple):
    """From here on batches stay in the queue."""


class Online(NamedTuple):
    """What waits in the queue is sent, in order."""


class Device(NamedTuple):
    """Go on at another device; each has a playback, a clock and a queue of its own."""

    number: int


Step = Play | Pause | Seek | Sleep | Offline | Online | Device
Steps = Callable[[Random, int], Iterator[Step]]


@dataclass(frozen=True, slots=True)
class Line:
    """What the network does to batches: shares of a thousand, and delays drawn up to a bound."""

    delay_ms: int = 300
    duplicated: int = 0
    held_up: int = 0
    held_up_ms: int = 25_000


GOOD_LINE: Final = Line()


@dataclass(frozen=True, slots=True)
class Honest:
    """A way to watch; `drift_ppm` is how far the student's clock may run fast or slow."""

    name: str
    steps: Steps
    line: Line = GOOD_LINE
    drift_ppm: int = 0

    def play(self, script: Script) -> None:
        """Watch every video of the course in this way, one after the other."""
        for video, duration_ms in enumerate(script.durations_ms):
            players: dict[int, Player] = {}
            number = 0
            for step in self.steps(script.random, duration_ms):
                if isinstance(step, Device):
                    number = step.number
                    continue
                if number not in players:
                    players[number] = Player(script, video, line=self.line, drift_ppm=self.drift_ppm)
                players[number].do(step)
            script.now_ms += script.random.randrange(20_000, 120_000)


class Player:
    """One opened playback: its tracker's clock, its position, and the queue of batches not yet sent."""

    def __init__(self, script: Script, video: int, *, line: Line = GOOD_LINE, drift_ppm: int = 0) -> None:
        self.script = script
        self.video = video
        self.playback = script.open(video)
        self.position_ms = 0
        self.sent: list[bytes] = []
        self._line = line
        self._drift_ppm = script.random.randint(-drift_ppm, drift_ppm)
        # t = 0 is when the tracker receives the answer that carries the ticket.
        script.now_ms += script.random.randrange(20, 400)
        self._zero_ms = script.now_ms
        self._edge_ms = 0
        self._queue: list[bytes] | None = None
        self._events: list[dict[str, Any]] = []
        self._rate = limits.RATE_NORMAL
        self._reception = reception_of(script.student, self.playback)

    def do(self, step: Step) -> None:
        if isinstance(step, Play):
            self.play(step.until_ms, rate=step.rate)
        elif isinstance(step, Pause):
            self.script.now_ms += step.ms
        elif isinstance(step, Seek):
            self._seek(step.to_ms)
        elif isinstance(step, Sleep):
            self._sleep(step.ms)
        elif isinstance(step, Offline):
            self._queue = [] if self._queue is None else self._queue
        elif isinstance(step, Online):
            self._come_back()

    def play(self, until_ms: int, *, rate: int = limits.RATE_NORMAL) -> None:
        """Watch up to a position: a section and a batch every beat, and one where playing stops."""
        duration_ms = self.script.durations_ms[self.video]
        until_ms = min(until_ms, duration_ms)
        self._note("play")
        self._note("playing", after_ms=self._reception.start_ms())
        if rate != self._rate:
            self._rate = rate
            self._note("ratechange", rate=rate)
        t0 = self._edge()
        while self.position_ms < until_ms:
            m0, left_ms = self.position_ms, until_ms - self.position_ms
            wall_ms = min(limits.BEAT_MS, -(-left_ms * 1000 // rate))
            self.script.now_ms += wall_ms
            self.position_ms = m1 = min(until_ms, m0 + wall_ms * rate // 1000)
            stopped = ("ended" if m1 == duration_ms else "pause") if m1 == until_ms else ""
            t1 = self._edge(after_ms=t0)
            self.script.watch(self.video, m0, m1)
            if waited_ms := self._reception.wait_ms():
                self._note("waiting")
                self._note("playing", after_ms=waited_ms)
            if stopped:
                self._note(stopped)
            self._send([claim(t0, t1, m0, m1, rate=rate, end=stopped or "beat")])
            t0 = t1

    def _seek(self, to_ms: int) -> None:
        self.script.now_ms += SEEK_MS
        self.position_ms = max(0, min(to_ms, self.script.durations_ms[self.video] - 1))
        self._note("seeked")

    def _sleep(self, ms: int) -> None:
        self.script.now_ms += ms
        if self.script.random.random() < 0.5:
            self._zero_ms += ms

    def _clock(self) -> int:
        """The tracker's monotonic clock: milliseconds since t = 0, with this machine's drift."""
        return (self.script.now_ms - self._zero_ms) * (1_000_000 + self._drift_ppm) // 1_000_000

    def _edge(self, *, after_ms: int | None = None) -> int:
        """When a section began or ended, as a tracker sees it: a timer's error off, and never backwards."""
        least = self._edge_ms if after_ms is None else after_ms + 1
        error_ms = self.script.random.randint(-EDGE_ERROR_MS, EDGE_ERROR_MS)
        self._edge_ms = max(least, self._clock() + error_ms)
        return self._edge_ms

    def _note(self, event: str, *, after_ms: int = 0, **more: int) -> None:
        self._events.append({"type": event, "t": self._clock() + after_ms, "m": self.position_ms, **more})

    def _send(self, claims: list[dict[str, Any]]) -> None:
        body = batch(len(self.sent), claims, sent=self._clock(), events=self._events)
        self.sent.append(body)
        self._events = []
        if self._queue is None:
            self._deliver(body, self.script.now_ms)
        else:
            self._queue.append(body)

    def _come_back(self) -> None:
        queue, self._queue = self._queue or [], None
        for number, body in enumerate(queue):
            self._deliver(body, self.script.now_ms + number * _QUEUE_PACE_MS)

    def _deliver(self, body: bytes, at_ms: int) -> None:
        """Let it arrive: after a while, perhaps behind later ones, perhaps a second time for a lost answer."""
        line, random = self._line, self.script.random
        at_ms += random.randrange(10, line.delay_ms)
        if random.randrange(1000) < line.held_up:
            at_ms += random.randrange(line.held_up_ms)
        self.script.send(self.playback, body, at_ms=at_ms)
        if random.randrange(1000) < line.duplicated:
            self.script.send(self.playback, body, at_ms=at_ms + random.randrange(50, 5_000))
