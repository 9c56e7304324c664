"""Exports: a course's tables for those who teach it, and one student's whole record, for them and their teachers."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.exports.formats import FORMATS, plain_name
from playhead.lms.access import course_for, person, student_for
from playhead.lms.leaving.making import export_answer, file_answer
from playhead.lms.leaving.record import write_record
from playhead.lms.leaving.tables import TABLES, Scope
from playhead.lms.models import Course


@require_GET
def export_page(request: HttpRequest, key: str) -> HttpResponse:
    """Every table of one course, in a format of one's choice."""
    course, role = course_for(person(request), key, teaching=True)
    context = {"course": course, "role": role, "tab": "export", "tables": TABLES.values(), "formats": FORMATS}
    return render(request, "lms/export.html", context)


@require_GET
def export_file(request: HttpRequest, key: str, table: str, form: str) -> HttpResponseBase:
    course, _role = course_for(person(request), key, teaching=True)
    return export_answer(table, form, Scope([course]), name=f"playhead-{course.title}")


@require_GET
def student_record(request: HttpRequest, key: str, user_key: str) -> HttpResponseBase:
    """As a teacher: everything of one student in this course."""
    course, _role = course_for(person(request), key, teaching=True)
    student = student_for(course, user_key)
    name = f"playhead-{plain_name(student.username)}.zip"
    return file_answer(lambda path: write_record(path, student, [course]), name)


@require_GET
def own_record(request: HttpRequest) -> HttpResponseBase:
    """Everything that is kept of the person logged in, in all courses they are in."""
    user = person(request)
    courses = list(Course.objects.filter(enrolments__user=user).order_by("title", "pk"))
    return file_answer(lambda path: write_record(path, user, courses), f"playhead-{plain_name(user.username)}.zip")
