"""Every credit and refusal behind one number: for the student it belongs to, and for the teachers of the course."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.lms import words
from playhead.lms.access import number_for, person
from playhead.lms.explain import Explained, explained
from playhead.lms.table_file import csv_answer
from playhead.lms.timeline import instant
from playhead.recorder.ledger import Line, as_row

LINES_A_PAGE = 50


@require_GET
def explain_page(request: HttpRequest, key: str, user_key: str) -> HttpResponse:
    user = person(request)
    student, (video, role) = number_for(user, key, user_key)
    found = explained(student, video)
    page = Paginator(found.lines[::-1], LINES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "student": student,
        "own": student == user,
        "role": role,
        "video": video,
        "course": video.course,
        "watched": found.watched,
        "sums": found.sums,
        "page": page,
        "page_lines": [_line(found, line) for line in page],
    }
    return render(request, "lms/explain.html", context)


@require_GET
def explain_csv(request: HttpRequest, key: str, user_key: str) -> HttpResponse:
    student, (video, _role) = number_for(person(request), key, user_key)
    rows = [as_row(line) for line in explained(student, video).lines]
    heading = list(rows[0]) if rows else ["journal", "line"]
    return csv_answer(f"playhead-{video.key}-{student.username}", [heading, *(list(row.values()) for row in rows)])


def _line(found: Explained, line: Line) -> dict[str, Any]:
    return {
        "line": line,
        "opening": found.openings[line.playback],
        "received_at": instant(line.received_at),
        "reasons": [(words.reason(code), ms) for code, ms in line.reasons],
    }
