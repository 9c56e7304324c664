"""The page of a course: what to watch, or how far everybody is in it; and the page of its people."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from playhead.core.errors import Conflict, Missing
from playhead.lms.access import course_for, person
from playhead.lms.closing import close_course
from playhead.lms.forms import EnrolForm, VideoForm
from playhead.lms.matrix import matrix_of
from playhead.lms.models import Course, Enrolment, Role, User
from playhead.lms.progress import course_percent, watched_by


@require_GET
def course_page(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    course, role = course_for(user, key)
    if role.sees_class:
        return _teachers_page(request, course)
    watched = watched_by(user, course.videos.select_related("course"))
    done = sum(one.state == "done" for one in watched)
    context = {"course": course, "watched": watched, "done": done, "percent": course_percent(watched)}
    return render(request, "lms/course_student.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, key: str) -> HttpResponse:
    """Who is in the course; a POST enrols a person."""
    course, _role = course_for(person(request), key, teaching=True)
    form = EnrolForm(request.POST or None, course=course)
    if request.method == "POST" and form.is_valid():
        enrolment = form.save()
        messages.success(request, _("%(name)s is enrolled.") % {"name": enrolment.user})
        return redirect("people", key=course.key)
    enrolments = course.enrolments.select_related("user").order_by("-role", "user__name", "user__username")
    context = {"course": course, "enrolments": enrolments, "form": form, "tab": "people"}
    return render(request, "lms/people.html", context, status=200 if request.method != "POST" else 400)


@require_POST
def unenrol(request: HttpRequest, key: str, user_key: str) -> HttpResponse:
    """Takes a person out of the course, which closes what they are watching in it. May be repeated."""
    course, _role = course_for(person(request), key, teaching=True)
    user = User.objects.filter(key=user_key, organisation=course.organisation_id).first()
    if user is None:
        raise Missing("no_such_person", "There is no such person.")
    if _is_last_teacher(course, user):
        raise Conflict("last_teacher", "A course keeps at least one teacher.")
    ended, _tables = Enrolment.objects.filter(course=course, user=user).delete()
    if not ended:  # sent again, perhaps because the first time the recorder could not be reached
        close_course(user, course)
    messages.success(request, _("%(name)s is no longer enrolled. What was watched is kept.") % {"name": user})
    return redirect("people", key=course.key)


@require_http_methods(["GET", "HEAD", "POST"])
def add_video(request: HttpRequest, key: str) -> HttpResponse:
    course, _role = course_for(person(request), key, teaching=True)
    form = VideoForm(request.POST or None, course=course)
    if request.method == "POST" and form.is_valid():
        video = form.save()
        messages.success(request, _("“%(title)s” is added.") % {"title": video})
        return redirect("course", key=course.key)
    return render(request, "lms/video_form.html", {"course": course, "form": form}, status=400 if form.errors else 200)


def _teachers_page(request: HttpRequest, course: Course) -> HttpResponse:
    matrix = matrix_of(course, sort=request.GET.get("sort", "name"), named=request.GET.get("q", "").strip())
    context = {"course": course, "videos": matrix.videos, "matrix": matrix, "tab": "progress"}
    return render(request, "lms/course_teacher.html", context)


def _is_last_teacher(course: Course, user: User) -> bool:
    teachers = course.enrolments.filter(role=Role.TEACHER)
    return list(teachers.values_list("user_id", flat=True)) == [user.pk]
