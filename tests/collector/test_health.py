"""/healthz, /readyz and /metrics: alive, ready, and what has been counted."""

import re
from typing import Any

import pytest

from playhead.collector.app import Collector
from playhead.collector.health import Health
from playhead.collector.metrics import Metrics
from playhead.recorder.counts import Histogram
from tests.world import KEYS, World, section

HERE, ELSEWHERE = ("127.0.0.1", 4000), ("192.0.2.7", 4000)
PROXIED = [(b"x-forwarded-for", b"198.51.100.1")]


@pytest.fixture
def metrics(world: World) -> Metrics:
    counted = Metrics()
    world.collector = Collector(world.recorder, KEYS, counted)
    return counted


def ask(world: World, metrics: Metrics, path: str, **scope: Any) -> tuple[int, str]:
    """Status and text, as somebody on this machine gets them."""
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        raise AssertionError("nobody needs the body")

    asked = {"type": "http", "method": "GET", "path": path, "headers": [], "client": HERE} | scope
    world.wait_for(Health(world.recorder, metrics)(asked, receive, send))
    return messages[0]["status"], messages[1]["body"].decode()


def value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found is not None, name
    return float(found[1])


def test_it_works(world: World, metrics: Metrics) -> None:
    opening = world.open()
    world.play(opening, 10_000, 0)
    world.post(opening.ticket, opening.sent[0])
    world.send(opening, section(-1, 10, 0, 11))
    world.request(b"nonsense")
    status, text = ask(world, metrics, "/metrics")
    assert status == 200
    assert value(text, 'playhead_batches_total{status="recorded"}') == 2
    assert value(text, 'playhead_batches_total{status="duplicate"}') == 1
    assert value(text, 'playhead_batches_refused_total{code="batch_invalid"}') == 1
    assert value(text, 'playhead_refused_milliseconds_total{reason="before_open"}') == 11
    assert value(text, "playhead_credited_milliseconds_total") == 10_000
    assert value(text, "playhead_group_operations_sum") == 4
    assert value(text, 'playhead_commit_seconds_bucket{le="+Inf"}') == value(text, "playhead_commit_seconds_count") == 4
    assert value(text, "playhead_queue_operations") == 0
    assert value(text, "playhead_recorder_up") == value(text, "playhead_storage_up") == 1
    assert text.endswith("# EOF\n")


def test_nobody_is_named(world: World, metrics: Metrics) -> None:
    opening = world.open(viewer="u_bob", video="v_film")
    world.play(opening, 10_000, 0)
    _status, text = ask(world, metrics, "/metrics")
    assert not {opening.viewer, opening.video, opening.playback} & set(re.findall(r"\w+", text))


@pytest.mark.parametrize("scope", [{"client": ELSEWHERE}, {"headers": PROXIED}, {"client": None}])
def test_figures_stay_on_this_machine(world: World, metrics: Metrics, scope: dict[str, Any]) -> None:
    assert ask(world, metrics, "/metrics", **scope)[0] == 404
    assert ask(world, metrics, "/healthz", **scope) == (200, "ok\n")


def test_ready_until_the_recorder_stops(world: World, metrics: Metrics) -> None:
    assert ask(world, metrics, "/readyz") == (200, "ok\n")
    world.recorder.stop()
    status, text = ask(world, metrics, "/readyz")
    assert status == 503
    assert "not_recording" in text
    assert ask(world, metrics, "/healthz")[0] == 200


def test_not_ready_while_the_storage_refuses(world: World, metrics: Metrics) -> None:
    world.recorder.counts.group(1, 0.1, "storage_full")
    assert (ask(world, metrics, "/readyz")[0], "storage_full" in ask(world, metrics, "/readyz")[1]) == (503, True)
    world.play(world.open(), 10_000, 0)
    assert ask(world, metrics, "/readyz")[0] == 200


def test_not_ready_while_the_queue_is_full(world: World, metrics: Metrics) -> None:
    world.recorder.queue = 0
    assert ask(world, metrics, "/readyz")[0] == 503


def test_only_reading(world: World, metrics: Metrics) -> None:
    assert ask(world, metrics, "/metrics", method="POST")[0] == 405


def test_a_histogram_counts_what_is_at_most_each_bound() -> None:
    histogram = Histogram((1, 10))
    for at in (0.5, 1, 2, 10, 11):
        histogram.add(at)
    assert histogram.cumulative() == [2, 4, 5]
    assert histogram.total == 24.5
