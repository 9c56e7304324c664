"""How playing a video went, as its page shows it: the start, waiting for data, speeds, and on what it was watched."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playhead.analytics.class_map import ClassMap
from playhead.analytics.figures import buckets_figure, named_counts_figure, speeds_figure, waits_figure
from playhead.analytics.playback_sums import PlaybackSums
from playhead.analytics.quality import ASPECTS, Quality, Starts, by, quality, starts
from playhead.lms import words
from playhead.lms.clock import clock
from playhead.lms.shown_figure import ShownFigure

_WINDOW_S: Final = 10


def speeds(seconds: ClassMap) -> ShownFigure:
    return ShownFigure(
        "speeds",
        _("Changes of speed"),
        _("Where students chose a higher speed than before, upwards, and a lower one, downwards."),
        speeds_figure(seconds),
        [_("Part"), _("Faster"), _("Slower")],
        _windows(seconds.faster, seconds.slower),
    )


def waits(seconds: ClassMap, playbacks: Sequence[PlaybackSums]) -> ShownFigure:
    went = quality(playbacks)
    told = ngettext("Playing had to wait for data %(n)d time", "Playing had to wait for data %(n)d times", went.waits)
    said = [told % {"n": went.waits}]
    if went.waits_an_hour is not None:
        said.append(_("%(n).1f times in an hour of playing") % {"n": went.waits_an_hour})
    if went.waits:
        said.append(_("%(s).1f s each on average") % {"s": went.waited_ms / went.waits / 1000})
    return ShownFigure(
        "waits",
        _("Waiting for data"),
        ", ".join(said) + ".",
        waits_figure(seconds),
        [_("Part"), _("Waits")],
        _windows(seconds.waits),
    )


def startup(playbacks: Sequence[PlaybackSums]) -> ShownFigure:
    went, begun = quality(playbacks), starts(playbacks)
    about = _("How long it took from pressing play to the first picture that moved.")
    if went.startup_ms is not None and went.slow_startup_ms is not None:
        told = _("Half started within %(half)s, one in ten took more than %(slow)s.")
        about += " " + told % {"half": _seconds(went.startup_ms), "slow": _seconds(went.slow_startup_ms)}
    counted = list(zip(_bounds(begun), begun.counts, strict=True))
    return ShownFigure(
        "startup",
        _("Start-up time"),
        about,
        buckets_figure(counted, unit=_("playbacks"), title=_("seconds until the first picture")),
        [_("Seconds"), _("Playbacks")],
        counted,
    )


def environments(playbacks: Sequence[PlaybackSums]) -> list[ShownFigure]:
    """One for each aspect of which anything is known."""
    return [_environment(aspect, playbacks) for aspect in ASPECTS if any(getattr(one, aspect) for one in playbacks)]


def _environment(aspect: str, playbacks: Sequence[PlaybackSums]) -> ShownFigure:
    titles = {
        "device": _("Devices"),
        "browser": _("Browsers"),
        "os": _("Operating systems"),
        "network": _("Networks"),
        "country": _("Countries"),
    }
    groups = [(_named(aspect, name), group) for name, group in by(aspect, playbacks)]
    return ShownFigure(
        aspect,
        titles[aspect],
        _("Playbacks, by what they were opened on; the table tells how playing went on each."),
        named_counts_figure([(name, group.playbacks) for name, group in groups], unit=_("playbacks")),
        [titles[aspect], _("Playbacks"), _("People"), _("Watched"), _("Start, median"), _("Waits an hour")],
        [[name, *_quality_cells(group)] for name, group in groups],
    )


def _named(aspect: str, name: str) -> str:
    if not name:
        return _("not known")
    return words.device(name) if aspect == "device" else name


def _quality_cells(group: Quality) -> list[Any]:
    start = "–" if group.startup_ms is None else _seconds(group.startup_ms)
    waited = "–" if group.waits_an_hour is None else f"{group.waits_an_hour:.1f}"
    return [group.playbacks, group.viewers, clock(group.watched_ms), start, waited]


def _windows(*measures: Sequence[int]) -> list[list[Any]]:
    """Sums over ten seconds each, of those with anything."""
    rows = []
    for at in range(0, len(measures[0]), _WINDOW_S):
        sums = [sum(measure[at : at + _WINDOW_S]) for measure in measures]
        if any(sums):
            rows.append([f"{clock(at * 1000)}–{clock((at + _WINDOW_S) * 1000)}", *sums])
    return rows


def _bounds(begun: Starts) -> list[str]:
    edges = [f"{edge / 1000:g}" for edge in begun.edges_ms]
    between = [f"{low}–{high}" for low, high in pairwise(edges)]
    return [f"< {edges[0]}", *between, f"> {edges[-1]}"]


def _seconds(ms: int) -> str:
    return _("%(s).1f s") % {"s": ms / 1000}
