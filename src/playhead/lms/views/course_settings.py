"""A course's rules, its dates, its copy for a new term, its archive, and the trail of all that."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from playhead.core.errors import Forbidden
from playhead.lms import courses, trail
from playhead.lms.access import course_for, course_to_change, person
from playhead.lms.copying import copy_course
from playhead.lms.course_forms import CopyForm, CourseForm, DueForm
from playhead.lms.models import Course, Enrolment, Role, User

ENTRIES_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest, key: str) -> HttpResponse:
    """A POST changes the rules. They bind the playbacks opened from then on."""
    user = person(request)
    if request.method != "POST":
        course, role = course_for(user, key, teaching=True)
        return _page(request, course, role)
    course = course_to_change(user, key)
    form = CourseForm(request.POST, instance=course)
    if not form.is_valid():
        course.refresh_from_db()
        return _page(request, course, Role.TEACHER, form=form, status=400)
    form.save_by(user)
    messages.success(request, _("The settings are saved. They hold for what is opened from now on."))
    return redirect("course-settings", key=course.key)


@require_POST
def due_dates(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    course = course_to_change(user, key)
    form = DueForm(request.POST, videos=list(course.videos.select_related("course")))
    if not form.is_valid():
        return _page(request, course, Role.TEACHER, due_form=form, status=400)
    changed = form.save_by(user)
    said = ngettext("%(n)d due date is changed.", "%(n)d due dates are changed.", changed) % {"n": changed}
    messages.success(request, said)
    return redirect("course-settings", key=course.key)


@require_POST
def archive(request: HttpRequest, key: str) -> HttpResponse:
    """Puts the course away, and closes what is being watched in it. May be repeated."""
    user = person(request)
    course = course_to_change(user, key, archived=True)
    courses.archive(course, by=user)
    messages.success(request, _("The course is archived. Everything in it is kept, and can be read here."))
    return redirect("course-settings", key=course.key)


@require_POST
def restore(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    course = course_to_change(user, key, archived=True)
    courses.restore(course, by=user)
    messages.success(request, _("The course is back."))
    return redirect("course-settings", key=course.key)


@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest, key: str) -> HttpResponse:
    """An archived course may be copied too: that is how a new term begins."""
    user = person(request)
    course = course_to_change(user, key, archived=True)
    form = CopyForm(request.POST if request.method == "POST" else None, initial={"title": course.title})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = copy_course(course, title=data["title"], by=user, weeks_later=data["weeks_later"])
        messages.success(request, _("“%(title)s” is made: the same videos, nobody enrolled yet.") % {"title": made})
        return redirect("people", key=made.key)
    context = {"course": course, "form": form, "videos": course.videos.count(), "tab": "settings"}
    return render(request, "lms/course_copy.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def new_course(request: HttpRequest) -> HttpResponse:
    """For admins, and for whoever teaches a course already."""
    user = person(request)
    if not may_make_courses(user):
        raise Forbidden("may_not_make_courses", "Teachers and admins make courses.")
    form = CourseForm(request.POST or None, instance=Course(organisation_id=user.organisation_id))
    if request.method == "POST" and form.is_valid():
        course = courses.make_course(form, by=user)
        messages.success(request, _("“%(title)s” is made. Add its videos and its people.") % {"title": course})
        return redirect("course", key=course.key)
    return render(request, "lms/course_new.html", {"form": form}, status=400 if form.errors else 200)


@require_GET
def trail_page(request: HttpRequest, key: str) -> HttpResponse:
    course, _role = course_for(person(request), key, teaching=True)
    entries = Paginator(course.trail.select_related("about_user"), ENTRIES_A_PAGE)
    page = entries.get_page(request.GET.get("page"))
    shown = [(entry, trail.WORDS.get(entry.what, entry.what)) for entry in page]
    return render(request, "lms/trail.html", {"course": course, "page": page, "shown": shown, "tab": "settings"})


def may_make_courses(user: User) -> bool:
    return user.is_superuser or Enrolment.objects.filter(user=user, role=Role.TEACHER).exists()


def _page(
    request: HttpRequest,
    course: Course,
    role: Role,
    *,
    form: CourseForm | None = None,
    due_form: DueForm | None = None,
    status: int = 200,
) -> HttpResponse:
    videos = list(course.videos.select_related("course"))
    context = {
        "course": course,
        "form": form or CourseForm(instance=course),
        "due_form": due_form or DueForm(videos=videos),
        "videos": videos,
        "recent": [(entry, trail.WORDS.get(entry.what, entry.what)) for entry in course.trail.all()[:5]],
        "is_teacher": role == Role.TEACHER,
        "may_change": role == Role.TEACHER and course.archived_at is None,
        "tab": "settings",
    }
    return render(request, "lms/course_settings.html", context, status=status)
