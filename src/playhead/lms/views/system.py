"""The system page, for admins: what the doctor finds, and how much is there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead import __version__
from playhead.lms.access import admin
from playhead.lms.doctor import findings
from playhead.recorder.doctor import Level


@require_GET
def system(request: HttpRequest) -> HttpResponse:
    """Problems first, then warnings; each with what to do."""
    admin(request)
    order = (Level.PROBLEM, Level.WARNING, Level.OK)
    found = sorted(findings(), key=lambda finding: order.index(finding.level))
    counts = {level.value: sum(finding.level is level for finding in found) for level in order}
    return render(request, "lms/system.html", {"findings": found, "counts": counts, "version": __version__})
