"""What was watched, as the pages show it: the recorder's rows read, never computed again."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from playhead.core.progress import effective_duration_ms, measured_ms, needed_ms, progress_percent, resume_ms
from playhead.core.sections import EMPTY, Sections
from playhead.lms.due import Due, due
from playhead.lms.models import Override, User, Video
from playhead.lms.terms import Terms, terms_for, terms_of_all, terms_of_class
from playhead.recorder.models import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One viewer and one video. Milliseconds of media; `duration_ms`, `needed_ms` and `percent` are None while the
    length is unknown. `counted_ms` is what counts towards `needed_ms`: covered, or less under a no-skip policy."""

    video: Video
    duration_ms: int | None
    needed_ms: int | None
    measured_ms: int | None  # what progress is measured over: the length, or that of the part that is to be watched
    percent: int | None = None
    covered_ms: int = 0
    watched_ms: int = 0
    counted_ms: int = 0
    refused_ms: int = 0
    imported_ms: int = 0
    position_ms: int = 0
    completed_at: datetime | None = None
    last_seen_at: datetime | None = None
    evidence: str = ""
    refusals: dict[str, int] = field(default_factory=dict)
    coverage: Sections = EMPTY
    again: Sections = EMPTY
    refused: Sections = EMPTY  # claimed and never credited
    imported: Sections = EMPTY
    terms: Terms
    override: Override | None = None  # a teacher's word beside the numbers, which it does not change

    @property
    def state(self) -> str:
        """`done`, `partly` or `untouched`."""
        if self.completed_at is not None or self.override is not None:
            return "done"
        return "partly" if self.covered_ms or self.refused_ms or self.imported_ms else "untouched"

    @property
    def due(self) -> Due | None:
        """In words; None when there is no date, or nothing left to do."""
        return due(self.terms.due_at) if self.terms.due_at and self.state != "done" else None

    @property
    def resume_ms(self) -> int:
        """Where to go on."""
        return resume_ms(self.position_ms, self.duration_ms)


def untouched(video: Video, terms: Terms | None = None, override: Override | None = None) -> Watched:
    """`video` must have its course at hand."""
    terms, duration_ms = terms or terms_of_all(video), video.duration_ms
    length_ms = measured_ms(duration_ms, terms.part)
    return Watched(
        video=video,
        duration_ms=duration_ms,
        needed_ms=needed_ms(length_ms, terms.threshold_percent),
        measured_ms=length_ms,
        percent=progress_percent(0, length_ms),
        terms=terms,
        override=override,
    )


def watched_by(user: User, videos: Iterable[Video]) -> list[Watched]:
    """One for each video, in their order. The videos must have their courses at hand."""
    videos = list(videos)
    rows = Progress.objects.filter(viewer__key=user.key, video__in=[video.key for video in videos])
    found = {row.video: row for row in rows}
    terms = terms_for(user, videos)
    standing = Override.objects.filter(user=user, video__in=videos, withdrawn_at=None).select_related("made_by")
    overrides = {one.video_id: one for one in standing}
    return [_watched(video, found.get(video.key), terms[video.pk], overrides.get(video.pk)) for video in videos]


def watched_of(video: Video, users: Iterable[User]) -> list[tuple[User, Watched]]:
    """The same for some of a class: one for each person, in their order."""
    users = list(users)
    rows = Progress.objects.filter(video=video.key, viewer__key__in=[user.key for user in users])
    found = {row.viewer.key: row for row in rows.select_related("viewer")}
    own, for_all = terms_of_class(video), terms_of_all(video)
    standing = Override.objects.filter(video=video, withdrawn_at=None).select_related("made_by")
    overrides = {one.user_id: one for one in standing}
    return [
        (user, _watched(video, found.get(user.key), own.get(user.pk, for_all), overrides.get(user.pk)))
        for user in users
    ]


def course_percent(all_watched: Iterable[Watched]) -> int | None:
    """Share of a course's video time that counts as watched, floored; None while no length is known."""
    known = [(one, effective_duration_ms(one.measured_ms)) for one in all_watched if one.measured_ms]
    whole = sum(effective for _, effective in known)
    return sum(min(one.counted_ms, effective) for one, effective in known) * 100 // whole if whole else None


def last_watched(all_watched: Iterable[Watched]) -> Watched | None:
    """The video seen last that is not done yet: where to go on."""
    begun = [one for one in all_watched if one.last_seen_at is not None and one.state != "done"]
    return max(begun, key=lambda one: one.last_seen_at or one.video.created_at, default=None)


def _watched(video: Video, row: Progress | None, terms: Terms, override: Override | None) -> Watched:
    """Once somebody has watched, what is needed is what their last playback was opened under."""
    if row is None:
        return untouched(video, terms, override)
    duration_ms = row.duration_ms or video.duration_ms
    part = None if row.part_start_ms is None or row.part_end_ms is None else (row.part_start_ms, row.part_end_ms)
    length_ms = measured_ms(duration_ms, part)
    coverage = _sections(row.coverage)
    return Watched(
        video=video,
        duration_ms=duration_ms,
        needed_ms=needed_ms(length_ms, row.threshold_percent),
        measured_ms=length_ms,
        percent=row.progress,
        covered_ms=row.covered_ms,
        watched_ms=row.watched_ms,
        counted_ms=row.counted_ms,
        refused_ms=row.refused_ms,
        imported_ms=row.imported_ms,
        position_ms=row.position_ms,
        completed_at=_instant(row.completed_at),
        last_seen_at=_instant(row.last_seen_at),
        evidence=row.evidence,
        refusals=json.loads(row.refusals),
        coverage=coverage,
        again=_sections(row.again),
        refused=_sections(row.refused) - coverage,
        imported=_sections(row.imported),
        terms=terms,
        override=override,
    )


def _sections(packed: bytes | memoryview) -> Sections:
    return Sections.unpack(bytes(packed))


def _instant(epoch_ms: int | None) -> datetime | None:
    return datetime.fromtimestamp(epoch_ms / 1000, tz=UTC) if epoch_ms else None
