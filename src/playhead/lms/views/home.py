"""The first page after logging in: where to go on, and the courses."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.lms.access import courses_taught_by, person
from playhead.lms.models import Role
from playhead.lms.studying import studying
from playhead.lms.views.course_settings import may_make_courses


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    user = person(request)
    context = {
        **studying(user),
        "may_make_courses": may_make_courses(user),
        "taught": courses_taught_by(user).filter(archived_at=None).annotate(
            students=Count("enrolments", filter=Q(enrolments__role=Role.STUDENT), distinct=True),
            film_count=Count("videos", distinct=True),
        ),
    }
    return render(request, "lms/home.html", context)
