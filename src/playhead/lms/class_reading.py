"""What a class did with one video, as its page shows it: figures, each with the table that says the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playhead.analytics.class_map import (
    ClassMap,
    Histogram,
    class_map,
    event_distribution,
    percent_histogram,
    retention,
)
from playhead.analytics.cohort import cohort_map
from playhead.analytics.figures import (
    class_map_figure,
    events_figure,
    percent_figure,
    percent_labels,
    retention_figure,
)
from playhead.analytics.stretches import leavings
from playhead.core.events import EVENTS
from playhead.lms import breakdowns
from playhead.lms.clock import clock
from playhead.lms.cohorts import Asked, Cohort, cohort_of
from playhead.lms.insights import Stretch, stretches_of
from playhead.lms.models import Video
from playhead.lms.shown_figure import ShownFigure, share
from playhead.lms.stretch_map import class_section_map
from playhead.recorder.models import Progress

# A table for people to read: the video in about this many parts.
PARTS: Final = 24
_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


EVERYBODY: Final = Asked()


@dataclass(frozen=True, slots=True)
class ClassReading:
    """`audience` is of how many the shares are. `imported` says that the seconds are those told by another system,
    because nobody has watched here yet. `stretches` are what stands out among all, whoever was asked for."""

    audience: int
    seconds: ClassMap
    section_map: SafeString
    figures: Sequence[ShownFigure]
    stretches: Sequence[Stretch]
    imported: bool
    asked: Asked = field(default=EVERYBODY)


def class_reading(video: Video, *, students: Collection[str], started: int, asked: Asked = EVERYBODY) -> ClassReading:
    """`students` are the keys of those enrolled, `started` how many of them have begun."""
    everybody = class_map(video.key, duration_ms=video.duration_ms)
    imported = not any(everybody.views) and any(everybody.imported_views)
    cohort = cohort_of(video, asked, students)
    if imported:
        everybody = replace(everybody, viewers=everybody.imported_viewers, views=everybody.imported_views)
    kept = _kept(video, asked, cohort, everybody)
    seconds = kept if asked.cohort != "all" else _seconds(video, asked, everybody)
    # Whoever watched and has left the course since is in the seconds, too.
    audience = max(started, kept.most_viewers) if not asked.narrows else _begun(video, cohort)
    figures = [
        _seconds_figure(seconds, asked),
        _retention_figure(kept, audience),
        _percent_figure(percent_histogram(video.key, cohort.students)),
        breakdowns.startup(cohort.playbacks),
    ]
    if asked.cohort == "all":  # of whom these are is not kept
        figures += [
            breakdowns.speeds(seconds),
            breakdowns.waits(seconds, cohort.playbacks),
            _events_figure(event_distribution(video.key, period=asked.period)),
        ]
    figures += breakdowns.environments(cohort.playbacks)
    is_seen = any(kept.views) or any(seconds.views)
    drawn = class_section_map(kept.viewers, kept.views, audience) if is_seen else SafeString("")
    return ClassReading(audience, seconds, drawn, figures, stretches_of(video, everybody), imported, asked)


def _seconds(video: Video, asked: Asked, everybody: ClassMap) -> ClassMap:
    """What happened in the days asked for."""
    return class_map(video.key, duration_ms=video.duration_ms, period=asked.period) if asked.narrows else everybody


def _kept(video: Video, asked: Asked, cohort: Cohort, everybody: ClassMap) -> ClassMap:
    """What those asked for have seen, whenever that was."""
    return cohort_map(video.key, cohort.students, duration_ms=video.duration_ms) if asked.narrows else everybody


def _begun(video: Video, cohort: Cohort) -> int:
    rows = Progress.objects.filter(video=video.key, viewer__key__in=cohort.students)
    return rows.filter(covered_ms__gt=0).count()


def _seconds_figure(seconds: ClassMap, asked: Asked) -> ShownFigure:
    about = _("How many students saw each second, how often it was seen, and where they paused.")
    if asked.cohort != "all":
        about = _("How many of these students saw each second; the dotted line adds those who saw it more than once.")
    elif asked.narrows:
        about = _("In these days: how many saw each second for the first time, how often it was seen, and the pauses.")

    rows = [
        [_span(part), max(seconds.viewers[part]), max(seconds.views[part]), sum(seconds.pauses[part])]
        for part in _parts(seconds.seconds)
    ]
    return ShownFigure(
        "seconds",
        _("Viewers and views"),
        about,
        class_map_figure(seconds),
        [_("Part"), _("Viewers, at most"), _("Views, at most"), _("Pauses")],
        rows,
    )


def _retention_figure(seconds: ClassMap, audience: int) -> ShownFigure:
    shares = retention(seconds, audience)
    rows = [[_span(part), share(min(shares[part])), share(max(shares[part]))] for part in _parts(seconds.seconds)]
    leaving = [one.start_s for one in leavings(seconds)]
    return ShownFigure(
        "retention",
        _("Retention"),
        _("Which share of those who watched saw each second. A triangle marks where at least a fifth of them left."),
        retention_figure(seconds, audience, leaving),
        [_("Part"), _("At least"), _("At most")],
        rows,
    )


def _percent_figure(histogram: Histogram) -> ShownFigure:
    rows = list(zip(percent_labels(histogram), histogram.viewers, strict=True))
    return ShownFigure(
        "percent",
        _("Percent completed"),
        _("How many students reached which share of the video."),
        percent_figure(histogram),
        [_("Share"), _("Students")],
        rows,
    )


def _events_figure(events: Mapping[str, int]) -> ShownFigure:
    rows = [[name, times, EVENTS[name].meaning if name in EVENTS else ""] for name, times in events.items()]
    return ShownFigure(
        "events",
        _("Events"),
        _("What the players told, the most frequent first."),
        events_figure(events),
        [_("Event"), _("Times"), _("Meaning")],
        rows,
    )


def _parts(seconds: int) -> list[slice]:
    """The video in at most `PARTS` parts of a round length."""
    step = next((step for step in _STEPS_S if seconds <= step * PARTS), _STEPS_S[-1])
    return [slice(at, min(at + step, seconds)) for at in range(0, seconds, step)]


def _span(part: slice) -> str:
    return f"{clock(part.start * 1000)}–{clock(part.stop * 1000)}"
