"""The figures of a class."""

from ninja import Schema
from pydantic import Field

from playhead.lms.api.v1.shapes.plain import COURSE_KEY, VIDEO_KEY, example


class CourseStatistics(Schema):
    """A course by its videos."""

    model_config = example(
        course=COURSE_KEY,
        students=40,
        videos=[{"video": VIDEO_KEY, "started": 31, "completed": 22, "average_progress": 71}],
    )
    course: str
    students: int
    videos: list["VideoCounts"]


class VideoCounts(Schema):
    model_config = example(video=VIDEO_KEY, started=31, completed=22, average_progress=71)
    video: str
    started: int
    completed: int
    average_progress: int | None


class VideoStatistics(Schema):
    """A video by its seconds: lists hold one number for each second, from the first on."""

    model_config = example(
        video=VIDEO_KEY,
        students=40,
        started=31,
        completed=22,
        average_progress=71,
        viewers=[31, 31, 30],
        views=[35, 33, 30],
        pauses=[0, 1, 0],
        events={"play": 40, "pause": 12},
    )
    video: str
    students: int
    started: int
    completed: int
    average_progress: int | None
    viewers: list[int] = Field(description="How many saw this second")
    views: list[int] = Field(description="How often it was seen")
    pauses: list[int] = Field(description="How often somebody paused in it")
    events: dict[str, int] = Field(description="How often each kind of event was told")
