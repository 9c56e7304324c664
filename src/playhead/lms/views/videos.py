"""The teacher's page of a video: what the class did with it, and who watched what."""

from collections.abc import Callable
from typing import Any

from csp.constants import UNSAFE_INLINE
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from playhead.lms.access import person, video_for
from playhead.lms.class_reading import class_reading
from playhead.lms.models import Role, User
from playhead.lms.progress import Watched, watched_of

Row = tuple[User, Watched]

# A row with its map takes as long as all that is around the table together: more are on further pages.
STUDENTS_A_PAGE = 50

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
    video, role = video_for(person(request), key, teaching=True)
    students = User.objects.filter(enrolments__course=video.course, enrolments__role=Role.STUDENT)
    rows = watched_of(video, students.order_by("name", "username"))
    column, descending = _asked_order(request.GET.get("sort", "name"))
    named = request.GET.get("q", "").strip()
    shown = sorted(_named(rows, named), key=COLUMNS[column][1], reverse=descending)
    started = sum(one.state != "untouched" for _user, one in rows)
    known = [one.percent for _user, one in rows if one.percent is not None]
    page = Paginator(shown, STUDENTS_A_PAGE).get_page(request.GET.get("page"))
    sort = ("-" if descending else "") + column
    context = {
        "video": video,
        "course": video.course,
        "role": role,
        "students": len(rows),
        "page": page,
        "page_query": f"&{urlencode({'sort': sort, 'q': named})}#students",
        "named": named,
        "sort": sort,
        "headings": [_heading(name, column, descending=descending) for name in COLUMNS],
        "started": started,
        "completed": sum(one.state == "done" for _user, one in rows),
        "average": sum(known) // len(known) if known else None,
        "refused": sum(bool(one.refused_ms) for _user, one in rows),
        "reading": class_reading(video, students={user.key for user, _one in rows}, started=started),
    }
    response = render(request, "lms/video_teacher.html", context)
    # Plotly writes styles into its figures: allowed on this page only.
    response._csp_update = {"style-src": [UNSAFE_INLINE]}  # type: ignore[attr-defined]
    return response


def _named(rows: list[Row], named: str) -> list[Row]:
    wanted = named.casefold()
    return [row for row in rows if wanted in str(row[0]).casefold() or wanted in row[0].username.casefold()]


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
