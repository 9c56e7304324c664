"""Where every student of a course stands in every video, from one look at the recorder's rows."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from playhead.core.progress import effective_duration_ms, measured_ms
from playhead.lms.models import Course, Role, User, Video
from playhead.lms.terms import terms_of_all
from playhead.recorder.models import Progress, Viewer

_COLUMNS: Final = (
    "viewer_id", "video", "progress", "completed_at", "covered_ms", "counted_ms", "refused_ms", "imported_ms",
    "duration_ms", "last_seen_at", "part_start_ms", "part_end_ms",
)  # fmt: skip

effective = lru_cache(maxsize=1024)(effective_duration_ms)


class Standing(NamedTuple):
    """One student in one video. `percent` is None while the length is unknown."""

    percent: int | None
    completed_at: int | None
    covered_ms: int
    counted_ms: int
    refused_ms: int
    imported_ms: int
    duration_ms: int | None
    last_seen_at: int
    part_start_ms: int | None
    part_end_ms: int | None

    @property
    def is_begun(self) -> bool:
        return bool(self.covered_ms or self.refused_ms or self.imported_ms)


class Student(NamedTuple):
    key: str
    name: str
    username: str


def students_of(course: Course) -> list[Student]:
    """In the order of their names."""
    people = User.objects.filter(enrolments__course=course, enrolments__role=Role.STUDENT)
    named = people.values_list("key", "name", "username")
    listed = [Student(key, name or username, username) for key, name, username in named]
    return sorted(listed, key=lambda student: (student.name.casefold(), student.username))


def viewers_of(students: Collection[str]) -> dict[int, str]:
    """Those of these students whom the recorder knows: their keys by its own numbers."""
    return dict(Viewer.objects.filter(key__in=students).values_list("pk", "key"))


def standings(videos: Sequence[str], students: Collection[str]) -> dict[str, dict[str, Standing]]:
    """Of these students, by key and video: what their progress rows say."""
    viewers = viewers_of(students)
    found: dict[str, dict[str, Standing]] = {key: {} for key in students}
    by_id = {number: found[key] for number, key in viewers.items()}
    # By both parts of the key: the rows of one student lie side by side.
    rows = Progress.objects.filter(viewer__in=list(viewers), video__in=videos).values_list(*_COLUMNS)
    for row in rows:
        by_id[row[0]][row[1]] = Standing._make(row[2:])
    return found


def share_of(cells: Sequence[Standing | None], videos: Sequence[Video]) -> int | None:
    """Percent of the videos' time that counts as watched, floored; None while no length is known."""
    whole = counted = 0
    for cell, video in zip(cells, videos, strict=True):
        measured = measured_of(cell, video)
        if measured:
            length_ms = effective(measured)
            whole += length_ms
            counted += min(cell.counted_ms, length_ms) if cell else 0
    return counted * 100 // whole if whole else None


def measured_of(cell: Standing | None, video: Video) -> int | None:
    """The length, or that of the part that is to be watched."""
    if cell is None:
        return measured_ms(video.duration_ms, terms_of_all(video).part)
    if cell.part_start_ms is None or cell.part_end_ms is None:
        return cell.duration_ms or video.duration_ms
    return measured_ms(cell.duration_ms or video.duration_ms, (cell.part_start_ms, cell.part_end_ms))
