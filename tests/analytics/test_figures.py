"""Every figure is one that Plotly's own schema accepts, and says what it was given."""

import json
from typing import Any

import plotly.graph_objects as go
import pytest

from playhead.analytics.class_map import ClassMap, Histogram, retention
from playhead.analytics.figures import (
    buckets_figure,
    class_map_figure,
    clock,
    compared_figure,
    events_figure,
    named_counts_figure,
    percent_figure,
    retention_figure,
    speeds_figure,
    waits_figure,
)

SECONDS = ClassMap(
    viewers=[2, 2, 1],
    views=[2, 3, 1],
    pauses=[0, 1, 0],
    imported_viewers=[0, 0, 0],
    imported_views=[0, 0, 0],
    faster=[0, 4, 0],
    slower=[0, 1, 2],
    waits=[3, 0, 0],
)
NOTHING = ClassMap(viewers=[], views=[], pauses=[], imported_viewers=[], imported_views=[])
HISTOGRAM = Histogram((0, *range(0, 100, 10), 100), (3, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 7))

FIGURES = {
    "class map": class_map_figure(SECONDS),
    "class map of nothing": class_map_figure(NOTHING),
    "retention": retention_figure(SECONDS, 2),
    "retention of nobody": retention_figure(NOTHING, 0),
    "percent": percent_figure(HISTOGRAM),
    "events": events_figure({"play": 3, "pause": 2}),
    "no events": events_figure({}),
    "retention, where many leave": retention_figure(SECONDS, 2, [1]),
    "speeds": speeds_figure(SECONDS),
    "speeds of nothing": speeds_figure(NOTHING),
    "waits": waits_figure(SECONDS),
    "devices": named_counts_figure([("phone", 3), ("computer", 2)], unit="playbacks"),
    "no devices": named_counts_figure([], unit="playbacks"),
    "starts": buckets_figure([("< 0.5", 3), ("> 8", 1)], unit="playbacks", title="seconds"),
    "compared": compared_figure(("one", [100.0, 50.0]), ("other", [90.0, 0.0]), parts=2),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_takes_it(name: str) -> None:
    figure = FIGURES[name]
    assert go.Figure(figure).to_plotly_json()["data"] is not None
    assert json.loads(json.dumps(figure)) == figure


@pytest.mark.parametrize("planted", [{"type": "bar", "colour": "red"}, {"type": "heatmop"}])
def test_plotly_would_notice(planted: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        go.Figure({"data": [planted]})


def test_they_say_what_they_were_given() -> None:
    views, viewers, pauses = FIGURES["class map"]["data"]
    assert (viewers["y"], views["y"]) == ([2, 2, 1], [2, 3, 1])
    assert (views["x0"], views["dx"]) == (0, 1000)
    assert (pauses["x"], pauses["y"]) == ([1000], [1])
    assert FIGURES["retention"]["data"][0]["y"] == retention(SECONDS, 2) == [100.0, 100.0, 50.0]
    assert FIGURES["percent"]["data"][0]["y"][-1] == 7
    assert FIGURES["events"]["data"][0]["y"] == ["pause", "play"]
    faster, slower = FIGURES["speeds"]["data"]
    assert (faster["x"], faster["y"], slower["x"], slower["y"]) == ([1000], [4], [1000, 2000], [-1, -2])
    assert slower["customdata"] == [1, 2]
    assert FIGURES["waits"]["data"][0]["y"] == [3]
    assert FIGURES["retention, where many leave"]["data"][1]["y"] == [100.0]
    assert FIGURES["devices"]["data"][0]["y"] == ["computer", "phone"]
    assert FIGURES["starts"]["data"][0]["y"] == [3, 1]
    assert [trace["y"] for trace in FIGURES["compared"]["data"]] == [[100.0, 50.0], [90.0, 0.0]]


def test_time_axes_read_as_clocks() -> None:
    long = ClassMap(viewers=[1] * 4000, views=[1] * 4000, pauses=[0] * 4000, imported_viewers=[], imported_views=[])
    axis = class_map_figure(long)["layout"]["xaxis"]
    assert axis["ticktext"][:3] == ["0:00", "10:00", "20:00"]
    assert axis["tickvals"][:3] == [0, 600_000, 1_200_000]
    assert axis["ticktext"][-1] == "1:00:00"
    assert [clock(seconds) for seconds in (0, 59, 3_765)] == ["0:00", "0:59", "1:02:45"]
