"""What the listeners of a playback are told, and when: at an interval, and at once when playing stops."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from playhead.core import limits
from playhead.core.credit import Line
from playhead.core.sections import EMPTY
from playhead.recorder.batches import Batch, parse_batch
from playhead.recorder.listeners import Listeners
from playhead.recorder.outbox import Message, message
from playhead.recorder.state import Playback, Progress

# Why a message leaves before its interval is over, most telling first: events, and the ends of sections.
_AT_ONCE: Final = {"pagehide": "closed", "ended": "ended", "pause": "pause", "seeking": "seek"}


class Before(NamedTuple):
    """What a batch or an opening may change, as it was: taken first, so that a change is told once."""

    first_credit_at: int | None
    completed_at: int | None


def after_batch(
    before: Before,
    viewer: str,
    playback: Playback,
    progress: Progress,
    lines: Sequence[Line],
    *,
    body: bytes,
    received_at: int,
) -> list[Message]:
    """The messages that a batch makes due. Changes what the playback remembers as told."""
    telling = _Telling(viewer, playback, progress, received_at)
    told: list[Message] = []
    _note(playback.listeners, lines)
    if before.first_credit_at is None and playback.first_credit_at is not None:
        first = next(line for line in lines if line.credit)
        playback.listeners.reported_at = min(received_at, playback.opened_at + first.claim.t0)
        told.append(telling.started(first.credit.bounds[0]))
    completed = before.completed_at is None and progress.completed_at is not None
    if because := _due(playback, parse_batch(body), completed=completed, received_at=received_at):
        told += telling.updates(because, rate=lines[-1].claim.rate if lines else limits.RATE_NORMAL)
    if completed:
        told.append(telling.completed())
    return told


def after_opening(before: Before, viewer: str, playback: Playback, progress: Progress) -> list[Message]:
    """A lower share, or another length, can complete a video without another second of it."""
    if before.completed_at is None and progress.completed_at is not None:
        return [_Telling(viewer, playback, progress, playback.opened_at).completed()]
    return []


def after_closing(viewer: str, playback: Playback, progress: Progress, *, closed_at: int) -> list[Message]:
    """What was not told yet, when no batch may follow."""
    return list(_Telling(viewer, playback, progress, closed_at).updates("closed", rate=limits.RATE_NORMAL))


def _note(heard: Listeners, lines: Sequence[Line]) -> None:
    """Remember what was credited: the current section, which ends where playing jumped, and what was new."""
    for line in lines:
        if line.fresh:
            heard.untold = heard.untold | line.fresh
        for start, end in line.credit.pairs():
            follows = heard.section is not None and abs(start - heard.section[1]) <= limits.SECTION_GAP_MS
            heard.section = (heard.section[0], end) if heard.section and follows else (start, end)


def _due(playback: Playback, batch: Batch, *, completed: bool, received_at: int) -> str | None:
    """Why the listeners hear of it now; None: not yet, or there is nothing new to hear."""
    heard = playback.listeners
    assert heard.progress_every_s is not None
    if not heard.has_news:
        return None
    if completed:
        return "completed"
    seen = {section.end for section in batch.sections} | {type(event).__struct_config__.tag for event in batch.events}
    for name, because in _AT_ONCE.items():
        if name in seen:
            return because
    since_ms = received_at - (playback.opened_at if heard.reported_at is None else heard.reported_at)
    return "interval" if since_ms >= heard.progress_every_s * 1000 - limits.REPORT_EARLY_MS else None


@dataclass(frozen=True, slots=True)
class _Telling:
    viewer: str
    playback: Playback
    progress: Progress
    at: int

    def started(self, start_ms: int) -> Message:
        environment = json.loads(self.playback.listeners.environment or "{}")
        return self._message("playback.started", {"start_ms": start_ms, "environment": environment, **self._stand()})

    def updates(self, because: str, *, rate: int) -> Iterator[Message]:
        """One message; more where a queue that waited brought more new sections than one may hold."""
        playback = self.playback
        if not playback.listeners.has_news:
            return
        section = playback.listeners.section
        told = {"because": because, "section": None if section is None else list(section), "rate": rate}
        new = playback.listeners.untold.pairs()
        for start in range(0, len(new), limits.SECTIONS_PER_MESSAGE) or (0,):
            some = [list(pair) for pair in new[start : start + limits.SECTIONS_PER_MESSAGE]]
            yield self._message("progress.updated", {**told, "new_sections": some, **self._stand()})
        playback.listeners.reported_at, playback.listeners.untold = self.at, EMPTY
        if section is not None:
            playback.listeners.section = (section[1], section[1])  # what follows on from here is the next message's

    def completed(self) -> Message:
        return self._message("video.completed", {"completed_at": self.progress.completed_at, **self._stand()})

    def _stand(self) -> dict[str, Any]:
        progress = self.progress
        return {
            "position_ms": progress.position_ms,
            "duration_ms": progress.duration_ms,
            **progress.standing()._asdict(),
            "evidence": progress.evidence or self.playback.evidence,
        }

    def _message(self, type: str, more: dict[str, Any]) -> Message:
        playback = self.playback
        about = {
            "integration": playback.listeners.integration,
            "viewer": {"key": self.viewer, "external_id": playback.listeners.external_viewer or None},
            "video": playback.video,
            "playback": playback.key,
            "opened_at": playback.opened_at,
        }
        return message(
            type,
            about | more,
            at=self.at,
            organisation_id=playback.organisation_id,
            integration=playback.listeners.integration,
            viewer=self.viewer,
        )
