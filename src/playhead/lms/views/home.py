"""The first page after logging in: where to go on, and the courses."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.lms.access import courses_taught_by, person
from playhead.lms.models import User
from playhead.lms.news import course_news, most_pressing, since_yesterday
from playhead.lms.studying import studying
from playhead.lms.views.course_settings import may_make_courses


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    user = person(request)
    context = {**studying(user), **_teaching(user), "may_make_courses": may_make_courses(user)}
    return render(request, "lms/home.html", context)


def _teaching(user: User) -> dict[str, Any]:
    """What changed since yesterday in the courses taught, and who needs a look; what is archived only by name."""
    courses, since = list(courses_taught_by(user)), since_yesterday()
    taught = [course_news(course, since=since) for course in courses if course.archived_at is None]
    return {
        "taught": taught,
        "archived": [course for course in courses if course.archived_at is not None],
        "looks": most_pressing(taught),
        "since": since,
    }
