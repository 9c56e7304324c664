"""Scheduled exports, for admins: what, in which format, how often; how the last ones went."""

import time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from playhead.core.errors import Missing
from playhead.exports.formats import FORMATS
from playhead.exports.models import Run, Schedule
from playhead.exports.sinks.addresses import without_password
from playhead.lms.access import admin
from playhead.lms.leaving import scheduled
from playhead.lms.leaving.tables import TABLES
from playhead.lms.models import Course
from playhead.lms.timeline import instant

_RUNS_SHOWN = 20
EVERY = {"hour": gettext_lazy("every hour"), "day": gettext_lazy("every day"), "week": gettext_lazy("every week")}


class ScheduleForm(forms.Form):
    table = forms.ChoiceField(label=gettext_lazy("Table"))
    course = forms.ChoiceField(label=gettext_lazy("Course"), required=False)
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=[(form, form.upper()) for form in FORMATS])
    every = forms.ChoiceField(label=gettext_lazy("How often"), choices=list(EVERY.items()), initial="day")

    def __init__(self, *args: Any, organisation: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        courses = Course.objects.filter(organisation=organisation).values_list("key", "title")
        self.fields["table"].choices = [(table.name, table.title) for table in TABLES.values()]  # type: ignore[attr-defined]
        self.fields["course"].choices = [("", _("all courses")), *courses]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def schedules_page(request: HttpRequest) -> HttpResponse:
    """All of them, and their last runs; a POST adds one, whose first run is due at once."""
    by = admin(request)
    form = ScheduleForm(request.POST if request.method == "POST" else None, organisation=by.organisation_id)
    if request.method == "POST" and form.is_valid():
        now_ms = round(time.time() * 1000)
        Schedule.objects.create(
            organisation_id=by.organisation_id, created_at=now_ms, next_at=now_ms, **form.cleaned_data
        )
        messages.success(request, _("Added. The worker makes the first one within a few seconds."))
        return redirect("schedules")
    mine = Schedule.objects.filter(organisation_id=by.organisation_id)
    titles = dict(Course.objects.filter(organisation=by.organisation_id).values_list("key", "title"))
    runs = Run.objects.filter(schedule__in=mine).select_related("schedule")[:_RUNS_SHOWN]
    context = {
        "form": form,
        "place": without_password(settings.PLAYHEAD_EXPORTS),
        "found": [_shown(one, titles) for one in mine],
        "runs": [(one, instant(one.at), TABLES[one.schedule.table].title) for one in runs],
    }
    return render(request, "lms/schedules.html", context, status=400 if form.errors else 200)


def _shown(one: Schedule, titles: dict[str, str]) -> dict[str, Any]:
    last = one.runs.first()
    return {
        "schedule": one,
        "table": TABLES[one.table].title,
        "course": titles.get(one.course, one.course),
        "every": EVERY[one.every],
        "next": instant(one.next_at),
        "last": last,
        "last_at": instant(last.at) if last else None,
    }


@require_POST
def schedule_do(request: HttpRequest, key: str, what: str) -> HttpResponse:
    """Make it now, switch it off or on, remove it."""
    by = admin(request)
    one = Schedule.objects.filter(organisation_id=by.organisation_id, key=key).first()
    if one is None or what not in {"now", "off", "on", "remove"}:
        raise Missing("no_such_schedule", "There is no such export, or nothing like that to do.")
    if what == "remove":
        one.delete()
        messages.success(request, _("Removed. What it made stays where it is."))
    elif what == "now":
        made = scheduled.run(one, now_ms=round(time.time() * 1000)) if scheduled.is_on() else None
        if made is None or made.error:
            messages.error(request, _("It could not be made: see below.") if made else _("No place is set."))
        else:
            messages.success(request, _("Made: %(file)s") % {"file": made.file})
    else:
        Schedule.objects.filter(pk=one.pk).update(active=what == "on")
    return redirect("schedules")
