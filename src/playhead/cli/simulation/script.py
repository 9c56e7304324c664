"""One student's day, written down before it is played: what reaches the server when, and what was really watched."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import msgspec

from playhead.core.sections import EMPTY, Sections

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Opening:
    """A student opens a video; `playback` counts the openings of this student."""

    at_ms: int
    student: int
    playback: int
    video: int


@dataclass(frozen=True, slots=True)
class Sending:
    """A batch reaches the server under the ticket of (student, playback); `altered` spoils what the ticket says."""

    at_ms: int
    student: int
    body: bytes
    holder: tuple[int, int]
    altered: bool = False


Happening = Opening | Sending


@dataclass(slots=True)
class Script:
    """Builds one student's day. All times are server milliseconds since the class began.

    `others_tickets` names the student whose tickets this one got hold of, if any.
    """

    student: int
    random: Random
    durations_ms: list[int]
    now_ms: int
    max_rate: int
    others_tickets: int | None = None
    happenings: list[Happening] = field(default_factory=list)
    opened_at_ms: list[int] = field(default_factory=list)
    covered: dict[int, Sections] = field(default_factory=dict)
    watched_ms: int = 0

    def open(self, video: int) -> int:
        """Open a video now; returns the number of the playback."""
        playback = len(self.opened_at_ms)
        self.opened_at_ms.append(self.now_ms)
        self.happenings.append(Opening(self.now_ms, self.student, playback, video))
        return playback

    def send(self, playback: int, body: bytes, *, at_ms: int | None = None) -> None:
        """Let a batch reach the server at `at_ms`, or now."""
        when = self.now_ms if at_ms is None else at_ms
        self.happenings.append(Sending(when, self.student, body, (self.student, playback)))

    def send_as(self, holder: tuple[int, int], body: bytes, *, altered: bool = False) -> None:
        """Send a batch now under somebody else's ticket, or under an altered one."""
        self.happenings.append(Sending(self.now_ms, self.student, body, holder, altered))

    def watch(self, video: int, start_ms: int, end_ms: int) -> None:
        """Note the truth: these media milliseconds ran before this student's eyes, at a rate the course allows."""
        self.covered[video] = self.covered.get(video, EMPTY).add(start_ms, end_ms)
        self.watched_ms += end_ms - start_ms


def claim(t0: int, t1: int, m0: int, m1: int, *, rate: int = 1000, end: str = "beat") -> dict[str, Any]:
    """A section as it travels: playback wall ms, media ms, rate in thousandths."""
    return {"t0": t0, "t1": t1, "m0": m0, "m1": m1, "rate": rate, "end": end}


def batch(
    seq: int, claims: list[dict[str, Any]], *, sent: int = 0, events: list[dict[str, Any]] | None = None
) -> bytes:
    """A batch as the tracker writes it, without the ticket."""
    return _encode({"seq": seq, "sent": sent, "sections": claims, "events": events or []})
