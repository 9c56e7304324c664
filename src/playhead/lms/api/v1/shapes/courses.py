"""Courses and their videos."""

from typing import Literal

from ninja import Schema
from pydantic import Field

from playhead.core import limits
from playhead.lms.api.v1.shapes.plain import (
    COURSE_KEY,
    VIDEO_KEY,
    Instant,
    Key,
    LongText,
    Sent,
    Speed,
    Text,
    example,
    sent_example,
)

_COURSE = {
    "key": COURSE_KEY,
    "title": "Film basics",
    "description": "",
    "threshold_percent": 95,
    "max_rate": 2000,
    "no_skip": False,
    "needs_visible": False,
    "archived": False,
    "created_at": 1_788_249_600_000,
}


class CourseOut(Schema):
    """A course. Its rules bind the playbacks opened from now on."""

    model_config = example(**_COURSE)
    key: str
    title: str
    description: str
    threshold_percent: int = Field(description="Share of a video needed to complete it")
    max_rate: int = Field(description="Highest speed that counts, thousandths")
    no_skip: bool
    needs_visible: bool = Field(description="Only what is in view counts")
    archived: bool
    created_at: Instant


class CourseIn(Sent):
    model_config = sent_example(title="Film basics", threshold_percent=90)
    title: Text
    description: LongText = ""
    threshold_percent: int = Field(limits.THRESHOLD_PERCENT_DEFAULT, ge=1, le=100)
    max_rate: Speed = 2000
    no_skip: bool = False
    needs_visible: bool = False


class CourseChange(Sent):
    """Members that are left out stay as they are."""

    model_config = sent_example(title="Film basics, autumn", archived=False)
    title: Text | None = None
    description: LongText | None = None
    threshold_percent: int | None = Field(None, ge=1, le=100)
    max_rate: Speed | None = None
    no_skip: bool | None = None
    needs_visible: bool | None = None
    archived: bool | None = None


_VIDEO = {
    "key": VIDEO_KEY,
    "course": COURSE_KEY,
    "title": "The first film",
    "description": "",
    "position": 1,
    "source": "url",
    "upload": None,
    "url": "https://videos.example.org/film.mp4",
    "duration_ms": 600_000,
    "due_at": None,
    "removed_at": None,
    "created_at": 1_788_249_600_000,
}


class VideoOut(Schema):
    """A video of a course. `url` is empty where the video lies here: it is played under a ticket."""

    model_config = example(**_VIDEO)
    key: str
    course: str
    title: str
    description: str
    position: int
    source: str
    upload: str | None = Field(description="The upload that it shows")
    url: str
    duration_ms: int | None = Field(description="Milliseconds; null while nobody knows")
    due_at: Instant | None
    removed_at: Instant | None
    created_at: Instant


class VideoIn(Sent):
    """From a web address with `source` `url`, or from a file in the server's media folder with `source` `file`."""

    model_config = sent_example(
        course=COURSE_KEY,
        title="The first film",
        source="url",
        url="https://videos.example.org/film.mp4",
        duration_ms=600_000,
    )
    course: Key
    title: Text
    description: LongText = ""
    source: Literal["url", "file"] = "url"
    url: str = Field("", max_length=2000)
    file: str = Field("", max_length=255)
    duration_ms: int | None = Field(None, gt=0, le=limits.VIDEO_MS, description="Of a web address; files are measured")
    due_at: Instant | None = None


class VideoChange(Sent):
    """Members that are left out stay as they are; `due_at` null takes the date away."""

    model_config = sent_example(title="The first film, again", due_at=1_790_000_000_000)
    title: Text | None = None
    description: LongText | None = None
    position: int | None = Field(None, ge=0, le=1_000_000)
    due_at: Instant | None = None


class RangeIn(Sent):
    """`[start_ms, end_ms)` of the version before is in the new one from `at_ms` on."""

    model_config = sent_example(start_ms=0, end_ms=240_000, at_ms=30_000)
    start_ms: int = Field(ge=0, le=limits.VIDEO_MS)
    end_ms: int = Field(ge=0, le=limits.VIDEO_MS)
    at_ms: int = Field(ge=0, le=limits.VIDEO_MS)


class Replacement(Sent):
    """`by` is the video that comes instead, of the same course. No `ranges`: the same seconds stay watched."""

    model_config = sent_example(by="v_m2xk9bcz7hd4tq8r", ranges=[{"start_ms": 0, "end_ms": 240_000, "at_ms": 30_000}])
    by: Key
    ranges: list[RangeIn] = Field(default=[], max_length=1000)
