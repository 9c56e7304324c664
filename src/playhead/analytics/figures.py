"""Figures in Plotly's figure schema, as plain dicts: one function serves every page that shows a figure.

Their text comes translated from the caller's language; colours are those of watching, the same as on the section map.
Time axes hold ms of the video as Plotly's dates do, and read `1:02:45`. A figure brings no background of its own: the
page's shows.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from playhead.analytics.class_map import ClassMap, Histogram, retention

Figure = dict[str, Any]

WATCHED: Final = "#2f7fcb"
AGAIN: Final = "#0c3e73"
PAUSED: Final = "#bb5309"
_MUTED: Final = "#7a818b"
_GRID: Final = "rgba(122, 129, 139, 0.25)"
_TICK_STEPS_S: Final = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_MOST_TICKS: Final = 12
# Marks nobody sees keep the two zeros of a corner apart.
_APART: Final = {"ticks": "outside", "ticklen": 6, "tickcolor": "rgba(0,0,0,0)"}
_BARS_SEEN: Final = 300
_HOUR_S: Final = 3600


def class_map_figure(seconds: ClassMap) -> Figure:
    """Viewers and views of each second, and where people paused, on the video's time axis."""
    return plain_figure(
        [
            _area(seconds.views, name=_("views"), colour=AGAIN, dash="dot"),
            _area(seconds.viewers, name=_("viewers"), colour=WATCHED, fill=True),
            _bars(seconds.pauses, name=_("pauses"), colour=PAUSED),
        ],
        xaxis=_time_axis(seconds.seconds),
        yaxis=_count_axis(_("viewers and views")),
    )


def retention_figure(seconds: ClassMap, audience: int) -> Figure:
    """Which share of the audience saw each second, on the same axis as the class's map."""
    shares = [round(share, 1) for share in retention(seconds, audience)]
    return plain_figure(
        [_area(shares, name=_("of those who watched"), colour=WATCHED, fill=True, unit=" %")],
        xaxis=_time_axis(seconds.seconds),
        yaxis={**_axis(_("share, %")), "range": [0, 105]},
        showlegend=False,
    )


def percent_figure(histogram: Histogram) -> Figure:
    """How many students reached which share of the video."""
    labels = percent_labels(histogram)
    colours = ["#9aa1aa", *[WATCHED] * (len(labels) - 2), AGAIN]
    bars = {
        "type": "bar",
        "x": labels,
        "y": list(histogram.viewers),
        "marker": {"color": colours},
        "hovertemplate": "%{x}: %{y}<extra></extra>",
    }
    return plain_figure(
        [bars],
        xaxis={**_axis(""), "type": "category", "automargin": True},
        yaxis=_count_axis(_("students")),
        showlegend=False,
    )


def percent_labels(histogram: Histogram) -> list[str]:
    """The buckets in words."""
    return [_("not begun"), *(f"{edge}–{edge + 9} %" for edge in histogram.edges[1:-1]), "100 %"]


def events_figure(events: Mapping[str, int], *, most: int = 15) -> Figure:
    """The most frequent kinds of events, the most frequent on top."""
    listed = list(events.items())[:most][::-1]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [times for _name, times in listed],
        "y": [name for name, _times in listed],
        "marker": {"color": WATCHED},
        "hovertemplate": "%{y}: %{x}<extra></extra>",
    }
    return plain_figure([bars], xaxis=_count_axis(""), yaxis={**_axis(""), "automargin": True}, showlegend=False)


def clock(seconds: int) -> str:
    """`1:02:45`, or `2:45` below an hour."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _area(
    values: Sequence[float],
    *,
    name: str,
    colour: str,
    fill: bool = False,
    dash: str = "solid",
    unit: str = "",
) -> dict[str, Any]:
    """A value for each second. Where they lie follows from their number: that halves the page."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x0": 0,
        "dx": 1000,
        "y": list(values),
        "line": {"color": colour, "width": 1.5, "shape": "hv", "dash": dash},
        "fill": "tozeroy" if fill else "none",
        "hovertemplate": f"{_hovered(len(values))}: %{{y}}{unit} {name}<extra></extra>",
    }


def _hovered(seconds: int) -> str:
    """The place on the time axis, in Plotly's words, as `clock` would have it."""
    return "%{x|%-H:%M:%S}" if seconds >= _HOUR_S else "%{x|%-M:%S}"


def _bars(values: Sequence[int], *, name: str, colour: str) -> dict[str, Any]:
    """Only where there is something: most seconds have nothing."""
    some = [(at, value) for at, value in enumerate(values) if value]
    return {
        "type": "bar",
        "name": name,
        "x": [at * 1000 for at, _value in some],
        "y": [value for _at, value in some],
        "width": max(1000, len(values) * 1000 // _BARS_SEEN),  # narrower than that nobody sees it
        "marker": {"color": colour},
        "hovertemplate": f"{_hovered(len(values))}: %{{y}} {name}<extra></extra>",
    }


def _time_axis(seconds: int) -> dict[str, Any]:
    step = next((step for step in _TICK_STEPS_S if seconds <= step * _MOST_TICKS), _TICK_STEPS_S[-1])
    ticks = list(range(0, seconds + 1, step))
    texts = [clock(tick) for tick in ticks]
    return {
        **_axis(""),
        "type": "date",
        "range": [0, max(seconds, 1) * 1000],
        "tickmode": "array",
        "tickvals": [tick * 1000 for tick in ticks],
        "ticktext": texts,
    }


def _count_axis(title: str) -> dict[str, Any]:
    return {**_axis(title), "rangemode": "tozero", "tickformat": ",d"}


def _axis(title: str) -> dict[str, Any]:
    return {"title": {"text": title}, "gridcolor": _GRID, "zeroline": False, "fixedrange": True, **_APART}


def plain_figure(traces: list[dict[str, Any]], **layout: Any) -> Figure:
    """Traces in the layout that all figures share."""
    base = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": _MUTED, "size": 12},
        "margin": {"l": 48, "r": 8, "t": 8, "b": 32},
        "legend": {"orientation": "h", "y": 1.12},
        "hovermode": "closest",
        "dragmode": False,
    }
    return {"data": traces, "layout": base | layout}
