"""What stands out in a course, for its teachers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.lms.access import course_for, person
from playhead.lms.insights import insights


@require_GET
def insights_page(request: HttpRequest, key: str) -> HttpResponse:
    course, role = course_for(person(request), key, teaching=True)
    named = request.GET.get("q", "").strip()
    context = {"course": course, "role": role, "tab": "insights", "named": named, "found": insights(course, only=named)}
    return render(request, "lms/insights.html", context)
