"""The teacher's page of a video: what the class did with it, and who watched what."""

from typing import Any

from csp.constants import UNSAFE_INLINE
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from playhead.lms.access import person, video_for
from playhead.lms.class_reading import class_reading
from playhead.lms.class_table import COLUMNS, class_table
from playhead.lms.cohorts import Asked, asked
from playhead.lms.models import User
from playhead.lms.progress import watched_of
from playhead.lms.storyboard import strip

# A row with its map takes as long as all that is around the table together: more are on further pages.
STUDENTS_A_PAGE = 50


@require_GET
def video_page(request: HttpRequest, key: str) -> HttpResponse:
    video, role = video_for(person(request), key, teaching=True)
    column, descending = _asked_order(request.GET.get("sort", "name"))
    named = request.GET.get("q", "").strip()
    table = class_table(video, column=column, descending=descending, named=named)
    page = Paginator(table.rows, STUDENTS_A_PAGE).get_page(request.GET.get("page"))
    people = User.objects.in_bulk([student.key for student, _numbers in page], field_name="key")
    sort = ("-" if descending else "") + column
    context = {
        "video": video,
        "course": video.course,
        "role": role,
        "table": table,
        "page": page,
        "page_rows": watched_of(video, [people[student.key] for student, _numbers in page]),
        "page_query": f"&{urlencode({'sort': sort, 'q': named})}#students",
        "named": named,
        "sort": sort,
        "storyboard": strip(video),
        "headings": [_heading(name, column, descending=descending) for name in COLUMNS],
        "reading": class_reading(
            video, students={one.key for one in table.students}, started=table.started, asked=_asked_of(request)
        ),
    }
    response = render(request, "lms/video_teacher.html", context)
    # Plotly writes styles into its figures: allowed on this page only.
    response._csp_update = {"style-src": [UNSAFE_INLINE]}  # type: ignore[attr-defined]
    return response


def _asked_of(request: HttpRequest) -> Asked:
    return asked(*(request.GET.get(name, "").strip() for name in ("who", "from", "to")))


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
