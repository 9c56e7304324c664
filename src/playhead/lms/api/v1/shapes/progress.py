"""Progress, and what it rests on."""

from typing import Any

from ninja import Schema
from pydantic import Field

from playhead.lms.api.v1.shapes.plain import PLAYBACK_KEY, VIDEO_KEY, VIEWER_KEY, Instant, Pairs, example

_PROGRESS = {
    "video": VIDEO_KEY,
    "viewer": VIEWER_KEY,
    "external_id": "student-42",
    "duration_ms": 600_000,
    "needed_ms": 569_050,
    "progress": 5,
    "covered_ms": 30_000,
    "watched_ms": 40_000,
    "counted_ms": 30_000,
    "refused_ms": 0,
    "imported_ms": 0,
    "position_ms": 30_000,
    "resume_ms": 30_000,
    "completed": False,
    "completed_at": None,
    "override": False,
    "evidence": "clock",
    "refusals": {},
    "last_seen_at": 1_788_249_640_000,
    "coverage": [[0, 30_000]],
    "again": [[0, 10_000]],
    "refused": [],
    "imported": [],
}


class ProgressOut(Schema):
    """Where one viewer stands in one video. `covered_ms` counts every second once, `watched_ms` repeats as well;
    `progress` is covered (under a no-skip rule: counted) as whole percent of the video less its last second.
    `override` is a teacher's word beside it. `evidence` says what the credit rests on."""

    model_config = example(**_PROGRESS)
    video: str
    viewer: str
    external_id: str | None
    duration_ms: int | None
    needed_ms: int | None
    progress: int | None
    covered_ms: int
    watched_ms: int
    counted_ms: int
    refused_ms: int
    imported_ms: int
    position_ms: int
    resume_ms: int
    completed: bool
    completed_at: Instant | None
    override: bool
    evidence: str
    refusals: dict[str, int] = Field(description="Milliseconds not credited, by reason")
    last_seen_at: Instant | None
    coverage: Pairs
    again: Pairs
    refused: Pairs
    imported: Pairs


class LineOut(Schema):
    """A ledger line: one claim, what was credited of it, with which time it was paid, and why not more."""

    model_config = example(
        journal=71,
        line=0,
        kind="credit",
        playback=PLAYBACK_KEY,
        opened_at=1_788_249_600_000,
        received_at=1_788_249_610_040,
        t0=0,
        t1=10_000,
        m0=0,
        m1=10_000,
        rate=1000,
        credited=[[0, 10_000]],
        fresh=[[0, 10_000]],
        paid=[[1_788_249_600_000, 1_788_249_610_000]],
        credited_ms=10_000,
        fresh_ms=10_000,
        paid_ms=10_000,
        lateness_ms=40,
        reasons={},
    )
    journal: int
    line: int
    kind: str
    playback: str
    opened_at: int
    received_at: int
    t0: int = Field(description="Milliseconds since the playback was opened, as claimed")
    t1: int
    m0: int = Field(description="Milliseconds of the video, as claimed")
    m1: int
    rate: int
    credited: Pairs
    fresh: Pairs
    paid: Pairs
    credited_ms: int
    fresh_ms: int
    paid_ms: int
    lateness_ms: int
    reasons: dict[str, int] = Field(description="Milliseconds not credited, by reason")


class EventsOut(Schema):
    """What arrived together: an opening, a closing, or a batch with the events that the player told."""

    model_config = example(
        id=71,
        kind="batch",
        playback=PLAYBACK_KEY,
        video=VIDEO_KEY,
        opened_at=1_788_249_600_000,
        received_at=1_788_249_610_040,
        events=[{"type": "play", "t": 4, "m": 0}],
    )
    id: int
    kind: str
    playback: str
    video: str
    opened_at: int
    received_at: int
    events: list[dict[str, Any]]
