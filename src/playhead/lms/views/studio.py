"""The studio's address where the studio itself does not answer: for whom it is, or that it is not installed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.core.errors import Forbidden
from playhead.lms.access import courses_taught_by, person


@require_GET
def studio(request: HttpRequest) -> HttpResponse:
    if not courses_taught_by(person(request)).exists():
        raise Forbidden("not_teacher", "The studio is for people who teach a course.")
    return render(request, "lms/studio_missing.html", status=501)
