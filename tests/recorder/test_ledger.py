"""The lines behind a number: all of them, in their order, and nothing of anybody else's."""

import pytest

from playhead.core.credit import Claim
from playhead.core.tickets import verify
from playhead.recorder import service
from playhead.recorder.ledger import lines_of, sums_of
from playhead.recorder.models import Progress, Viewer
from playhead.recorder.operations import RecordBatch
from playhead.recorder.policy import Policy
from playhead.recorder.recorder import Recorder
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def _open(viewer: str = "bob", video: str = "film") -> service.Opening:
    return service.open_playback(viewer=viewer, video=video, duration_ms=60_000, policy=Policy(), session=None)


def _claim(recorder: Recorder, opening: service.Opening, seq: int, *claims: Claim) -> None:
    ticket = verify(opening.ticket, keys=service.ticket_keys(), now_s=recorder.now_ms() // 1000)
    body = f"{seq} {claims}".encode()
    recorder.do(RecordBatch.under(ticket=ticket, seq=seq, claims=claims, body=body, received_at=recorder.now_ms()))


def test_every_line_of_the_viewer_and_the_video_in_the_order_of_recording(recorder: Recorder, clock: HandClock) -> None:
    first = _open()
    clock.forward(20_000)
    _claim(recorder, first, 0, Claim(0, 10_000, 0, 10_000), Claim(10_000, 20_000, 10_000, 20_000))
    second, other = _open(), _open(video="song")
    elses = _open(viewer="charlie")
    clock.forward(10_000)
    _claim(recorder, other, 0, Claim(0, 5_000, 0, 5_000))
    _claim(recorder, elses, 0, Claim(0, 5_000, 0, 5_000))
    _claim(recorder, second, 0, Claim(0, 10_000, 0, 60_000))
    bob = Viewer.objects.get(key="bob")
    lines = list(lines_of(bob.pk, "film"))
    assert [(line.playback, line.idx, line.m0) for line in lines] == [
        (first.playback, 0, 0),
        (first.playback, 1, 10_000),
        (second.playback, 0, 0),
    ]
    assert lines[0].credit.pairs() == [(0, 10_000)]
    assert lines[0].began_at == first.opened_at
    assert {reason for reason, _ms in lines[2].reasons} == {"too_fast", "no_time_left"}


def test_the_lines_add_up_to_the_progress(recorder: Recorder, clock: HandClock) -> None:
    for _time in range(2):
        opening = _open()
        clock.forward(10_000)
        _claim(recorder, opening, 0, Claim(0, 10_000, 0, 60_000))
    sessions = [service.ImportedSession("bob", "film", 60_000, "s1", ((0, 30_000), (20_000, 40_000)), clock.now_ms())]
    service.import_sessions(sessions)
    row = Progress.objects.get(video="film")
    sums = sums_of(lines_of(row.viewer_id, "film"))
    assert (sums.covered_ms, sums.watched_ms, sums.refused_ms) == (row.covered_ms, row.watched_ms, row.refused_ms)
    assert (sums.imported_ms, sums.imported_watched_ms) == (row.imported_ms, row.imported_watched_ms)
    assert sums.lines == 4
    assert sums.covered_ms == 20_520


def test_who_never_watched_has_no_lines(recorder: Recorder) -> None:
    assert list(lines_of(404, "film")) == []
