"""The rules of viewing: a course's page, and each of its videos'."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from playhead.lms.access import course_for, course_to_change, person, student_for, video_for, video_to_change
from playhead.lms.models import Course, Role, Video
from playhead.lms.rule_forms import RulesForm, VideoRulesForm
from playhead.lms.rule_words import rules_text


@require_http_methods(["GET", "HEAD", "POST"])
def course_rules(request: HttpRequest, key: str) -> HttpResponse:
    """How the videos of a course may be watched, and which of them have rules of their own."""
    user = person(request)
    if request.method != "POST":
        course, role = course_for(user, key, teaching=True)
        return _page(request, course, role, RulesForm(instance=course))
    course = course_to_change(user, key)
    form = RulesForm(request.POST, instance=course)
    if not form.is_valid():
        course.refresh_from_db()
        return _page(request, course, Role.TEACHER, form, status=400)
    form.save_by(user)
    messages.success(request, _("The rules are saved. They hold for what is opened from now on."))
    return redirect("course-rules", key=course.key)


@require_http_methods(["GET", "HEAD", "POST"])
def video_rules(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    if request.method != "POST":
        video, role = video_for(user, key, teaching=True)
        return _page(request, video.course, role, VideoRulesForm(instance=video), video=video)
    video = video_to_change(user, key)
    form = VideoRulesForm(request.POST, instance=video)
    if not form.is_valid():
        video.refresh_from_db()
        return _page(request, video.course, Role.TEACHER, form, video=video, status=400)
    form.save_by(user)
    messages.success(request, _("The rules are saved. They hold for what is opened from now on."))
    return redirect("video-rules", key=video.key)


@require_POST
def forget_device(request: HttpRequest, key: str, user_key: str, number: int) -> HttpResponse:
    """Takes a device off a student's list, so that another one may take its place. May be repeated."""
    course = course_to_change(person(request), key)
    student = student_for(course, user_key)
    student.devices.filter(pk=number).delete()
    messages.success(request, _("The device is off the list. The next one that is used takes its place."))
    return redirect("student-terms", key=course.key, user_key=student.key)


def _page(
    request: HttpRequest,
    course: Course,
    role: Role,
    form: RulesForm,
    *,
    video: Video | None = None,
    status: int = 200,
) -> HttpResponse:
    videos = [] if video else list(course.videos.all())
    context = {
        "course": course,
        "video": video,
        "form": form,
        "videos": [(one, rules_text(one)) for one in videos],
        "of_course": rules_text(course),
        "may_change": role == Role.TEACHER and course.archived_at is None,
        "tab": "settings",
    }
    return render(request, "lms/rules.html", context, status=status)
