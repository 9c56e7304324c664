"""The rows one viewer's credit hangs on, as the recorder holds them between reading and writing."""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple, Self

from playhead.core import limits
from playhead.core.credit import Line, Reason, Terms
from playhead.core.presence import UNASKED, Presence, name
from playhead.core.progress import counted_ms, measured_ms, needed_ms, progress_percent
from playhead.core.sections import EMPTY, Sections
from playhead.recorder.listeners import Listeners
from playhead.recorder.policy import Policy
from playhead.recorder.store import Row

_new = tuple.__new__  # of a named tuple, with all its values: in half the time that calling it takes
_NO_PART = (None, None)
INFERRED, CLOCK, CLOCK_AND_DELIVERY, IMPORTED = "inferred", "clock", "clock+delivery", "imported"
STRENGTHS = (INFERRED, CLOCK, CLOCK_AND_DELIVERY)
"""How a credit is proved, the weakest first."""


def packed(columns: Row, position: int) -> Sections:
    """A packed column of a row; most are empty."""
    return Sections.unpack(bytes(columns[position])) if columns[position] else EMPTY


class Run(NamedTuple):
    """A run of playing: since when, and up to which section's end (epoch ms)."""

    playback_id: int
    since: int
    until: int


_RUN = struct.Struct("<qqq")


@dataclass(slots=True)
class Viewer:
    """The lock, the time spent (epoch ms), and the runs of playing."""

    id: int
    key: str
    organisation_id: int
    spent: Sections
    runs: list[Run] = field(default_factory=list)

    COLUMNS = "id, key, organisation_id, spent, runs"

    @classmethod
    def from_row(cls, row: Row) -> Self:
        return cls(row[0], row[1], row[2], packed(row, 3), [Run(*run) for run in _RUN.iter_unpack(row[4])])

    def to_row(self) -> Row:
        return self.spent.pack(), b"".join([_RUN.pack(*run) for run in self.runs]), self.id


# Where several write one database a playback is read anew for every batch: what is fixed then need not be made anew.
@lru_cache(maxsize=4096)
def _policy(columns: Row) -> Policy:
    return Policy(
        max_rate=columns[0],
        threshold_percent=columns[1],
        no_skip=bool(columns[2]),
        delivery_is_evidence=bool(columns[3]),
        needs_visible=bool(columns[4]),
        part=None if columns[5] is None else (columns[5], columns[6]),
        window=None if columns[7] is None else (columns[7], columns[8]),
        preview=bool(columns[9]),
        seeking=columns[10],
        concurrent=columns[11],
        positions_inferred=bool(columns[12]),
        presence_every_s=columns[13],
        presence_seed=columns[14],
    )


@lru_cache(maxsize=16_384)
def _terms(opened_at: int, duration_ms: int | None, policy: Policy) -> Terms:
    return Terms(
        opened_at=opened_at,
        duration_ms=limits.VIDEO_MS if duration_ms is None else duration_ms,
        max_rate=policy.max_rate,
        delivery_is_evidence=policy.delivery_is_evidence,
        part=policy.part,
        window=policy.window,
        needs_visible=policy.needs_visible,
    )


@dataclass(slots=True)
class Playback:
    """One opening: its terms, fixed, and what has happened to it since."""

    id: int
    key: str
    organisation_id: int
    viewer_id: int
    video: str
    kind: str
    session: str | None
    opened_at: int
    duration_ms: int | None
    policy: Policy
    ticket_expires_at: int
    closed_at: int | None = None
    closed_reason: str | None = None
    delivered: Sections = EMPTY
    first_credit_at: int | None = None
    presence: Presence = UNASKED
    listeners: Listeners = field(default_factory=Listeners)
    last_seq: int = -1  # the highest number the journal holds: whatever is above it is new. Not a column
    # Nor these, which follow from what is fixed and are asked for by every batch.
    terms: Terms = field(init=False, repr=False)
    evidence: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        policy = self.policy
        self.terms = _terms(self.opened_at, self.duration_ms, policy)
        proved = CLOCK_AND_DELIVERY if policy.delivery_is_evidence else CLOCK
        self.evidence = INFERRED if policy.positions_inferred else proved

    COLUMNS = (
        "id, key, organisation_id, viewer_id, video, kind, session, opened_at, duration_ms, max_rate, "
        "threshold_percent, no_skip, delivery_is_evidence, needs_visible, part_start_ms, part_end_ms, window_from, "
        "window_until, preview, seeking, concurrent, positions_inferred, presence_every_s, presence_seed, "
        "ticket_expires_at, closed_at, closed_reason, delivered, first_credit_at, prompt_asked, "
        f"prompt_asked_at, prompt_answered, {Listeners.COLUMNS}"
    )

    @classmethod
    def from_row(cls, row: Row) -> Self:
        policy = _policy(row[9:24])
        last_seq = -1 if row[-1] is None else row[-1]
        listeners = Listeners.from_row(row[32:-1])
        moved = (packed(row, 27), row[28], Presence(*row[29:32]))
        values: list[Any] = [*row[:9], policy, *row[24:27], *moved, listeners, last_seq]
        return cls(*values)

    def to_row(self) -> Row:
        """Every column but the id, as `COLUMNS` orders them."""
        policy = self.policy
        fixed = (self.key, self.organisation_id, self.viewer_id, self.video, self.kind, self.session, self.opened_at)
        flags = (policy.no_skip, policy.delivery_is_evidence, policy.needs_visible)
        pairs = (*(policy.part or (None, None)), *(policy.window or (None, None)))
        chosen = (policy.preview, policy.seeking, policy.concurrent, policy.positions_inferred)
        asked = (policy.presence_every_s, policy.presence_seed)
        terms = (self.duration_ms, policy.max_rate, policy.threshold_percent, *flags, *pairs, *chosen, *asked)
        closing = (self.ticket_expires_at, self.closed_at, self.closed_reason)
        return (*fixed, *terms, *closing, *self.changing(), *self.listeners.to_row())

    def changing(self) -> Row:
        """The columns that deliveries, a first credit and prompts move."""
        return self.delivered.pack(), self.first_credit_at, *self.presence

    @property
    def prompt(self) -> str | None:
        """The name of the prompt that waits for its answer."""
        return name(self.policy.presence_seed, self.presence.asked) if self.presence.waits else None


@dataclass(slots=True)
class Progress:
    """What one viewer has watched of one video (all in media ms), and what that is measured against."""

    viewer_id: int
    video: str
    coverage: Sections = EMPTY
    again: Sections = EMPTY
    refused: Sections = EMPTY
    covered_ms: int = 0
    watched_ms: int = 0
    counted_ms: int = 0
    refused_ms: int = 0
    refusals: dict[str, int] = field(default_factory=dict)
    duration_ms: int | None = None
    threshold_percent: int = 95
    no_skip: bool = False
    progress: int | None = None
    completed_at: int | None = None
    evidence: str = ""
    position_ms: int = 0
    position_at: int = 0
    last_seen_at: int = 0
    imported: Sections = EMPTY
    imported_ms: int = 0
    imported_watched_ms: int = 0
    part: tuple[int, int] | None = None
    # Not a column: whether more has changed than what every batch moves, or the row is not stored yet.
    whole: bool = True
    # Nor these: what the numbers are measured against, and what completes the video.
    measured_ms: int | None = None
    needed_ms: int | None = None

    def __post_init__(self) -> None:
        self._measure()

    MOVING = (
        "coverage, covered_ms, watched_ms, counted_ms, progress, completed_at, position_ms, position_at, last_seen_at"
    )
    COLUMNS = (
        "viewer_id, video, coverage, again, refused, covered_ms, watched_ms, counted_ms, refused_ms, refusals, "
        "duration_ms, threshold_percent, no_skip, progress, completed_at, evidence, position_ms, position_at, "
        "last_seen_at, imported, imported_ms, imported_watched_ms, part_start_ms, part_end_ms"
    )

    @classmethod
    def from_row(cls, row: Row) -> Self:
        values: list[Any] = [*row[:22], None if row[22] is None else (row[22], row[23])]
        for position in (2, 3, 4, 19):
            values[position] = packed(row, position)
        values[9], values[12] = {} if row[9] == "{}" else json.loads(row[9]), bool(row[12])
        progress = cls(*values)
        progress.whole = False
        return progress

    def to_row(self) -> Row:
        sets = (self.coverage.pack(), self.again.pack(), self.refused.pack())
        sums = (self.covered_ms, self.watched_ms, self.counted_ms, self.refused_ms)
        refusals = json.dumps(self.refusals, sort_keys=True) if self.refusals else "{}"
        measure = (self.duration_ms, self.threshold_percent, self.no_skip, self.progress, self.completed_at)
        seen = (self.evidence, self.position_ms, self.position_at, self.last_seen_at)
        brought = (self.imported.pack(), self.imported_ms, self.imported_watched_ms)
        return (self.viewer_id, self.video, *sets, *sums, refusals, *measure, *seen, *brought, *(self.part or _NO_PART))

    def to_moving(self) -> Row:
        """The columns of `MOVING`, then the key."""
        sums = (self.coverage.pack(), self.covered_ms, self.watched_ms, self.counted_ms, self.progress)
        return (
            *sums,
            self.completed_at,
            self.position_ms,
            self.position_at,
            self.last_seen_at,
            self.viewer_id,
            self.video,
        )

    def measured_by(self, playback: Playback) -> None:
        """From now on the numbers are measured against this playback's duration and policy.

        What somebody else's record says only counts where nothing better is known.
        """
        if playback.kind == "imported" and self.duration_ms is not None:
            return
        self.whole = True
        self.duration_ms = playback.duration_ms
        self.threshold_percent = playback.policy.threshold_percent
        self.no_skip = playback.policy.no_skip
        self.part = playback.policy.part
        self._measure()
        self.settle(playback.opened_at)

    def _measure(self) -> None:
        self.measured_ms = measured_ms(self.duration_ms, self.part)
        self.needed_ms = needed_ms(self.measured_ms, self.threshold_percent)

    def settle(self, at: int) -> None:
        """Derive covered, counted, progress and completion from the coverage."""
        self.covered_ms = self.coverage.length
        self.follow(at)

    def follow(self, at: int) -> None:
        """Derive what follows from how much is covered: adding to that is cheaper than measuring the coverage anew."""
        self.counted_ms = self._counted_ms()
        self.progress = progress_percent(self.counted_ms, self.measured_ms)
        if self.completed_at is None and self.completed:
            self.completed_at = at

    def _counted_ms(self) -> int:
        within = self.coverage if self.part is None else self.coverage.clip(*self.part)
        if self.no_skip:
            return counted_ms(within, start_ms=self.part[0] if self.part else 0)
        return self.covered_ms if self.part is None else within.length

    def standing(self) -> "Stand":
        """The numbers as they are now."""
        sums = (self.covered_ms, self.watched_ms, self.counted_ms, self.needed_ms, self.progress, self.completed)
        return _new(Stand, sums)

    def copy(self) -> "Progress":
        """For whoever reads it while the recorder goes on."""
        return replace(self, refusals=dict(self.refusals))

    @property
    def completed(self) -> bool:
        return self.needed_ms is not None and self.counted_ms >= self.needed_ms

    def refuse(self, line: Line) -> None:
        """Keep what a line's claim did not get, for the map and the counts; it changes no credit."""
        self.whole = True
        for reason, ms in line.reasons:
            self.refusals[reason.value] = self.refusals.get(reason.value, 0) + ms
            self.refused_ms += ms
        start, end = max(0, line.claim.m0), min(line.claim.m1, self.duration_ms or limits.VIDEO_MS)
        if start < end:
            self.refused = (self.refused | (Sections((start, end)) - line.credit)).limited(limits.COVERAGE_INTERVALS)


class Stand(NamedTuple):
    """Where a viewer stands with a video; milliseconds, percent."""

    covered_ms: int
    watched_ms: int
    counted_ms: int
    needed_ms: int | None
    progress: int | None
    completed: bool


def reasons_text(reasons: Sequence[tuple[Reason, int]]) -> str:
    """The ledger's column: JSON `[[reason, ms], ...]`, empty when nothing was cut."""
    return json.dumps([[reason.value, ms] for reason, ms in reasons], separators=(",", ":")) if reasons else ""


def reasons_of(text: str) -> list[tuple[str, int]]:
    kept: list[list[Any]] = json.loads(text) if text else []
    return [(str(reason), int(ms)) for reason, ms in kept]
