"""Openings and their tickets."""

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field

from playhead.core import limits
from playhead.lms.api.v1.shapes.plain import (
    PLAYBACK_KEY,
    VIDEO_KEY,
    VIEWER_KEY,
    Key,
    Pairs,
    Sent,
    example,
    sent_example,
)


class PlaybackOut(Schema):
    """One opening of one video by one viewer, with the terms that hold while it lasts."""

    model_config = example(
        key=PLAYBACK_KEY,
        viewer=VIEWER_KEY,
        external_id="student-42",
        video=VIDEO_KEY,
        opened_at=1_788_249_600_000,
        closed_at=None,
        closed_reason=None,
        first_credit_at=1_788_249_610_040,
        ticket_expires_at=1_788_292_800_000,
        duration_ms=600_000,
        max_rate=2000,
        threshold_percent=95,
        no_skip=False,
    )
    key: str
    viewer: str
    external_id: str | None
    video: str
    opened_at: int
    closed_at: int | None
    closed_reason: str | None
    first_credit_at: int | None
    ticket_expires_at: int
    duration_ms: int | None
    max_rate: int
    threshold_percent: int
    no_skip: bool


class PlaybackIn(Sent):
    model_config = sent_example(video=VIDEO_KEY, viewer=VIEWER_KEY)
    video: Key
    viewer: Key


class TicketIn(Sent):
    model_config = sent_example(ticket="eyJhbGciOiJIUzI1NiIs…")
    ticket: str = Field(max_length=limits.TICKET_BYTES)


class TicketOut(Schema):
    model_config = example(ticket="eyJhbGciOiJIUzI1NiIs…", expires_at_s=1_788_292_800)
    ticket: str
    expires_at_s: int


class OpeningOut(Schema):
    """All that a player needs to start: the answer of `POST /v1/playbacks` (`contract/playbacks/opened.json`)."""

    model_config = ConfigDict(extra="allow")
    playback: str
    ticket: str = Field(description="Goes before every batch; hand it to the player, never your API key")
    expires_at_s: int
    opened_at: int
    server_time: int
    video: dict[str, Any]
    media: dict[str, Any]
    policy: dict[str, Any]
    resume_ms: int = Field(description="Where to go on")
    coverage: Pairs
    progress: int | None
    covered_ms: int
    watched_ms: int
    counted_ms: int
    needed_ms: int | None
    completed: bool
    evidence: str
