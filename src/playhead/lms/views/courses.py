"""The page of a course: what to watch, or how far everybody is in it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from playhead.lms.access import course_for, course_to_change, person
from playhead.lms.certificates.issuing import certificate_of
from playhead.lms.forms import VideoForm
from playhead.lms.matrix import matrix_of
from playhead.lms.models import Course, Role
from playhead.lms.next_parts import next_parts
from playhead.lms.progress import course_percent, watched_by


@require_GET
def course_page(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    course, role = course_for(user, key)
    if role.sees_class:
        return _teachers_page(request, course)
    watched = watched_by(user, course.videos.select_related("course"))
    done = sum(one.state == "done" for one in watched)
    context = {
        "course": course,
        "watched": watched,
        "done": done,
        "percent": course_percent(watched),
        "next_parts": next_parts(watched),
        "may_certify": role == Role.STUDENT and watched and done == len(watched),
        "certificate": certificate_of(course, user),
    }
    return render(request, "lms/course_student.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_video(request: HttpRequest, key: str) -> HttpResponse:
    course = course_to_change(person(request), key)
    form = VideoForm(request.POST or None, course=course)
    if request.method == "POST" and form.is_valid():
        video = form.save()
        messages.success(request, _("“%(title)s” is added.") % {"title": video})
        return redirect("course", key=course.key)
    return render(request, "lms/video_form.html", {"course": course, "form": form}, status=400 if form.errors else 200)


def _teachers_page(request: HttpRequest, course: Course) -> HttpResponse:
    matrix = matrix_of(course, sort=request.GET.get("sort", "name"), named=request.GET.get("q", "").strip())
    also = f"&{urlencode({'q': matrix.named})}" if matrix.named else ""
    context = {"course": course, "videos": matrix.videos, "matrix": matrix, "also": also, "tab": "progress"}
    return render(request, "lms/course_teacher.html", context)
