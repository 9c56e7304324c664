"""Of whom and of which days a teacher asks: the filters over a video's figures."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from playhead.analytics.class_map import playbacks_of
from playhead.analytics.period import ALWAYS, Period
from playhead.analytics.playback_sums import PlaybackSums
from playhead.lms.models import Video
from playhead.lms.standings import viewers_of
from playhead.recorder.models import Progress

COHORTS: Final[dict[str, Any]] = {
    "all": _("everybody"),
    "done": _("who completed it"),
    "open": _("who began it and did not complete it"),
    "refused": _("of whom something was not credited"),
    "desktop": _("who watched on a computer"),
    "phone": _("who watched on a phone"),
    "tablet": _("who watched on a tablet"),
}
_BY_PROGRESS: Final[dict[str, dict[str, object]]] = {
    "done": {"completed_at__isnull": False},
    "open": {"completed_at__isnull": True, "covered_ms__gt": 0},
    "refused": {"refused_ms__gt": 0},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """`cohort` is one of COHORTS; `first` and `last` as they were typed."""

    cohort: str = "all"
    first: str = ""
    last: str = ""

    @property
    def period(self) -> Period:
        return Period.asked(self.first, self.last)

    @property
    def narrows(self) -> bool:
        return self.cohort != "all" or self.period != ALWAYS

    @property
    def choices(self) -> list[tuple[str, Any, bool]]:
        return [(name, words, name == self.cohort) for name, words in COHORTS.items()]


def asked(cohort: str, first: str, last: str) -> Asked:
    """What is none of ours asks for nothing."""
    return Asked(cohort if cohort in COHORTS else "all", first, last)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who it is: `students` by their keys, and `playbacks` of the days asked for, theirs alone."""

    students: frozenset[str]
    playbacks: Sequence[PlaybackSums]


def cohort_of(video: Video, question: Asked, students: Collection[str]) -> Cohort:
    """Of these students, those asked for; with days, those who opened the video in them."""
    found = playbacks_of(video.key, period=question.period)
    viewers = viewers_of(students)
    wanted = set(students)
    if question.cohort in _BY_PROGRESS:
        rows = Progress.objects.filter(video=video.key, **_BY_PROGRESS[question.cohort])
        wanted &= set(rows.values_list("viewer__key", flat=True))
    elif question.cohort != "all":
        wanted &= {viewers.get(one.viewer_id, "") for one in found if one.device == question.cohort}
    if question.period != ALWAYS:
        wanted &= {viewers.get(one.viewer_id, "") for one in found}
    playbacks = [one for one in found if question.cohort == "all" or viewers.get(one.viewer_id) in wanted]
    return Cohort(frozenset(wanted), playbacks)
