"""One student's whole record: a zip with everything that is kept of them, as CSV and as JSON."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils import timezone

from playhead.exports.formats import write_file
from playhead.lms.leaving.tables import Scope, table_of
from playhead.lms.models import Accommodation, Certificate, Course, Override, User

_TABLES: Final = ("progress", "ledger", "sections", "playbacks", "events")
_FORMS: Final = ("csv", "jsonl")
_READ_ME: Final = """This is what Playhead keeps of one student, in the courses named in student.json.

student.json     who they are, where they are enrolled, what was agreed with them, their certificates
progress         a row for each video: percent, covered, watched
ledger           a row for each claim their players made: what was credited, with which time, what was not and why
sections         the same as stretches of video
playbacks        a row for each time they opened a video
events           a row for each thing their players told

Each table is there twice: .csv for spreadsheets, .jsonl (an object a line) for programs. Instants are UTC, lengths and
positions milliseconds of video.
"""


def write_record(path: Path, student: User, courses: Sequence[Course]) -> int:
    """Write the zip, of what belongs to these courses; returns how many rows its files have together."""
    scope, rows = Scope(courses, student), 0
    with ZipFile(path, "w", ZIP_DEFLATED) as zipped, tempfile.TemporaryDirectory(dir=path.parent) as name:
        zipped.writestr("README.txt", _READ_ME)
        told = json.dumps(about(student, courses), indent=1, ensure_ascii=False)
        zipped.writestr("student.json", told + "\n")
        for table in map(table_of, _TABLES):
            for form in _FORMS:
                file = Path(name) / f"{table.name}.{form}"
                rows += write_file(form, file, table.columns, table.rows(scope))
                zipped.write(file, file.name)
                file.unlink()
    return rows


def about(student: User, courses: Sequence[Course]) -> dict[str, Any]:
    """What is kept beside the tables."""
    enrolled = student.enrolments.filter(course__in=courses).select_related("course")
    agreed = Accommodation.objects.filter(user=student, course__in=courses).select_related("course", "video")
    words = Override.objects.filter(user=student, video__course__in=courses).select_related("video")
    papers = Certificate.objects.filter(user=student, course__in=courses).defer("paper")
    return {
        "made_at": timezone.now().isoformat(),
        "key": student.key,
        "username": student.username,
        "name": student.name,
        "email": student.email,
        "joined_at": student.date_joined.isoformat(),
        "last_login_at": student.last_login.isoformat() if student.last_login else None,
        "enrolments": [
            {"course": one.course.key, "title": one.course.title, "role": one.role, "since": one.created_at.isoformat()}
            for one in enrolled
        ],
        "accommodations": [
            {
                "course": one.course.key,
                "video": one.video.key if one.video else None,
                "threshold_percent": one.threshold_percent,
                "max_rate": one.max_rate,
                "due_at": one.due_at.isoformat() if one.due_at else None,
                "reason": one.reason,
            }
            for one in agreed
        ],
        "overrides": [
            {
                "video": one.video.key,
                "reason": one.reason,
                "made_at": one.made_at.isoformat(),
                "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
            }
            for one in words
        ],
        "certificates": [
            {
                "certificate": one.key,
                "issued_at": one.issued_at.isoformat(),
                "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
                "facts": json.loads(one.facts),
            }
            for one in papers
        ],
    }
