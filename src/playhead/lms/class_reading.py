"""What a class did with one video, as its page shows it: figures, each with the table that says the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playhead.analytics.class_map import (
    ClassMap,
    Histogram,
    Moment,
    class_map,
    event_distribution,
    moments,
    percent_histogram,
    retention,
)
from playhead.analytics.figures import (
    Figure,
    class_map_figure,
    events_figure,
    percent_figure,
    percent_labels,
    retention_figure,
)
from playhead.core.events import EVENTS
from playhead.lms.clock import clock
from playhead.lms.models import Video
from playhead.lms.stretch_map import class_section_map

# A table for people to read: the video in about this many parts.
PARTS: Final = 24
_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """`key` names it on the page; `rows` say in a table what the figure draws."""

    key: str
    title: str
    about: str
    figure: Figure
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @property
    def script_id(self) -> str:
        """Of the element that holds the figure as JSON."""
        return f"figure-{self.key}"


@dataclass(frozen=True, slots=True)
class ClassReading:
    """`imported` says that the seconds are those told by another system, because nobody has watched here yet."""

    audience: int
    seconds: ClassMap
    section_map: SafeString
    figures: Sequence[ShownFigure]
    moments: Sequence[Moment]
    imported: bool

    @property
    def moment_clocks(self) -> list[dict[str, Any]]:
        """Where they begin and end, in ms, and what happened there."""
        return [
            {
                "start_ms": moment.start_s * 1000,
                "end_ms": moment.end_s * 1000,
                "repeats": moment.repeats,
                "pauses": moment.pauses,
            }
            for moment in self.moments
        ]


def class_reading(video: Video, *, students: Collection[str], started: int) -> ClassReading:
    """`students` are the keys of those enrolled, `started` how many of them have begun."""
    seconds = class_map(video.key, duration_ms=video.duration_ms)
    imported = not any(seconds.views) and any(seconds.imported_views)
    if imported:
        seconds = replace(seconds, viewers=seconds.imported_viewers, views=seconds.imported_views)
    # Whoever watched and has left the course since is in the seconds, too.
    audience = max(started, seconds.most_viewers)
    figures = [
        _seconds_figure(seconds),
        _retention_figure(seconds, audience),
        _percent_figure(percent_histogram(video.key, students)),
        _events_figure(event_distribution(video.key)),
    ]
    drawn = class_section_map(seconds.viewers, seconds.views, audience) if any(seconds.views) else SafeString("")
    return ClassReading(audience, seconds, drawn, figures, moments(seconds), imported)


def _seconds_figure(seconds: ClassMap) -> ShownFigure:
    rows = [
        [_span(part), max(seconds.viewers[part]), max(seconds.views[part]), sum(seconds.pauses[part])]
        for part in _parts(seconds.seconds)
    ]
    return ShownFigure(
        "seconds",
        _("Viewers and views"),
        _("How many students saw each second, how often it was seen, and where they paused."),
        class_map_figure(seconds),
        [_("Part"), _("Viewers, at most"), _("Views, at most"), _("Pauses")],
        rows,
    )


def _retention_figure(seconds: ClassMap, audience: int) -> ShownFigure:
    shares = retention(seconds, audience)
    rows = [[_span(part), _percent(min(shares[part])), _percent(max(shares[part]))] for part in _parts(seconds.seconds)]
    return ShownFigure(
        "retention",
        _("Retention"),
        _("Which share of those who watched saw each second."),
        retention_figure(seconds, audience),
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


def _percent(share: float) -> str:
    return _("%(number)d %%") % {"number": int(share)}
