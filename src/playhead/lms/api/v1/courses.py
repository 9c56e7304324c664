"""Courses: made, changed and put away by the functions that the teachers' pages use."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.db import transaction
from django.forms import model_to_dict
from django.http import HttpResponse
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from playhead.core.errors import Conflict
from playhead.lms import copying, courses
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.listing import PAGE, Cursor, Limit, Page, page_of
from playhead.lms.api.v1.operation import at, operation, valid
from playhead.lms.api.v1.shapes.agreements import CopyIn
from playhead.lms.api.v1.shapes.courses import CourseChange, CourseIn, CourseOut
from playhead.lms.api.v1.shapes.plain import instant_of
from playhead.lms.course_forms import CourseForm
from playhead.lms.grants import course_of, courses_of, give_course
from playhead.lms.models import Course

router = Router(tags=["courses"])

Archived = Annotated[bool | None, Field(description="Only those that are archived, or only the others")]


@operation(router, "get", "/courses", scope="courses:read", gives=Page[CourseOut])
def list_courses(
    request: ApiRequest,
    archived: Archived = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> dict[str, Any]:
    """List courses.
    Those that were given to the integration, in the order in which they were made."""
    rows = courses_of(request.caller.integration)
    if archived is not None:
        rows = rows.filter(archived_at__isnull=not archived)
    return page_of(rows, shown_courses, cursor=cursor, limit=limit)


@operation(router, "post", "/courses", scope="courses:write", gives=CourseOut)
def make_course(request: ApiRequest, response: HttpResponse, asked: CourseIn) -> dict[str, Any]:
    """Make a course.
    It is given to the integration at once. Members that are left out are as the pages offer them."""
    caller = request.caller
    blank = Course(organisation_id=caller.integration.organisation_id)
    form = _form(blank, asked.dict())
    valid(form)
    with transaction.atomic():
        made = courses.make_course(form, by=caller.actor)
        give_course(caller.integration, made)
    at(response, "courses", made.key)
    response.status_code = 201
    return shown_course(made)


@operation(router, "get", "/courses/{key}", scope="courses:read", gives=CourseOut)
def read_course(request: ApiRequest, key: str) -> dict[str, Any]:
    """Read a course."""
    return shown_course(course_of(request.caller.integration, key))


@operation(router, "patch", "/courses/{key}", scope="courses:write", gives=CourseOut)
def change_course(request: ApiRequest, key: str, asked: CourseChange) -> dict[str, Any]:
    """Change a course.
    New rules bind the playbacks opened from then on. An archived course keeps all that is in it, can be read, and
    changes in nothing but that; what is being watched in it is closed."""
    caller = request.caller
    course = course_of(caller.integration, key)
    told = {name: value for name, value in asked.dict(exclude_unset=True).items() if value is not None}
    archived = told.pop("archived", None)
    if archived is False:
        courses.restore(course, by=caller.actor)
    if told:
        if course.archived_at is not None:
            raise Conflict("course_archived", "This course is archived: take it out of the archive to change it.")
        form = _form(course, told)
        valid(form)
        course = form.save_by(caller.actor)
    if archived:
        courses.archive(course, by=caller.actor)
    return shown_course(course)


@operation(router, "delete", "/courses/{key}", scope="courses:write", gives=None)
def archive_course(request: ApiRequest, key: str) -> Status[None]:
    """Archive a course.
    What was watched is never thrown away with a course: it is put away, with all that is in it, and what is being
    watched in it is closed. `archived` false brings it back. May be repeated."""
    courses.archive(course_of(request.caller.integration, key), by=request.caller.actor)
    return Status(204, None)


@operation(router, "post", "/courses/{key}/copy", scope="courses:write", gives=CourseOut)
def copy_course(request: ApiRequest, response: HttpResponse, key: str, asked: CopyIn) -> dict[str, Any]:
    """Copy a course.
    For a new term: the same videos and rules, teachers and assistants, and nobody's progress. Due dates move by
    `weeks_later`, or are left out. The copy is given to the integration; an archived course can be copied, too."""
    caller = request.caller
    course = course_of(caller.integration, key)
    with transaction.atomic():
        title = " ".join(asked.title.split())
        made = copying.copy_course(course, title=title, by=caller.actor, weeks_later=asked.weeks_later)
        give_course(caller.integration, made)
    at(response, "courses", made.key)
    response.status_code = 201
    return shown_course(made)


def _form(course: Course, told: dict[str, Any]) -> CourseForm:
    """The page's own form, filled with what holds now and what was told."""
    return CourseForm(model_to_dict(course, fields=CourseForm.Meta.fields) | told, instance=course)


def shown_courses(found: Sequence[Course]) -> list[dict[str, Any]]:
    return [shown_course(course) for course in found]


def shown_course(course: Course) -> dict[str, Any]:
    return {
        "key": course.key,
        "title": course.title,
        "description": course.description,
        "threshold_percent": course.threshold_percent,
        "max_rate": course.max_rate,
        "no_skip": course.no_skip,
        "needs_visible": course.needs_visible,
        "archived": course.archived_at is not None,
        "created_at": instant_of(course.created_at),
    }
