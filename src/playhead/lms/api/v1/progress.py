"""Progress with its sections, and what it rests on: the ledger's lines and the events."""

from collections.abc import Sequence
from itertools import dropwhile, islice
from typing import Annotated, Any

from ninja import Router
from pydantic import Field

from playhead.core.errors import Invalid, Missing
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.listing import PAGE, Cursor, Limit, Page, cursor_at, page_of, place
from playhead.lms.api.v1.operation import operation
from playhead.lms.api.v1.shapes.plain import instant_of
from playhead.lms.api.v1.shapes.progress import EventsOut, LineOut, ProgressOut
from playhead.lms.api.v1.viewers import external_ids
from playhead.lms.grants import people_of, person_of, video_of, videos_of
from playhead.lms.models import Enrolment, User, Video
from playhead.lms.progress import Watched, watched_by, watched_of
from playhead.lms.timeline import events_in
from playhead.recorder.ledger import Line, lines_of
from playhead.recorder.models import Viewer
from playhead.recorder.timeline import NEWEST, Entry, entries_of

router = Router(tags=["progress"])


@operation(router, "get", "/progress", scope="progress:read", gives=Page[ProgressOut])
def list_progress(
    request: ApiRequest,
    video: Annotated[str | None, Field(max_length=64, description="Of everybody in this video's course")] = None,
    viewer: Annotated[str | None, Field(max_length=64, description="In every video of this viewer's courses")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> dict[str, Any]:
    """List progress.
    Of one video or of one viewer: name exactly one of them. Who has not begun is in it, too."""
    if (video is None) == (viewer is None):
        raise Invalid("filter_needed", "Name either video or viewer.")
    if video is not None:
        return _of_video(request, video, cursor=cursor, limit=limit)
    return _of_viewer(request, str(viewer), cursor=cursor, limit=limit)


@operation(router, "get", "/progress/{video}/{viewer}", scope="progress:read", gives=ProgressOut)
def read_progress(request: ApiRequest, video: str, viewer: str) -> dict[str, Any]:
    """Read progress.
    The very numbers that student and teacher see on their pages."""
    user, of_video = _pair(request, video, viewer)
    [watched] = watched_by(user, [of_video])
    names = external_ids(request.caller.integration.key, [user])
    return shown_progress(user, watched, names.get(user.pk))


@operation(router, "get", "/ledger", scope="progress:read", gives=Page[LineOut])
def list_lines(
    request: ApiRequest,
    video: Annotated[str, Field(max_length=64)],
    viewer: Annotated[str, Field(max_length=64)],
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> dict[str, Any]:
    """List ledger lines.
    Every claim of one viewer in one video and what became of it, in the order in which they came. The sum of `fresh_ms`
    over all lines of kind `credit` is `covered_ms`, that of `credited_ms` is `watched_ms`."""
    user, of_video = _pair(request, video, viewer)
    after = tuple(place(cursor, 2)) if cursor is not None else (-1, -1)
    viewer_id = _viewer_id(user)
    lines = iter(()) if viewer_id is None else lines_of(viewer_id, of_video.key)
    found = list(islice(dropwhile(lambda line: (line.journal_id, line.idx) <= after, lines), limit + 1))
    more, found = len(found) > limit, found[:limit]
    following = cursor_at(found[-1].journal_id, found[-1].idx) if more else None
    return {"data": [_shown_line(line) for line in found], "next_cursor": following}


@operation(router, "get", "/events", scope="progress:read", gives=Page[EventsOut])
def list_events(
    request: ApiRequest,
    viewer: Annotated[str, Field(max_length=64)],
    video: Annotated[str | None, Field(max_length=64, description="Only of this video")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> dict[str, Any]:
    """List events.
    What one viewer's players told, the newest first, in the batches in which it came. A batch without events is in it,
    too: it says that somebody was watching."""
    user = person_of(request.caller.integration, viewer)
    videos = [video_of(request.caller.integration, video)] if video else list(videos_of(request.caller.integration))
    before = place(cursor, 1)[0] if cursor is not None else NEWEST
    viewer_id = _viewer_id(user)
    keys = [one.key for one in videos]
    found = [] if viewer_id is None else entries_of(viewer_id, keys, before=before, most=limit + 1)
    more, found = len(found) > limit, found[:limit]
    return {
        "data": [_shown_entry(entry) for entry in found],
        "next_cursor": cursor_at(found[-1].journal_id) if more else None,
    }


def _of_video(request: ApiRequest, key: str, *, cursor: str | None, limit: int) -> dict[str, Any]:
    integration = request.caller.integration
    video = video_of(integration, key)
    places = Enrolment.objects.filter(course=video.course, user__in=people_of(integration)).select_related("user")

    def shown(found: Sequence[Enrolment]) -> list[dict[str, Any]]:
        users = [place.user for place in found]
        names = external_ids(integration.key, users)
        return [shown_progress(user, watched, names.get(user.pk)) for user, watched in watched_of(video, users)]

    return page_of(places, shown, cursor=cursor, limit=limit)


def _of_viewer(request: ApiRequest, key: str, *, cursor: str | None, limit: int) -> dict[str, Any]:
    integration = request.caller.integration
    user = person_of(integration, key)
    external_id = external_ids(integration.key, [user]).get(user.pk)
    videos = videos_of(integration).filter(course__enrolments__user=user)

    def shown(found: Sequence[Video]) -> list[dict[str, Any]]:
        return [shown_progress(user, watched, external_id) for watched in watched_by(user, found)]

    return page_of(videos, shown, cursor=cursor, limit=limit)


def _pair(request: ApiRequest, video: str, viewer: str) -> tuple[User, Video]:
    """A viewer and a video of a course they are in, or were in: what they watched stays."""
    integration = request.caller.integration
    user, of_video = person_of(integration, viewer), video_of(integration, video)
    is_there = Enrolment.objects.filter(course=of_video.course, user=user).exists()
    if not is_there and _viewer_id(user) is None:
        raise Missing("not_enrolled", "This viewer is not enrolled in the video's course.")
    return user, of_video


def _viewer_id(user: User) -> int | None:
    return Viewer.objects.filter(key=user.key).values_list("pk", flat=True).first()


def shown_progress(user: User, watched: Watched, external_id: str | None) -> dict[str, Any]:
    return {
        "video": watched.video.key,
        "viewer": user.key,
        "external_id": external_id,
        "duration_ms": watched.duration_ms,
        "needed_ms": watched.needed_ms,
        "progress": watched.percent,
        "covered_ms": watched.covered_ms,
        "watched_ms": watched.watched_ms,
        "counted_ms": watched.counted_ms,
        "refused_ms": watched.refused_ms,
        "imported_ms": watched.imported_ms,
        "position_ms": watched.position_ms,
        "resume_ms": watched.resume_ms,
        "completed": watched.completed_at is not None,
        "completed_at": instant_of(watched.completed_at),
        "override": watched.override is not None,
        "evidence": watched.evidence,
        "refusals": watched.refusals,
        "last_seen_at": instant_of(watched.last_seen_at),
        "coverage": watched.coverage.pairs(),
        "again": watched.again.pairs(),
        "refused": watched.refused.pairs(),
        "imported": watched.imported.pairs(),
    }


def _shown_line(line: Line) -> dict[str, Any]:
    return {
        "journal": line.journal_id,
        "line": line.idx,
        "kind": line.kind,
        "playback": line.playback,
        "opened_at": line.opened_at,
        "received_at": line.received_at,
        "t0": line.t0,
        "t1": line.t1,
        "m0": line.m0,
        "m1": line.m1,
        "rate": line.rate,
        "credited": line.credit.pairs(),
        "fresh": line.fresh.pairs(),
        "paid": line.paid.pairs(),
        "credited_ms": line.credit_ms,
        "fresh_ms": line.fresh_ms,
        "paid_ms": line.paid_ms,
        "lateness_ms": line.lateness_ms,
        "reasons": dict(line.reasons),
    }


def _shown_entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.journal_id,
        "kind": entry.kind,
        "playback": entry.playback,
        "video": entry.video,
        "opened_at": entry.opened_at,
        "received_at": entry.received_at,
        "events": list(events_in(entry.body)) if entry.kind == "batch" else [],
    }
