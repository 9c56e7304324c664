"""What is agreed with one student, the trail of what was decided, devices and certificates."""

from typing import Annotated

from ninja import Schema
from pydantic import Field

from playhead.lms.api.v1.shapes.plain import (
    COURSE_KEY,
    VIDEO_KEY,
    VIEWER_KEY,
    Instant,
    Key,
    Sent,
    Text,
    example,
    sent_example,
)
from playhead.lms.api.v1.shapes.rules import OF_VIDEO, RULES, CourseRulesChange, MaxRate, NearerRules, PartEdge

Reason = Annotated[str, Field(max_length=500, pattern=r"\S", description="Kept in the trail")]
Percent = Annotated[int | None, Field(ge=1, le=100, description="Share of a video needed to complete it")]
MADE_AT = 1_788_249_600_000


class AccommodationOut(NearerRules):
    """Other terms for one student. `video` null: in all videos of the course. Null elsewhere: as for everybody."""

    model_config = example(
        course=COURSE_KEY,
        viewer=VIEWER_KEY,
        external_id="student-42",
        video=VIDEO_KEY,
        threshold_percent=80,
        due_at=1_790_000_000_000,
        **RULES,
        **OF_VIDEO,
        reason="Was ill in May",
        by="Example LMS",
        made_at=MADE_AT,
    )
    course: str
    viewer: str
    external_id: str | None
    video: str | None
    threshold_percent: Percent
    due_at: Instant | None
    reason: str
    by: str
    made_at: Instant


class AccommodationIn(CourseRulesChange):
    """At least one rule. What is left out is as for everybody."""

    model_config = sent_example(due_at=1_790_000_000_000, max_rate=1000, reason="Was ill in May")
    max_rate: MaxRate = None
    part_start_ms: PartEdge = None
    part_end_ms: PartEdge = None
    threshold_percent: Percent = None
    due_at: Instant | None = None
    reason: str = Field("", max_length=500, description="Kept in the trail")


class OverrideOut(Schema):
    """A word that a video is complete for a student, whatever was watched. It changes no number."""

    model_config = example(
        video=VIDEO_KEY,
        viewer=VIEWER_KEY,
        external_id="student-42",
        reason="Gave the talk herself",
        by="Example LMS",
        made_at=MADE_AT,
        withdrawn_by=None,
        withdrawn_at=None,
    )
    video: str
    viewer: str
    external_id: str | None
    reason: str
    by: str
    made_at: Instant
    withdrawn_by: str | None
    withdrawn_at: Instant | None


class OverrideIn(Sent):
    model_config = sent_example(video=VIDEO_KEY, viewer=VIEWER_KEY, reason="Gave the talk herself")
    video: Key
    viewer: Key
    reason: Reason


class TrailOut(Schema):
    """One decision. Names are as they were then."""

    model_config = example(
        id=7,
        at=MADE_AT,
        by="Example LMS",
        what="override",
        viewer=VIEWER_KEY,
        name="Bob Brown",
        video=VIDEO_KEY,
        title="The first film",
        detail="",
        reason="Gave the talk himself",
    )
    id: int
    at: Instant
    by: str
    what: str = Field(description="A code: made, settings, rules, due_dates, accommodation, override, archived, …")
    viewer: str | None = Field(description="Whom it is about")
    name: str
    video: str | None
    title: str
    detail: str
    reason: str


class DeviceOut(Schema):
    """A browser or app that a viewer watches with, where a rule says how many there may be."""

    model_config = example(id=3, name="Firefox on Linux", registered_at=MADE_AT, seen_at=MADE_AT)
    id: int
    name: str
    registered_at: Instant
    seen_at: Instant


class CertificateIn(Sent):
    model_config = sent_example(course=COURSE_KEY, viewer=VIEWER_KEY)
    course: Key
    viewer: Key


class CertificateOut(Schema):
    """`holds`: it was not withdrawn, and the ledger still gives its figures. Whoever has `url` sees so, too."""

    model_config = example(
        key="cert_4Qm2tXk9bRz7",
        course=COURSE_KEY,
        viewer=VIEWER_KEY,
        external_id="student-42",
        issued_at=MADE_AT,
        holds=True,
        changed=[],
        url="https://playhead.example/certificates/cert_4Qm2tXk9bRz7/0f3a…/",
        paper_url="https://playhead.example/certificates/cert_4Qm2tXk9bRz7/0f3a…/certificate.pdf",
        withdrawn_at=None,
        withdrawn_reason="",
    )
    key: str
    course: str
    viewer: str
    external_id: str | None
    issued_at: Instant
    holds: bool
    changed: list[str] = Field(description="Titles of the videos whose ledger says something else today")
    url: str
    paper_url: str
    withdrawn_at: Instant | None
    withdrawn_reason: str


class WithdrawalIn(Sent):
    model_config = sent_example(reason="Issued to the wrong person")
    reason: Reason


class CopyIn(Sent):
    model_config = sent_example(title="Film basics, autumn", weeks_later=26)
    title: Text
    weeks_later: int | None = Field(None, ge=0, le=520, description="Move due dates by so many weeks; null: none")
