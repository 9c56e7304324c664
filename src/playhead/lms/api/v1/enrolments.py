"""Who is in which course, and as what."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpResponse
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from playhead.core.errors import Conflict, Missing
from playhead.lms import enrolling, invitations
from playhead.lms.access import check_open
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.listing import PAGE, Cursor, Limit, Page, page_of
from playhead.lms.api.v1.operation import at, operation
from playhead.lms.api.v1.shapes.people import EnrolmentChange, EnrolmentIn, EnrolmentOut
from playhead.lms.api.v1.shapes.plain import instant_of
from playhead.lms.api.v1.viewers import external_ids
from playhead.lms.grants import course_of, courses_of, people_of, person_of
from playhead.lms.models import Enrolment, Role

router = Router(tags=["enrolments"])


@operation(router, "get", "/enrolments", scope="viewers:read", gives=Page[EnrolmentOut])
def list_enrolments(
    request: ApiRequest,
    course: Annotated[str | None, Field(max_length=64, description="Only in this course")] = None,
    viewer: Annotated[str | None, Field(max_length=64, description="Only of this viewer")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> dict[str, Any]:
    """List enrolments."""
    integration = request.caller.integration
    rows = Enrolment.objects.select_related("course", "user")
    rows = rows.filter(course__in=courses_of(integration), user__in=people_of(integration))
    if course is not None:
        rows = rows.filter(course=course_of(integration, course))
    if viewer is not None:
        rows = rows.filter(user=person_of(integration, viewer))

    def shown(found: Sequence[Enrolment]) -> list[dict[str, Any]]:
        return shown_enrolments(integration.key, found)

    return page_of(rows, shown, cursor=cursor, limit=limit)


@operation(router, "post", "/enrolments", scope="viewers:write", gives=EnrolmentOut)
def enrol(request: ApiRequest, response: HttpResponse, asked: EnrolmentIn) -> dict[str, Any]:
    """Enrol a viewer in a course.
    Who is in it already is a conflict."""
    caller = request.caller
    course, user = course_of(caller.integration, asked.course), person_of(caller.integration, asked.viewer)
    check_open(course)
    with transaction.atomic():
        if not invitations.enrol(course, user, Role(asked.role), by=caller.actor):
            raise Conflict("enrolled_already", "This viewer is enrolled in this course already.")
    at(response, "enrolments", course.key, user.key)
    response.status_code = 201
    return _shown(request, course.key, user.key)


@operation(router, "get", "/enrolments/{course}/{viewer}", scope="viewers:read", gives=EnrolmentOut)
def read_enrolment(request: ApiRequest, course: str, viewer: str) -> dict[str, Any]:
    """Read an enrolment."""
    return _shown(request, course, viewer)


@operation(router, "patch", "/enrolments/{course}/{viewer}", scope="viewers:write", gives=EnrolmentOut)
def change_role(request: ApiRequest, course: str, viewer: str, asked: EnrolmentChange) -> dict[str, Any]:
    """Make a viewer something else in a course.
    What they are watching in it is closed: it was opened as what they were before."""
    place = _place(request, course, viewer)
    check_open(place.course)
    enrolling.change_role(place, Role(asked.role), by=request.caller.actor)
    return _shown(request, course, viewer)


@operation(router, "delete", "/enrolments/{course}/{viewer}", scope="viewers:write", gives=None)
def unenrol(request: ApiRequest, course: str, viewer: str) -> Status[None]:
    """Take a viewer out of a course.
    What they are watching in it is closed; what they watched is kept."""
    place = _place(request, course, viewer)
    check_open(place.course)
    enrolling.unenrol(place, by=request.caller.actor)
    return Status(204, None)


def _place(request: ApiRequest, course: str, viewer: str) -> Enrolment:
    integration = request.caller.integration
    in_course, user = course_of(integration, course), person_of(integration, viewer)
    found = Enrolment.objects.select_related("course", "user").filter(course=in_course, user=user).first()
    if found is None:
        raise Missing("not_enrolled", "This viewer is not enrolled in this course.")
    return found


def _shown(request: ApiRequest, course: str, viewer: str) -> dict[str, Any]:
    [shown] = shown_enrolments(request.caller.integration.key, [_place(request, course, viewer)])
    return shown


def shown_enrolments(integration: str, found: Sequence[Enrolment]) -> list[dict[str, Any]]:
    names = external_ids(integration, [place.user for place in found])
    return [
        {
            "course": place.course.key,
            "viewer": place.user.key,
            "external_id": names.get(place.user_id),
            "name": str(place.user),
            "role": place.role,
            "created_at": instant_of(place.created_at),
        }
        for place in found
    ]
