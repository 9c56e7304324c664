"""The load generator itself: it claims what a viewer may claim, and notices what a server gets wrong."""

from pathlib import Path

import pytest

from bench.load.clients import Answer, parse
from bench.load.truth import compare
from bench.load.viewers import Seat, Viewer
from tests.world import START_MS, HandClock, World


@pytest.fixture
def viewer(clock: HandClock) -> Viewer:
    """Ten seconds of video, begun three seconds before its end."""
    return Viewer(Seat("u_bob", "v_film", "p_1", "ticket", START_MS, 10_000, 7_000), clock)


def answer(status: str, credited_ms: int) -> Answer:
    return Answer(200, b"", b'{"seq":0,"status":"%s","credited_ms":%d,"x":0}' % (status.encode(), credited_ms))


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Len", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200),
    ],
)
def test_answers_are_cut_out_of_the_stream(received: bytes, status: int | None) -> None:
    found = parse(received)
    assert (found and found.status) == status


def test_a_viewer_claims_the_time_that_went_by_and_goes_round_at_the_end(viewer: Viewer, clock: HandClock) -> None:
    clock.forward(2_000)
    assert b'"t0":0,"t1":2000,"m0":7000,"m1":9000' in viewer.request()
    assert viewer.answered(answer("recorded", 2_000))
    clock.forward(5_000)
    assert b'"t0":2000,"t1":3000,"m0":9000,"m1":10000' in viewer.request()
    viewer.answered(answer("recorded", 1_000))
    clock.forward(5_000)
    assert b'"t0":7000,"t1":12000,"m0":0,"m1":5000' in viewer.request()
    viewer.answered(answer("recorded", 5_000))
    assert viewer.covered.pairs() == [(0, 5_000), (7_000, 10_000)]
    assert (viewer.watched_ms, viewer.complaints) == (8_000, [])


def test_a_batch_is_sent_again_until_it_is_acknowledged(viewer: Viewer, clock: HandClock) -> None:
    clock.forward(2_000)
    first = viewer.request()
    assert not viewer.answered(Answer(503, b"", b""))
    clock.forward(2_000)
    assert viewer.request() == first
    assert viewer.answered(answer("duplicate", 2_000))
    assert (viewer.acknowledged, viewer.duplicates, viewer.waits) == (1, 1, False)


@pytest.mark.parametrize(("status", "credited_ms"), [("duplicate", 2_000), ("recorded", 1_999)])
def test_an_answer_that_cannot_be_is_complained_about(
    viewer: Viewer, clock: HandClock, status: str, credited_ms: int
) -> None:
    clock.forward(2_000)
    viewer.request()
    viewer.answered(answer(status, credited_ms))
    assert len(viewer.complaints) == 1


def test_the_truth_is_compared_with_what_is_stored(tracking_file: Path) -> None:
    with World(str(tracking_file)) as world:
        opening = world.open("u_bob", "v_film", duration_ms=10_000)
        world.play(opening, 2_000, 7_000)
        seat = Seat("u_bob", "v_film", opening.playback, opening.ticket, opening.opened_at, 10_000, 7_000)
        viewer = Viewer(seat, world.clock)
        viewer.acknowledged, viewer.watched_ms = 1, 2_000
        assert compare(str(tracking_file), [viewer]).holds
        viewer.acknowledged = 2
        assert compare(str(tracking_file), [viewer]).missing == 1
        viewer.acknowledged, viewer.watched_ms = 0, 0
        truth = compare(str(tracking_file), [viewer])
        assert (truth.missing, truth.doubled, truth.differing) == (0, 1, 1)
