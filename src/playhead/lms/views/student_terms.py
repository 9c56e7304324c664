"""What is agreed with one student: other terms, and videos marked as complete with a reason."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from playhead.core.errors import Missing
from playhead.lms import agreeing, completion
from playhead.lms.access import course_for, course_to_change, person
from playhead.lms.accommodation_forms import AccommodationForm
from playhead.lms.course_forms import OverrideForm
from playhead.lms.models import Course, Enrolment, Override, Role, User
from playhead.lms.progress import watched_by


@require_http_methods(["GET", "HEAD", "POST"])
def terms_page(request: HttpRequest, key: str, user_key: str) -> HttpResponse:
    """A POST makes an accommodation, or takes the place of the one for the same video."""
    by = person(request)
    if request.method != "POST":
        course, role = course_for(by, key, teaching=True)
        return _page(request, course, role, _student(course, user_key))
    course = course_to_change(by, key)
    student = _student(course, user_key)
    form = AccommodationForm(request.POST, course=course, user=student)
    if not form.is_valid():
        return _page(request, course, Role.TEACHER, student, form=form, status=400)
    form.save_by(by)
    messages.success(request, _("Agreed with %(name)s. It holds for what is opened from now on.") % {"name": student})
    return redirect("student-terms", key=course.key, user_key=student.key)


@require_POST
def end_accommodation(request: HttpRequest, key: str, user_key: str, number: int) -> HttpResponse:
    by = person(request)
    course = course_to_change(by, key)
    student = _student(course, user_key)
    found = course.accommodations.select_related("video").filter(pk=number, user=student).first()
    if found is None:
        raise Missing("no_such_accommodation", "There is no such accommodation.")
    told = agreeing.in_words(found)
    agreeing.end(found, by=by)
    messages.success(request, _("Removed: %(told)s. The rules of all hold again.") % {"told": told})
    return redirect("student-terms", key=course.key, user_key=student.key)


@require_POST
def override(request: HttpRequest, key: str, user_key: str) -> HttpResponse:
    by = person(request)
    course = course_to_change(by, key)
    student = _student(course, user_key)
    form = OverrideForm(request.POST, course=course, user=student, auto_id="override_%s")
    if not form.is_valid():
        return _page(request, course, Role.TEACHER, student, override_form=form, status=400)
    video, reason = form.cleaned_data["video"], form.cleaned_data["reason"].strip()
    completion.override(video, student, by=by, reason=reason)
    messages.success(request, _("“%(title)s” is marked as complete. No number was changed.") % {"title": video})
    return redirect("student-terms", key=course.key, user_key=student.key)


@require_POST
def withdraw_override(request: HttpRequest, key: str, user_key: str, video_key: str) -> HttpResponse:
    """May be repeated."""
    by = person(request)
    course = course_to_change(by, key)
    student = _student(course, user_key)
    video = course.videos.select_related("course").filter(key=video_key).first()
    if video is None:
        raise Missing("no_such_video", "There is no such video.")
    completion.withdraw(video, student, by=by)
    messages.success(request, _("The mark is withdrawn: “%(title)s” stands as it was watched.") % {"title": video})
    return redirect("student-terms", key=course.key, user_key=student.key)


def _student(course: Course, key: str) -> User:
    place = Enrolment.objects.select_related("user").filter(course=course, role=Role.STUDENT, user__key=key).first()
    if place is None:
        raise Missing("no_such_student", "There is no such student in this course.")
    return place.user


def _page(
    request: HttpRequest,
    course: Course,
    role: Role,
    student: User,
    *,
    form: AccommodationForm | None = None,
    override_form: OverrideForm | None = None,
    status: int = 200,
) -> HttpResponse:
    agreed = course.accommodations.filter(user=student).select_related("video", "made_by").order_by("video__position")
    marks = Override.objects.filter(video__course=course, user=student).select_related(
        "video", "made_by", "withdrawn_by"
    )
    context = {
        "course": course,
        "student": student,
        "watched": watched_by(student, course.videos.select_related("course")),
        "agreed": [(one, agreeing.in_words(one)) for one in agreed],
        "devices": student.devices.all(),
        "marks": marks.order_by("-made_at"),
        "form": form or AccommodationForm(course=course, user=student),
        "override_form": override_form or OverrideForm(course=course, user=student, auto_id="override_%s"),
        "may_change": role == Role.TEACHER and course.archived_at is None,
        "tab": "people",
    }
    return render(request, "lms/student_terms.html", context, status=status)
