"""Uploaded videos: from the agreement on an upload to captions and chapters."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from playhead.core import limits
from playhead.lms.api.v1.shapes.plain import COURSE_KEY, VIDEO_KEY, Instant, Key, LongText, Sent, Text, example
from playhead.lms.api.v1.shapes.plain import sent_example as sent

_CHAPTERS = [{"start_ms": 0, "title": "Opening"}, {"start_ms": 90_000, "title": "The second wave"}]
_UPLOAD = {
    "key": "a_6hd3mxq9p2vbn4wz",
    "course": COURSE_KEY,
    "video": VIDEO_KEY,
    "title": "Waves",
    "description": "",
    "name": "waves.mp4",
    "size_bytes": 73_400_320,
    "state": "ready",
    "percent": 100,
    "reason": "",
    "duration_ms": 600_000,
    "width": 1920,
    "height": 1080,
    "chapters": _CHAPTERS,
    "captions": [{"language": "en", "label": "English"}],
    "stills": 5,
    "poster": 0,
    "removed": False,
    "gone_at": None,
    "created_at": 1_788_249_600_000,
    "ready_at": 1_788_249_900_000,
}
State = Literal["uploading", "waiting", "packaging", "ready", "failed"]


class Chapter(Schema):
    model_config = example(start_ms=90_000, title="The second wave")
    start_ms: int
    title: str


class ChapterIn(Sent):
    model_config = sent(start_ms=90_000, title="The second wave")
    start_ms: int = Field(ge=0, le=limits.VIDEO_MS)
    title: Text


class CaptionsName(Schema):
    model_config = example(language="en", label="English")
    language: str
    label: str


class UploadOut(Schema):
    """An uploaded video. Once it is `ready` it is a video of its course: `video`. Removed, it can be had back until
    `gone_at`."""

    model_config = example(**_UPLOAD)
    key: str
    course: str
    video: str | None
    title: str
    description: str
    name: str
    size_bytes: int
    state: State
    percent: int = Field(description="How far it is packaged")
    reason: str = Field(description="Why it failed: a code")
    duration_ms: int | None
    width: int
    height: int
    chapters: list[Chapter]
    captions: list[CaptionsName]
    stills: int = Field(description="How many pictures there are to choose from")
    poster: int = Field(description="The one chosen, from 0 on")
    removed: bool
    gone_at: Instant | None
    created_at: Instant
    ready_at: Instant | None


class UploadMade(UploadOut):
    model_config = example(**_UPLOAD, upload_url="https://playhead.example/uploads/Wk3…")
    upload_url: str = Field(description="Send the file there, by tus 1.0; it holds a secret, told only now")


class UploadIn(Sent):
    model_config = sent(course=COURSE_KEY, name="waves.mp4", size_bytes=73_400_320, title="Waves")
    course: Key
    name: str = Field(max_length=255, description="What the file is called; only ever shown")
    size_bytes: int = Field(gt=0, le=limits.UPLOAD_BYTES)
    title: str = Field("", max_length=200, description="Empty: the file's name")


class UploadChange(Sent):
    """Members that are left out stay as they are."""

    model_config = sent(title="Waves", chapters=_CHAPTERS, poster=2)
    title: Text | None = None
    description: Annotated[LongText, Field(max_length=5000)] | None = None
    chapters: list[ChapterIn] | None = Field(None, max_length=limits.CHAPTERS, description="In order")
    poster: int | None = Field(None, ge=0, le=100, description="Which of its pictures, from 0 on")


class CaptionsIn(Sent):
    model_config = sent(label="English", text="WEBVTT\n\n00:00.000 --> 00:04.000\nHere it begins.\n")
    label: Annotated[str, Field(max_length=60, pattern=r"\S")]
    text: str = Field(max_length=limits.CAPTIONS_BYTES, description="WebVTT")


class CaptionsOut(Schema):
    model_config = example(language="en", label="English", text="WEBVTT\n\n00:00.000 --> 00:04.000\nHere it begins.\n")
    language: str
    label: str
    text: str
