"""The figures of a certificate: taken from the ledger when it is issued, and taken again whenever it is checked."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from django.utils.crypto import salted_hmac

from playhead.lms.explain import Explained, explained
from playhead.lms.models import Course, User, Video
from playhead.recorder.ledger import Line, Sums, sums_of

_SALT: Final = "playhead.certificate"
_FINGERPRINT_DIGITS: Final = 40  # of 64: 160 bits, and still a line of a printed page


class VideoFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One video. All `_ms` are media ms, but `paid_ms`, which is wall time. `last_line` names the last ledger line that
    went into the sums: what was watched later changes nothing here."""

    key: str
    title: str
    duration_ms: int | None
    needed_ms: int | None
    covered_ms: int
    watched_ms: int
    paid_ms: int
    refused_ms: int
    imported_ms: int
    lines: int
    last_line: tuple[int, int] | None
    evidence: str
    completed_at: int | None  # epoch ms; None where a teacher's word stands for it
    by_word: bool


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that a certificate says. `issued_at` in epoch ms."""

    certificate: str
    issued_at: int
    school: str
    course: str
    course_title: str
    student: str
    name: str
    videos: tuple[VideoFacts, ...]

    def total(self, figure: str) -> int:
        return sum(int(getattr(video, figure)) for video in self.videos)


def facts_of(course: Course, student: User, found: Sequence[Explained], *, certificate: str, issued_at: int) -> Facts:
    return Facts(
        certificate=certificate,
        issued_at=issued_at,
        school=course.organisation.name,
        course=course.key,
        course_title=course.title,
        student=student.key,
        name=str(student),
        videos=tuple(_video_facts(one) for one in found),
    )


def written(facts: Facts) -> str:
    """As it is kept, and as the fingerprint is taken of it: one way to write the same facts."""
    return msgspec.json.encode(facts, order="deterministic").decode()


def read(text: str) -> Facts:
    """Raises `msgspec.ValidationError` for anything that `written` did not write."""
    return msgspec.json.decode(text, type=Facts)


def fingerprint_of(text: str) -> str:
    """A keyed hash (HMAC-SHA-256): only this site can make one that fits changed figures."""
    return salted_hmac(_SALT, text, algorithm="sha256").hexdigest()[:_FINGERPRINT_DIGITS]


def no_longer_true(facts: Facts, student: User) -> list[str]:
    """The titles of the videos whose ledger, up to the line then, gives other sums today."""
    # A video taken out of the course later was watched all the same.
    kept = Video.all_objects.select_related("course").filter(course__key=facts.course)
    videos = {video.key: video for video in kept}
    return [one.title for one in facts.videos if one.key not in videos or not _holds(one, student, videos[one.key])]


def _holds(said: VideoFacts, student: User, video: Video) -> bool:
    lines = explained(student, video).lines
    sums = sums_of(line for line in lines if said.last_line is not None and _place(line) <= said.last_line)
    return _figures(sums) == (
        said.lines, said.covered_ms, said.watched_ms, said.paid_ms, said.refused_ms, said.imported_ms
    )  # fmt: skip


def _video_facts(found: Explained) -> VideoFacts:
    watched, video = found.watched, found.video
    lines, covered_ms, watched_ms, paid_ms, refused_ms, imported_ms = _figures(found.sums)
    return VideoFacts(
        key=video.key,
        title=video.title,
        duration_ms=watched.duration_ms,
        needed_ms=watched.needed_ms,
        covered_ms=covered_ms,
        watched_ms=watched_ms,
        paid_ms=paid_ms,
        refused_ms=refused_ms,
        imported_ms=imported_ms,
        lines=lines,
        last_line=max(map(_place, found.lines), default=None),
        evidence=watched.evidence,
        completed_at=int(watched.completed_at.timestamp() * 1000) if watched.completed_at else None,
        by_word=watched.completed_at is None,
    )


def _figures(sums: Sums) -> tuple[int, int, int, int, int, int]:
    return sums.lines, sums.covered_ms, sums.watched_ms, sums.paid_ms, sums.refused_ms, sums.imported_ms


def _place(line: Line) -> tuple[int, int]:
    return line.journal_id, line.idx


def explained_all(student: User, videos: Iterable[Video]) -> list[Explained]:
    """The videos must have their course at hand."""
    return [explained(student, video) for video in videos]
