"""The teacher's page of a video: who watched what of it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from playhead.lms.access import person, video_for
from playhead.lms.models import Role, User
from playhead.lms.progress import Watched, watched_of

Row = tuple[User, Watched]

# The columns a click sorts by: name in the address, heading, key of a row. Largest first where that is what one asks.
COLUMNS: dict[str, tuple[Any, Callable[[Row], Any]]] = {
    "name": (_("Student"), lambda row: str(row[0]).casefold()),
    "progress": (_("Progress"), lambda row: -1 if row[1].percent is None else row[1].percent),
    "covered": (_("Covered"), lambda row: row[1].covered_ms),
    "watched": (_("Watched"), lambda row: row[1].watched_ms),
    "completed": (_("Completed"), lambda row: row[1].completed_at.timestamp() if row[1].completed_at else 0),
    "seen": (_("Last seen"), lambda row: row[1].last_seen_at.timestamp() if row[1].last_seen_at else 0),
    "refused": (_("Not credited"), lambda row: row[1].refused_ms),
}


@require_GET
def video_page(request: HttpRequest, key: str) -> HttpResponse:
    video, _role = video_for(person(request), key, teaching=True)
    students = User.objects.filter(enrolments__course=video.course, enrolments__role=Role.STUDENT)
    rows = watched_of(video, students.order_by("name", "username"))
    column, descending = _asked_order(request.GET.get("sort", "name"))
    rows.sort(key=COLUMNS[column][1], reverse=descending)
    known = [one.percent for _user, one in rows if one.percent is not None]
    context = {
        "video": video,
        "course": video.course,
        "rows": rows,
        "headings": [_heading(name, column, descending=descending) for name in COLUMNS],
        "started": sum(one.state != "untouched" for _user, one in rows),
        "completed": sum(one.state == "done" for _user, one in rows),
        "average": sum(known) // len(known) if known else None,
        "refused": sum(bool(one.refused_ms) for _user, one in rows),
    }
    return render(request, "lms/video_teacher.html", context)


def _asked_order(text: str) -> tuple[str, bool]:
    """`progress` or `-progress`; by name when it is neither."""
    column = text.removeprefix("-")
    return (column, text.startswith("-")) if column in COLUMNS else ("name", False)


def _heading(name: str, column: str, *, descending: bool) -> dict[str, Any]:
    """A click sorts by this column: the largest first, names from the start, and the other way round next time."""
    first_descending = name != "name"
    is_current = name == column
    next_descending = not descending if is_current else first_descending
    return {
        "name": name,
        "title": COLUMNS[name][0],
        "sort": ("-" if next_descending else "") + name,
        "aria": ("descending" if descending else "ascending") if is_current else "none",
    }
