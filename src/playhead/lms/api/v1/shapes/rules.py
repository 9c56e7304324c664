"""The rules of viewing: of a course, of a video, and those that hold for one viewer."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from playhead.core import limits
from playhead.lms.api.v1.shapes.plain import VIDEO_KEY, VIEWER_KEY, Instant, Sent, Speed, example, sent_example
from playhead.lms.models.rules import MOST_DEVICES, MOST_PLAYS

Seek = Annotated[
    Literal["free", "covered", "none"] | None,
    Field(description="Where the player may be moved to: anywhere, inside what was watched, nowhere"),
]
Places = Annotated[
    Literal["newest", "oldest"] | None, Field(description="Which goes on when a viewer plays in two places")
]
OfferedRate = Literal[500, 750, 1000, 1250, 1500, 1750, 2000, 2500, 3000, 4000]
OfferedRates = Annotated[
    list[OfferedRate] | None, Field(min_length=1, max_length=10, description="All that the player offers, thousandths")
]
Plays = Annotated[int | None, Field(ge=0, le=MOST_PLAYS, description="How often it may be watched; 0: any number")]
Devices = Annotated[int | None, Field(ge=0, le=MOST_DEVICES, description="How many devices; 0: any number")]
Watermark = Annotated[bool | None, Field(description="Name and time over the picture")]
PresenceMinutes = Annotated[
    int | None,
    Field(ge=0, le=limits.PRESENCE_MINUTES, description="About how often they are asked if they are there; 0: never"),
]
PartEdge = Annotated[int | None, Field(ge=0, le=limits.VIDEO_MS, description="Of the only part that may be watched")]
Alias = Annotated[str | None, Field(max_length=200, description="What other systems call it")]
MaxRate = Annotated[Speed | None, Field(description="Highest speed that counts, thousandths")]

RULES = {
    "seeking": "covered",
    "rates": [1000, 1500],
    "opens_at": 1_788_249_600_000,
    "closes_at": None,
    "plays": 3,
    "concurrent": "oldest",
    "devices": None,
    "watermark": True,
    "presence_minutes": None,
}
OF_VIDEO = {"max_rate": 1500, "part_start_ms": 0, "part_end_ms": 300_000}


class CourseRules(Schema):
    """Null: no rule."""

    model_config = example(**RULES)
    seeking: Seek
    rates: OfferedRates
    opens_at: Instant | None
    closes_at: Instant | None
    plays: Plays
    concurrent: Places
    devices: Devices
    watermark: Watermark
    presence_minutes: PresenceMinutes


class NearerRules(CourseRules):
    """Null: as in the course."""

    model_config = example(**RULES, **OF_VIDEO)
    max_rate: int | None
    part_start_ms: PartEdge
    part_end_ms: PartEdge


class VideoRules(NearerRules):
    """Null: as in the course."""

    model_config = example(**RULES, **OF_VIDEO, alias="lesson-1")
    alias: Alias


class CourseRulesChange(Sent):
    """Members that are left out stay as they are; null takes a rule away."""

    model_config = sent_example(seeking="covered", plays=3)
    seeking: Seek = None
    rates: OfferedRates = None
    opens_at: Instant | None = None
    closes_at: Instant | None = None
    plays: Plays = None
    concurrent: Places = None
    devices: Devices = None
    watermark: Watermark = None
    presence_minutes: PresenceMinutes = None


class VideoRulesChange(CourseRulesChange):
    """Members that are left out stay as they are; null takes a rule away: then the course's holds."""

    model_config = sent_example(max_rate=1500, part_start_ms=0, part_end_ms=300_000)
    max_rate: MaxRate = None
    part_start_ms: PartEdge = None
    part_end_ms: PartEdge = None
    alias: Alias = None


class TermsOut(Schema):
    """What holds for one viewer in one video, all things considered. `own`: which of it is this viewer's own."""

    model_config = example(
        video=VIDEO_KEY,
        viewer=VIEWER_KEY,
        threshold_percent=90,
        no_skip=False,
        needs_visible=False,
        due_at=1_790_000_000_000,
        **(RULES | {"seeking": "free", "concurrent": "newest", "watermark": False}),
        **OF_VIDEO,
        own=["due_at", "plays"],
    )
    video: str
    viewer: str
    max_rate: int
    threshold_percent: int
    no_skip: bool
    needs_visible: bool
    due_at: Instant | None
    seeking: str
    rates: list[int] | None
    part_start_ms: int | None
    part_end_ms: int | None
    opens_at: Instant | None
    closes_at: Instant | None
    plays: int | None
    concurrent: str
    devices: int | None
    watermark: bool
    presence_minutes: int | None
    own: list[str]
