"""What is agreed with one student: other terms, words that a video is complete, devices, and the trail of all that."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from django.db.models import Q
from django.http import HttpResponse
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from playhead.core.errors import Invalid, Missing
from playhead.lms import agreeing, completion
from playhead.lms.access import check_open
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.listing import PAGE, Cursor, Limit, Page, page_of
from playhead.lms.api.v1.operation import at, operation
from playhead.lms.api.v1.rules import check, said_of, shown_rules
from playhead.lms.api.v1.shapes.agreements import (
    AccommodationIn,
    AccommodationOut,
    DeviceOut,
    OverrideIn,
    OverrideOut,
    TrailOut,
)
from playhead.lms.api.v1.shapes.plain import instant_of
from playhead.lms.api.v1.shapes.rules import NearerRules
from playhead.lms.api.v1.viewers import external_ids
from playhead.lms.grants import (
    course_of,
    courses_of,
    has_whole_school,
    people_of,
    person_of,
    student_of,
    video_of,
    videos_of,
)
from playhead.lms.models import Accommodation, Course, Device, Override, TrailEntry, User, Video

router = Router(tags=["agreements"])

RULES: Final = tuple(NearerRules.model_fields)
_UNSAID: Final = said_of(dict.fromkeys(AccommodationIn.model_fields.keys() - {"reason"}))
_OF_NAMES: Final = ("invited", "list")
"""What the trail says of people who may be nobody's yet: of those only a system with the whole school may know."""

OfCourse = Annotated[str | None, Field(max_length=64, description="Only in this course")]
OfVideo = Annotated[str | None, Field(max_length=64, description="Only of this video")]
OfViewer = Annotated[str | None, Field(max_length=64, description="Only of this viewer")]


@operation(router, "get", "/accommodations", scope="terms:read", gives=Page[AccommodationOut])
def list_accommodations(
    request: ApiRequest, course: OfCourse = None, viewer: OfViewer = None, cursor: Cursor = None, limit: Limit = PAGE
) -> dict[str, Any]:
    """List accommodations.
    Other terms that hold for single students."""
    integration = request.caller.integration
    rows = Accommodation.objects.filter(course__in=courses_of(integration), user__in=people_of(integration))
    if course is not None:
        rows = rows.filter(course=course_of(integration, course))
    if viewer is not None:
        rows = rows.filter(user=person_of(integration, viewer))

    def shown(found: Sequence[Accommodation]) -> list[dict[str, Any]]:
        return shown_accommodations(integration.key, found)

    return page_of(rows.select_related("course", "user", "video"), shown, cursor=cursor, limit=limit)


@operation(router, "get", "/accommodations/{course}/{viewer}/{about}", scope="terms:read", gives=AccommodationOut)
def read_accommodation(request: ApiRequest, course: str, viewer: str, about: str) -> dict[str, Any]:
    """Read an accommodation.
    `about` is the key of the video that it is for; the course's own, where it is for all of them."""
    return _shown_one(request, _accommodation(request, course, viewer, about))


@operation(router, "put", "/accommodations/{course}/{viewer}/{about}", scope="terms:write", gives=AccommodationOut)
def agree(request: ApiRequest, course: str, viewer: str, about: str, asked: AccommodationIn) -> dict[str, Any]:
    """Agree on other terms with a student.
    For the video `about`, or with the course's key there for all of them. It takes the place of what was agreed for the
    same before, binds the playbacks opened from then on, and stands in the trail."""
    of_course, user, video = _place(request, course, viewer, about)
    check_open(of_course)
    told = asked.dict(exclude={"reason"})
    said = _UNSAID | said_of(told)
    if said == _UNSAID:
        raise Invalid("nothing_agreed", "Give at least one rule: speed, percent, a date, or another.")
    check(said)
    kept = agreeing.agree(of_course, user, video, said, by=request.caller.actor, reason=asked.reason.strip())
    return _shown_one(request, kept)


@operation(router, "delete", "/accommodations/{course}/{viewer}/{about}", scope="terms:write", gives=None)
def end_accommodation(request: ApiRequest, course: str, viewer: str, about: str) -> Status[None]:
    """End an accommodation.
    The rules of all hold again for what is opened from then on."""
    found = _accommodation(request, course, viewer, about)
    check_open(found.course)
    agreeing.end(found, by=request.caller.actor)
    return Status(204, None)


@operation(router, "get", "/overrides", scope="terms:read", gives=Page[OverrideOut])
def list_overrides(
    request: ApiRequest, video: OfVideo = None, viewer: OfViewer = None, cursor: Cursor = None, limit: Limit = PAGE
) -> dict[str, Any]:
    """List overrides.
    Words that a video is complete for a student, those that were withdrawn included."""
    integration = request.caller.integration
    rows = Override.objects.filter(video__in=videos_of(integration), user__in=people_of(integration))
    if video is not None:
        rows = rows.filter(video=video_of(integration, video))
    if viewer is not None:
        rows = rows.filter(user=person_of(integration, viewer))

    def shown(found: Sequence[Override]) -> list[dict[str, Any]]:
        return shown_overrides(integration.key, found)

    return page_of(rows.select_related("video", "user"), shown, cursor=cursor, limit=limit)


@operation(router, "post", "/overrides", scope="terms:write", gives=OverrideOut)
def override(request: ApiRequest, response: HttpResponse, asked: OverrideIn) -> dict[str, Any]:
    """Mark a video as complete for a student.
    Beside the progress, with a reason that stands in the trail and that the student sees. No number changes. One that
    is marked already is a conflict."""
    integration = request.caller.integration
    video = video_of(integration, asked.video)
    check_open(video.course)
    user = student_of(integration, video.course, asked.viewer)
    made = completion.override(video, user, by=request.caller.actor, reason=asked.reason.strip())
    at(response, "overrides", video.key, user.key)
    response.status_code = 201
    return shown_overrides(integration.key, [made])[0]


@operation(router, "get", "/overrides/{video}/{viewer}", scope="terms:read", gives=OverrideOut)
def read_override(request: ApiRequest, video: str, viewer: str) -> dict[str, Any]:
    """Read an override.
    The one that stands."""
    of_video, user = _marked(request, video, viewer)
    found = Override.objects.filter(video=of_video, user=user, withdrawn_at=None).first()
    if found is None:
        raise Missing("no_override", "This video is not marked as complete for this viewer.")
    return shown_overrides(request.caller.integration.key, [found])[0]


@operation(router, "delete", "/overrides/{video}/{viewer}", scope="terms:write", gives=None)
def withdraw_override(request: ApiRequest, video: str, viewer: str) -> Status[None]:
    """Withdraw an override.
    The video stands as it was watched. May be repeated."""
    of_video, user = _marked(request, video, viewer)
    check_open(of_video.course)
    completion.withdraw(of_video, user, by=request.caller.actor)
    return Status(204, None)


@operation(router, "get", "/courses/{key}/trail", scope="terms:read", gives=Page[TrailOut])
def list_trail(request: ApiRequest, key: str, cursor: Cursor = None, limit: Limit = PAGE) -> dict[str, Any]:
    """List a course's trail.
    Who decided what, when and why, in the order in which it was decided; of people, only those whom you know."""
    integration = request.caller.integration
    rows: Any = course_of(integration, key).trail.select_related("about_user", "about_video")
    if not has_whole_school(integration):
        known = Q(about_user__in=people_of(integration)) | Q(about_user=None, about_name="")
        rows = rows.filter(known).exclude(what__in=_OF_NAMES)
    return page_of(rows, shown_trail, cursor=cursor, limit=limit)


@operation(router, "get", "/viewers/{key}/devices", scope="terms:read", gives=Page[DeviceOut])
def list_devices(request: ApiRequest, key: str, cursor: Cursor = None, limit: Limit = PAGE) -> dict[str, Any]:
    """List a viewer's devices.
    Those that are theirs where a rule says how many there may be."""
    rows = Device.objects.filter(user=person_of(request.caller.integration, key))
    return page_of(rows, shown_devices, cursor=cursor, limit=limit)


@operation(router, "get", "/viewers/{key}/devices/{device}", scope="terms:read", gives=DeviceOut)
def read_device(request: ApiRequest, key: str, device: str) -> dict[str, Any]:
    """Read a device."""
    return shown_devices([_device(request, key, device)])[0]


@operation(router, "delete", "/viewers/{key}/devices/{device}", scope="terms:write", gives=None)
def forget_device(request: ApiRequest, key: str, device: str) -> Status[None]:
    """Forget a device.
    The next one that the viewer uses takes its place."""
    _device(request, key, device).delete()
    return Status(204, None)


def _place(request: ApiRequest, course: str, viewer: str, about: str) -> tuple[Course, User, Video | None]:
    """Raises Missing unless the viewer is a student of the course, and `about` a video of it or the course itself."""
    integration = request.caller.integration
    of_course = course_of(integration, course)
    user = student_of(integration, of_course, viewer)
    if about == of_course.key:
        return of_course, user, None
    video = of_course.videos.select_related("course").filter(key=about).first()
    if video is None:
        raise Missing("no_such_video", "There is no such video in this course.")
    return of_course, user, video


def _accommodation(request: ApiRequest, course: str, viewer: str, about: str) -> Accommodation:
    of_course, user, video = _place(request, course, viewer, about)
    rows = Accommodation.objects.select_related("course", "user", "video")
    found = rows.filter(course=of_course, user=user, video=video).first()
    if found is None:
        raise Missing("no_such_accommodation", "Nothing is agreed with this viewer here.")
    return found


def _marked(request: ApiRequest, video: str, viewer: str) -> tuple[Video, User]:
    integration = request.caller.integration
    of_video = video_of(integration, video)
    return of_video, student_of(integration, of_video.course, viewer)


def _device(request: ApiRequest, key: str, device: str) -> Device:
    user = person_of(request.caller.integration, key)
    is_number = device.isascii() and device.isdigit() and len(device) <= 18
    found = user.devices.filter(pk=int(device)).first() if is_number else None
    if found is None:
        raise Missing("no_such_device", "This viewer has no such device.")
    return found


def _shown_one(request: ApiRequest, one: Accommodation) -> dict[str, Any]:
    return shown_accommodations(request.caller.integration.key, [one])[0]


def shown_accommodations(integration: str, found: Sequence[Accommodation]) -> list[dict[str, Any]]:
    names = external_ids(integration, [one.user for one in found])
    return [
        {
            "course": one.course.key,
            "viewer": one.user.key,
            "external_id": names.get(one.user_id),
            "video": one.video.key if one.video else None,
            **shown_rules(one, RULES),
            "threshold_percent": one.threshold_percent,
            "due_at": instant_of(one.due_at),
            "reason": one.reason,
            "by": one.by,
            "made_at": instant_of(one.made_at),
        }
        for one in found
    ]


def shown_overrides(integration: str, found: Sequence[Override]) -> list[dict[str, Any]]:
    names = external_ids(integration, [one.user for one in found])
    return [
        {
            "video": one.video.key,
            "viewer": one.user.key,
            "external_id": names.get(one.user_id),
            "reason": one.reason,
            "by": one.by,
            "made_at": instant_of(one.made_at),
            "withdrawn_by": one.withdrawn_by_whom or None,
            "withdrawn_at": instant_of(one.withdrawn_at),
        }
        for one in found
    ]


def shown_trail(found: Sequence[TrailEntry]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.pk,
            "at": instant_of(one.at),
            "by": one.by_name,
            "what": one.what,
            "viewer": one.about_user.key if one.about_user else None,
            "name": one.about_name,
            "video": one.about_video.key if one.about_video else None,
            "title": one.video_title,
            "detail": one.detail,
            "reason": one.reason,
        }
        for one in found
    ]


def shown_devices(found: Sequence[Device]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.pk,
            "name": one.name,
            "registered_at": instant_of(one.registered_at),
            "seen_at": instant_of(one.seen_at),
        }
        for one in found
    ]
