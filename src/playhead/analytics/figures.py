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
_FEW: Final = 6
"""Up to so many are counted one by one: between whole numbers an axis would repeat itself."""
_MARGIN: Final = {"l": 48, "r": 8, "t": 8, "b": 32}
_TITLED: Final = {**_MARGIN, "b": 52}
"""With room for the title of the axis below."""
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


def retention_figure(seconds: ClassMap, audience: int, leaving: Sequence[int] = ()) -> Figure:
    """Which share of the audience saw each second, on the same axis as the class's map; the seconds at which many left
    are marked."""
    exact = retention(seconds, audience)
    rounded = {share: round(share, 1) for share in set(exact)}
    shares = [rounded[share] for share in exact]
    traces = [_area(shares, name=_("of those who watched"), colour=WATCHED, fill=True, unit=" %")]
    if leaving:
        traces.append(_marks([(at, shares[at]) for at in leaving], name=_("many leave"), seconds=seconds.seconds))
    return plain_figure(
        traces,
        xaxis=_time_axis(seconds.seconds),
        yaxis={**_axis(_("share, %")), "range": [0, 105]},
        showlegend=bool(leaving),
    )


def speeds_figure(seconds: ClassMap) -> Figure:
    """Where viewers chose a higher speed, upwards, and a lower one, downwards."""
    slower = [-times for times in seconds.slower]
    return plain_figure(
        [
            _bars(seconds.faster, name=_("faster"), colour=WATCHED),
            {**_bars(slower, name=_("slower"), colour=PAUSED), **_hanging(slower, _("slower"))},
        ],
        xaxis=_time_axis(seconds.seconds),
        yaxis={**_axis(_("times")), "zeroline": True, "zerolinecolor": _MUTED, "rangemode": "normal"},
        barmode="relative",
    )


def waits_figure(seconds: ClassMap) -> Figure:
    """Where playing had to wait for data."""
    return plain_figure(
        [_bars(seconds.waits, name=_("waits"), colour=PAUSED)],
        xaxis=_time_axis(seconds.seconds),
        yaxis={**_count_axis(_("waits")), **({"dtick": 1} if max(seconds.waits, default=0) <= _FEW else {})},
        showlegend=False,
    )


def named_counts_figure(counted: Sequence[tuple[str, int]], *, unit: str) -> Figure:
    """Bars that lie, the first on top, each with its name."""
    listed = list(counted)[::-1]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [times for _name, times in listed],
        "y": [name for name, _times in listed],
        "marker": {"color": WATCHED},
        "hovertemplate": f"%{{y}}: %{{x}} {unit}<extra></extra>",
    }
    return plain_figure(
        [bars],
        xaxis=_count_axis(unit),
        yaxis={**_axis(""), "type": "category", "automargin": True},
        showlegend=False,
        margin=_TITLED,
    )


def buckets_figure(counted: Sequence[tuple[str, int]], *, unit: str, title: str) -> Figure:
    """Bars that stand, in their order: how many there are in each bucket. `title` says what the buckets are of."""
    bars = {
        "type": "bar",
        "x": [name for name, _times in counted],
        "y": [times for _name, times in counted],
        "marker": {"color": WATCHED},
        "hovertemplate": f"%{{x}}: %{{y}} {unit}<extra></extra>",
    }
    return plain_figure(
        [bars],
        xaxis={**_axis(title), "type": "category"},
        yaxis=_count_axis(unit),
        showlegend=False,
        margin=_TITLED,
    )


def compared_figure(one: tuple[str, Sequence[float]], other: tuple[str, Sequence[float]], *, parts: int) -> Figure:
    """The retention of two videos, each with its name, by share of their length: they may not be equally long."""
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x0": 0,
            "dx": 100 / parts,
            "y": [round(share, 1) for share in shares],
            "line": {"color": colour, "width": 2, "dash": dash},
            "hovertemplate": "%{x:.0f} %: %{y} %<extra></extra>",
        }
        for (name, shares), colour, dash in zip((one, other), (WATCHED, PAUSED), ("solid", "dash"), strict=True)
    ]
    return plain_figure(
        traces,
        xaxis={**_axis(_("share of the length, %")), "range": [0, 100]},
        yaxis={**_axis(_("share of those who watched, %")), "range": [0, 105]},
        margin=_TITLED,
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


def _marks(places: Sequence[tuple[int, float]], *, name: str, seconds: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [at * 1000 for at, _value in places],
        "y": [value for _at, value in places],
        "marker": {"color": PAUSED, "size": 11, "symbol": "triangle-down"},
        "hovertemplate": f"{_hovered(seconds)}: %{{y}} %, {name}<extra></extra>",
    }


def _hovered(seconds: int) -> str:
    """The place on the time axis, in Plotly's words, as `clock` would have it."""
    return "%{x|%-H:%M:%S}" if seconds >= _HOUR_S else "%{x|%-M:%S}"


def _bars(values: Sequence[int], *, name: str, colour: str) -> dict[str, Any]:
    """Only where there is something: most seconds have nothing."""
    places = [at for at, value in enumerate(values) if value]
    return {
        "type": "bar",
        "name": name,
        "x": [at * 1000 for at in places],
        "y": [values[at] for at in places],
        "width": max(1000, len(values) * 1000 // _BARS_SEEN),  # narrower than that nobody sees it
        "marker": {"color": colour},
        "hovertemplate": f"{_hovered(len(values))}: %{{y}} {name}<extra></extra>",
    }


def _hanging(values: Sequence[int], name: str) -> dict[str, Any]:
    """Of bars that hang down: the number is told without its sign."""
    return {
        "customdata": [abs(value) for value in values if value],
        "hovertemplate": f"{_hovered(len(values))}: %{{customdata}} {name}<extra></extra>",
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
        "margin": _MARGIN,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "closest",
        "dragmode": False,
    }
    return {"data": traces, "layout": base | layout}
