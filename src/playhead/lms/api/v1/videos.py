"""The videos of courses."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from playhead.core.errors import Missing
from playhead.lms import elsewhere, removing, replacing
from playhead.lms.access import check_open
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.listing import PAGE, Cursor, Limit, Page, page_of
from playhead.lms.api.v1.operation import at, operation, valid
from playhead.lms.api.v1.shapes.courses import Replacement, VideoChange, VideoIn, VideoOut
from playhead.lms.api.v1.shapes.plain import instant_of, moment_of
from playhead.lms.course_forms import set_due
from playhead.lms.forms import VideoForm
from playhead.lms.grants import course_of, courses_of, video_of
from playhead.lms.models import Video

router = Router(tags=["videos"])


@operation(router, "get", "/videos", scope="courses:read", gives=Page[VideoOut])
def list_videos(
    request: ApiRequest,
    course: Annotated[str | None, Field(max_length=64, description="Only those of this course")] = None,
    removed: Annotated[bool | None, Field(description="Those that were removed, instead of the others")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> dict[str, Any]:
    """List videos.
    In the order in which they were added; `position` is their place in the course."""
    rows = _removed(request, removed=bool(removed))
    if course is not None:
        rows = rows.filter(course=course_of(request.caller.integration, course))
    return page_of(rows, shown_videos, cursor=cursor, limit=limit)


@operation(router, "post", "/videos", scope="courses:write", gives=VideoOut)
def add_video(request: ApiRequest, response: HttpResponse, asked: VideoIn) -> dict[str, Any]:
    """Add a video to a course.
    At the end of the course."""
    course = course_of(request.caller.integration, asked.course)
    check_open(course)
    form = VideoForm(
        {name: getattr(asked, name) for name in ("title", "description", "source", "url", "file")}, course=course
    )
    valid(form)
    if asked.source == "url":
        form.instance.duration_ms = asked.duration_ms  # to the millisecond, which the page's form cannot say
    with transaction.atomic():
        video = form.save()
        if asked.due_at is not None:
            set_due(video, moment_of(asked.due_at), by=request.caller.actor)
    at(response, "videos", video.key)
    response.status_code = 201
    return shown_video(video)


@operation(router, "get", "/videos/{key}", scope="courses:read", gives=VideoOut)
def read_video(request: ApiRequest, key: str) -> dict[str, Any]:
    """Read a video."""
    return shown_video(video_of(request.caller.integration, key))


@operation(router, "patch", "/videos/{key}", scope="courses:write", gives=VideoOut)
def change_video(request: ApiRequest, key: str, asked: VideoChange) -> dict[str, Any]:
    """Change a video.
    What it shows never changes: another film is another video, because what was watched belongs to what was shown."""
    video = video_of(request.caller.integration, key)
    check_open(video.course)
    told = asked.dict(exclude_unset=True)
    with transaction.atomic():
        if "due_at" in told:
            set_due(video, moment_of(told.pop("due_at")), by=request.caller.actor)
        plain = {name: value for name, value in told.items() if value is not None}
        for name, value in plain.items():
            setattr(video, name, value.strip() if name == "title" else value)
        if plain:
            video.save(update_fields=list(plain))
            elsewhere.describe_there(video)
    return shown_video(video)


@operation(router, "delete", "/videos/{key}", scope="courses:write", gives=None)
def remove_video(request: ApiRequest, key: str) -> Status[None]:
    """Remove a video.
    It is hidden, and what is being watched of it is closed; what was watched is kept. It can be had back; an upload
    that no other course shows only for 30 days. May be repeated."""
    video = _any_video(request, key)
    check_open(video.course)
    removing.remove_video(video, by=request.caller.actor)
    return Status(204, None)


@operation(router, "post", "/videos/{key}/restore", scope="courses:write", gives=VideoOut, status=200)
def restore_video(request: ApiRequest, key: str) -> dict[str, Any]:
    """Have a removed video back.
    As it was, with all that was watched of it. May be repeated."""
    video = _any_video(request, key)
    check_open(video.course)
    removing.restore_video(video, by=request.caller.actor)
    return shown_video(video)


@operation(router, "post", "/videos/{key}/replace", scope="courses:write", gives=VideoOut, status=200)
def replace_video(request: ApiRequest, key: str, asked: Replacement) -> dict[str, Any]:
    """Put a new version in a video's place.
    It takes over title, place, dates, rules and what is agreed with students, who keep what they had watched of the
    seconds that both versions have. The version before is removed, and can be had back."""
    old, new = (video_of(request.caller.integration, one) for one in (key, asked.by))
    check_open(old.course)
    if new.course != old.course or new == old:
        raise Missing("no_such_video", "There is no such other video in this course.")
    ranges = [replacing.Range(one.start_ms, one.end_ms, one.at_ms) for one in asked.ranges]
    replacing.replace(old, new, replacing.checked(ranges, old=old, new=new), by=request.caller.actor)
    return shown_video(video_of(request.caller.integration, new.key))


def _any_video(request: ApiRequest, key: str) -> Video:
    """One that was removed, too."""
    found = _removed(request, removed=None).filter(key=key).first()
    if found is None:
        raise Missing("no_such_video", "There is no such video.")
    return found


def _removed(request: ApiRequest, *, removed: bool | None) -> QuerySet[Video]:
    rows = Video.all_objects.filter(course__in=courses_of(request.caller.integration))
    rows = rows.select_related("course", "asset")
    return rows if removed is None else rows.filter(removed_at__isnull=not removed)


def shown_videos(found: Sequence[Video]) -> list[dict[str, Any]]:
    return [shown_video(video) for video in found]


def shown_video(video: Video) -> dict[str, Any]:
    return {
        "key": video.key,
        "course": video.course.key,
        "title": video.title,
        "description": video.description,
        "position": video.position,
        "source": video.source,
        "upload": video.asset.key if video.asset else None,
        "url": video.url,
        "duration_ms": video.duration_ms,
        "due_at": instant_of(video.due_at),
        "removed_at": instant_of(video.removed_at),
        "created_at": instant_of(video.created_at),
    }
