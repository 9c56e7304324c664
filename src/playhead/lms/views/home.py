"""The first page after logging in: where to go on, and the courses."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.lms.access import courses_taken_by, courses_taught_by, person
from playhead.lms.models import Course, Role, User, Video
from playhead.lms.progress import course_percent, last_watched, watched_by


@dataclass(frozen=True, slots=True)
class CourseCard:
    course: Course
    videos: int
    done: int
    percent: int | None


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    user = person(request)
    taken = courses_taken_by(user).prefetch_related(Prefetch("videos", Video.objects.select_related("course")))
    context = {
        "go_on": last_watched(user, taken),
        "taken": [_card(user, course) for course in taken],
        "taught": courses_taught_by(user).annotate(
            students=Count("enrolments", filter=Q(enrolments__role=Role.STUDENT), distinct=True),
            film_count=Count("videos", distinct=True),
        ),
    }
    return render(request, "lms/home.html", context)


def _card(user: User, course: Course) -> CourseCard:
    watched = watched_by(user, course.videos.all())
    done = sum(one.state == "done" for one in watched)
    return CourseCard(course, len(watched), done, course_percent(watched))
