"""Exports that are made again and again, by the worker: of a course or the whole school, to the one place that
whoever runs the site has set (`PLAYHEAD_EXPORTS`). While none is set, none is made."""

import logging
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from playhead.core.errors import Missing
from playhead.exports.formats import write_file
from playhead.exports.models import Run, Schedule
from playhead.exports.places import place_at
from playhead.lms.leaving.tables import Scope, table_of
from playhead.lms.models import Course
from playhead.recorder.errand import Errand

logger = logging.getLogger(__name__)
EVERY_MS: Final = {"hour": 3_600_000, "day": 86_400_000, "week": 7 * 86_400_000}
RUNS_KEPT: Final = 50
_LOOK_EVERY_S: Final = 5.0
_SAID_CHARS: Final = 500


def is_on() -> bool:
    return bool(settings.PLAYHEAD_EXPORTS)


def due(*, now_ms: int) -> list[Schedule]:
    return list(Schedule.objects.filter(active=True, next_at__lte=now_ms).order_by("next_at"))


def run(schedule: Schedule, *, now_ms: int) -> Run:
    """Make it now, and write down how it went. The next one is due an interval after this one was."""
    missed = max(now_ms - schedule.next_at, 0) // EVERY_MS[schedule.every]
    schedule.next_at += (missed + 1) * EVERY_MS[schedule.every]
    schedule.save(update_fields=["next_at"])  # first: what fails is not tried again and again
    began, file, rows, said = time.monotonic(), "", 0, ""
    try:
        file, rows = _made(schedule, now_ms=now_ms)
    except Exception as error:
        logger.exception("the scheduled export %s failed", schedule.key)
        said = " ".join(f"{type(error).__name__}: {error}".split())[:_SAID_CHARS]
    took_ms = round((time.monotonic() - began) * 1000)
    made = Run.objects.create(schedule=schedule, at=now_ms, took_ms=took_ms, file=file, rows=rows, error=said)
    for old in Run.objects.filter(schedule=schedule).values_list("pk", flat=True)[RUNS_KEPT:]:
        Run.objects.filter(pk=old).delete()
    return made


def _made(schedule: Schedule, *, now_ms: int) -> tuple[str, int]:
    """The name of the file, which says when it was made, and how many rows it has."""
    table, courses = table_of(schedule.table), Course.objects.filter(organisation_id=schedule.organisation_id)
    if schedule.course:
        courses = courses.filter(key=schedule.course)
        if not courses:
            raise Missing("no_such_course", "The course is gone.")
    at = datetime.fromtimestamp(now_ms / 1000, tz=UTC).strftime("%Y%m%dT%H%M%SZ")
    name = f"{schedule.course or 'all'}/{table.name}/{at}-{schedule.key}.{schedule.format}"
    place = place_at(settings.PLAYHEAD_EXPORTS)
    with tempfile.TemporaryDirectory(prefix="playhead-export-") as folder:
        path = Path(folder) / f"export.{schedule.format}"
        rows = write_file(schedule.format, path, table.columns, table.rows(Scope(list(courses.order_by("title")))))
        place.put(name, path)
    return name, rows


class Exporter(Errand):
    """A thread of the worker."""

    def __init__(self) -> None:
        super().__init__("exports")

    def take(self) -> float:
        now_ms = round(time.time() * 1000)
        for schedule in due(now_ms=now_ms) if is_on() else ():
            run(schedule, now_ms=now_ms)
            if self._over.is_set():
                break
        return _LOOK_EVERY_S
