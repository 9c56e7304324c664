"""From statements to what was played: agreement with their own progress, one list a session, one duration a video."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, NamedTuple

from playhead.interop.xapi import vocabulary
from playhead.interop.xapi.statements import Statement

OWN_PROGRESS_TOLERANCE: Final = Decimal("0.0035")
"""Own progress has three decimals, rounded or cut as the client likes, and some give lengths in whole seconds."""


class VideoKey(NamedTuple):
    """One video in one course run: another run's viewers watch another video, though the file be the same."""

    course: str
    id: str


class SessionKey(NamedTuple):
    """A session repeats its whole list in every statement; this tells which list a statement repeats."""

    actor: str
    video: VideoKey
    id: str


@dataclass(slots=True)
class Video:
    """The content record: one video as all statements about it describe it together."""

    name: str
    lengths: Counter[int] = field(default_factory=Counter)

    @property
    def duration_ms(self) -> int | None:
        """The canonical duration: the length most statements give; of equally many, the longest. None: nobody said.

        Clients differ (263.24, 263.28 and 264 s of one video), so no single statement decides it.
        """
        return max(self.lengths, key=lambda length: (self.lengths[length], length), default=None)


@dataclass(slots=True)
class Agreement:
    """How many statements of one kind say the progress that their own segments give, and which do not."""

    agreeing: int = 0
    differing: list[Statement] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.agreeing + len(self.differing)


@dataclass(slots=True)
class Collected:
    """What a file amounts to; `add` each statement, in any order.

    `watched` judges the statements whose progress says what was watched, `verdicts` those that decree it.
    """

    verbs: Counter[str] = field(default_factory=Counter)
    people: dict[str, str] = field(default_factory=dict)
    videos: dict[VideoKey, Video] = field(default_factory=dict)
    sessions: dict[SessionKey, Statement] = field(default_factory=dict)
    watched: Agreement = field(default_factory=Agreement)
    verdicts: Agreement = field(default_factory=Agreement)
    open_ends: int = 0

    def add(self, statement: Statement) -> None:
        self.verbs[statement.verb.name] += 1
        self.people[statement.actor] = statement.actor_name
        self.open_ends += statement.open_ends
        video = VideoKey(statement.course, statement.video)
        record = self.videos.setdefault(video, Video(statement.video_name))
        if statement.length_ms:
            record.lengths[statement.length_ms] += 1
        session = SessionKey(statement.actor, video, statement.session)
        held = self.sessions.get(session)
        if held is None or _completeness(statement) > _completeness(held):
            self.sessions[session] = statement
        self._judge(statement)

    def _judge(self, statement: Statement) -> None:
        if statement.played is None or statement.progress is None:
            return
        judged = self.verdicts if statement.verb.own_progress == vocabulary.VERDICT else self.watched
        if agrees(statement):
            judged.agreeing += 1
        else:
            judged.differing.append(statement)


def agrees(statement: Statement) -> bool:
    """Whether |union of its segments| / its own length is its own progress, within the tolerance."""
    assert statement.length_ms
    assert statement.progress is not None
    difference_ms = abs(statement.covered_ms - statement.progress * statement.length_ms)
    return difference_ms <= OWN_PROGRESS_TOLERANCE * statement.length_ms


def own_share(statement: Statement) -> Decimal:
    """|union of its segments| / its own length, to three decimals."""
    assert statement.length_ms
    share = Decimal(statement.covered_ms) / statement.length_ms
    return share.quantize(Decimal("0.001"), rounding=ROUND_HALF_EVEN)


def _completeness(statement: Statement) -> tuple[int, int, int]:
    """The longest list counts: most seconds covered, then most played; of equals the earliest line."""
    played_ms = sum(end - start for start, end in statement.played or ())
    return (statement.covered_ms, played_ms, -statement.line)


def within(statement: Statement, *, duration_ms: int) -> tuple[tuple[int, int], ...]:
    """What the statement's session played, in its order, inside the canonical duration."""
    return tuple((start, min(end, duration_ms)) for start, end in statement.played or () if start < duration_ms)
