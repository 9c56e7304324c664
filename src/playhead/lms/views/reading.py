"""What a teacher reads: the course as a table, and one student's seconds and events."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.lms.access import course_for, person, student_for
from playhead.lms.certificates.issuing import certificate_of
from playhead.lms.matrix import matrix_of, table_rows
from playhead.lms.progress import course_percent, watched_by
from playhead.lms.table_file import csv_answer
from playhead.lms.timeline import TimelinePage, timeline_page
from playhead.lms.viewings import viewings_of
from playhead.recorder.models import Viewer
from playhead.recorder.timeline import NEWEST


@require_GET
def course_csv(request: HttpRequest, key: str) -> HttpResponse:
    course, _role = course_for(person(request), key, teaching=True)
    return csv_answer(f"playhead-{course.title}", table_rows(matrix_of(course)))


@require_GET
def student_page(request: HttpRequest, key: str, user_key: str) -> HttpResponse:
    course, _role = course_for(person(request), key, teaching=True)
    student = student_for(course, user_key)
    videos = list(course.videos.select_related("course"))
    watched = watched_by(student, videos)
    viewer_id = Viewer.objects.filter(key=student.key).values_list("pk", flat=True).first()
    before = _asked_before(request.GET.get("before", ""))
    context = {
        "course": course,
        "student": student,
        "all_watched": watched,
        "percent": course_percent(watched),
        "done": sum(one.state == "done" for one in watched),
        "covered_ms": sum(one.covered_ms for one in watched),
        "watched_ms": sum(one.watched_ms for one in watched),
        "refused_ms": sum(one.refused_ms for one in watched),
        "certificate": certificate_of(course, student),
        "last_seen_at": max((one.last_seen_at for one in watched if one.last_seen_at), default=None),
        "newest": before == NEWEST,
        "viewings": viewings_of(student, {video.key: video for video in videos}) if before == NEWEST else None,
        "timeline": timeline_page(viewer_id, {video.key: video for video in videos}, before=before)
        if viewer_id is not None
        else TimelinePage([], None),
    }
    return render(request, "lms/student.html", context)


def _asked_before(text: str) -> int:
    """A journal id; the newest for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(NEWEST)) else NEWEST
