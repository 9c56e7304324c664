"""Figures of what pages told unverified: shares of events, and how far percents went."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from playhead.analytics.figures import AGAIN, PAUSED, WATCHED, Figure, plain_figure

_SHADES = (WATCHED, AGAIN, PAUSED, "#7a818b", "#9aa1aa")


def shares_figure(events: Mapping[str, int]) -> Figure:
    """A pie of events by name; the fifth slice holds all that are rarer."""
    listed = list(events.items())
    shown, rare = listed[:4], sum(times for _name, times in listed[4:])
    slices = [*shown, *([(_("others"), rare)] if rare else [])]
    pie = {
        "type": "pie",
        "labels": [name for name, _times in slices],
        "values": [times for _name, times in slices],
        "marker": {"colors": list(_SHADES[: len(slices)])},
        "textinfo": "label+percent",
        "sort": False,
        "hovertemplate": "%{label}: %{value}<extra></extra>",
    }
    return plain_figure([pie], showlegend=False)


def percents_figure(bins: Sequence[int]) -> Figure:
    """A histogram of the percents that events told, in bins of the same width."""
    step = 100 // len(bins)
    bars = {
        "type": "bar",
        "x": [f"{at * step}–{(at + 1) * step}" for at in range(len(bins))],
        "y": list(bins),
        "marker": {"color": WATCHED},
        "hovertemplate": "%{x} %: %{y}<extra></extra>",
    }
    return plain_figure([bars], showlegend=False)
