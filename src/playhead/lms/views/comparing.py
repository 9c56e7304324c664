"""Two videos, or two runs of a course, beside one another. Both must be such as the reader teaches."""

from csp.constants import UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.lms import comparing
from playhead.lms.access import course_for, person, video_for


@require_GET
def compare_videos(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    video, _role = video_for(user, key, teaching=True)
    context = {"video": video, "course": video.course, "choices": comparing.choices(user, but=video)}
    if asked := request.GET.get("with", ""):
        other, _role = video_for(user, asked, teaching=True)
        sides = [comparing.side(video), comparing.side(other)]
        context |= {"sides": sides, "other": other, "figures": [comparing.comparison(*sides)]}
    response = render(request, "lms/compare_videos.html", context)
    # Plotly writes styles into its figures.
    response._csp_update = {"style-src": [UNSAFE_INLINE]}  # type: ignore[attr-defined]
    return response


@require_GET
def compare_courses(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    course, role = course_for(user, key, teaching=True)
    context = {"course": course, "role": role, "tab": "insights", "choices": comparing.other_runs(user, course)}
    if asked := request.GET.get("with", ""):
        other, _role = course_for(user, asked, teaching=True)
        context |= {"other": other, "pairs": comparing.pairs(course, other)}
    return render(request, "lms/compare_courses.html", context)
