"""Help that must be readable for whoever is in trouble, logged in or not."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.core import limits


@login_not_required
@require_GET
def tracking(request: HttpRequest) -> HttpResponse:
    """What to do when an extension or a firewall keeps what is watched from being sent."""
    hours = limits.TICKET_LIFETIME_S // 3600
    return render(request, "lms/help_tracking.html", {"host": request.get_host(), "hours": hours})
