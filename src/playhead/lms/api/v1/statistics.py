"""The figures of a class, as its teachers see them."""

from typing import Any

from ninja import Router

from playhead.analytics.class_map import class_map, event_distribution
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.operation import operation
from playhead.lms.api.v1.shapes.statistics import CourseStatistics, VideoStatistics
from playhead.lms.class_table import ClassTable, class_table
from playhead.lms.grants import course_of, video_of
from playhead.lms.models import Video

router = Router(tags=["statistics"])


@operation(router, "get", "/statistics/courses/{course}", scope="statistics:read", gives=CourseStatistics)
def course_statistics(request: ApiRequest, course: str) -> dict[str, Any]:
    """Read a course's statistics.
    Of all its students, whoever sent them."""
    found = course_of(request.caller.integration, course)
    tables = [(video, _table(video)) for video in found.videos.select_related("course")]
    students = found.enrolments.filter(role="student").count()
    videos = [{"video": video.key, **_counts(table)} for video, table in tables]
    return {"course": found.key, "students": students, "videos": videos}


@operation(router, "get", "/statistics/videos/{video}", scope="statistics:read", gives=VideoStatistics)
def video_statistics(request: ApiRequest, video: str) -> dict[str, Any]:
    """Read a video's statistics.
    Second by second: viewers, views and pauses; and how often each kind of event was told."""
    found = video_of(request.caller.integration, video)
    table, seconds = _table(found), class_map(found.key, duration_ms=found.duration_ms)
    return {
        "video": found.key,
        "students": len(table.students),
        **_counts(table),
        "viewers": seconds.viewers,
        "views": seconds.views,
        "pauses": seconds.pauses,
        "events": event_distribution(found.key),
    }


def _table(video: Video) -> ClassTable:
    return class_table(video, column="name", descending=False, named="")


def _counts(table: ClassTable) -> dict[str, int | None]:
    return {"started": table.started, "completed": table.completed, "average_progress": table.average}
