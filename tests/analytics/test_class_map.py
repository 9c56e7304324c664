"""What the pages get: sums and tail together, whoever asks and however far the follower is."""

import pytest
from django.conf import settings

from playhead.analytics import class_map as asked
from playhead.analytics.class_map import (
    ClassMap,
    class_map,
    event_distribution,
    moments,
    percent_histogram,
    playbacks_of,
)
from playhead.analytics.period import Period
from playhead.analytics.rollups import RollUp, summed, tallied
from playhead.core import limits
from playhead.core.credit import Claim
from playhead.core.tickets import verify
from playhead.recorder import service
from playhead.recorder.databases import open_store
from playhead.recorder.models import Journal
from playhead.recorder.operations import RecordBatch
from playhead.recorder.policy import Policy
from playhead.recorder.recorder import Recorder
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def watch(clock: HandClock, viewer: str, *parts: tuple[int, int], preview: bool = False) -> None:
    """Watch parts of the film at normal speed; a pause is told at the end of each."""
    opening = service.open_playback(
        viewer=viewer, video="film", duration_ms=60_000, policy=Policy(preview=preview), session=None
    )
    for seq, (m0, m1) in enumerate(parts):
        t0 = clock.now_ms() - opening.opened_at
        now_ms = clock.forward(m1 - m0)
        ticket = verify(opening.ticket, keys=service.ticket_keys(), now_s=now_ms // 1000)
        body = b'{"seq":%d,"sent":0,"sections":[],"events":[{"type":"pause","t":0,"m":%d}]}' % (seq, m1)
        claims = [Claim(t0, t0 + m1 - m0, m0, m1)]
        service.current().do(RecordBatch.under(ticket=ticket, seq=seq, claims=claims, body=body, received_at=now_ms))


def roll(recorder: Recorder, upto: int) -> None:
    store = open_store(settings.TRACKING_DATABASE)
    recorder.do(RollUp(0, upto, summed(store, tallied(store, after=0, upto=upto)), recorder.now_ms()))
    store.close()


@pytest.fixture
def a_class(recorder: Recorder, clock: HandClock) -> int:
    """Returns the last journal id before it."""
    watch(clock, "bob", (0, 10_000), (20_000, 30_000), (20_000, 25_000))
    watch(clock, "dora", (0, 60_000))
    watch(clock, "alice", (0, 60_000), preview=True)
    service.import_sessions([service.ImportedSession("emil", "film", 60_000, "s", ((0, 5_000),), clock.now_ms())])
    return Journal.objects.order_by("id")[0].pk - 1


@pytest.mark.parametrize("upto", [0, 2, 4, 6, 9])
def test_it_is_the_same_however_far_the_follower_is(recorder: Recorder, a_class: int, upto: int) -> None:
    roll(recorder, a_class + upto)
    seconds = class_map("film", duration_ms=60_000)
    assert seconds.viewers == [2] * 10 + [1] * 10 + [2] * 10 + [1] * 30
    assert seconds.repeats == [0] * 20 + [1] * 5 + [0] * 35
    assert [at for at, pauses in enumerate(seconds.pauses) if pauses] == [10, 25, 30]  # the one at the end is past it
    assert seconds.imported_views == [1] * 5 + [0] * 55
    assert seconds.behind == 0
    assert event_distribution("film") == {"pause": 4}
    assert asked.events_by_day("film") == {"2026-09-01": {"pause": 4}}


@pytest.mark.parametrize("upto", [0, 4, 9])
def test_of_some_days(recorder: Recorder, clock: HandClock, a_class: int, upto: int) -> None:
    clock.forward(86_400_000)
    watch(clock, "bob", (10_000, 30_000))
    roll(recorder, a_class + upto)
    second = class_map("film", duration_ms=60_000, period=Period.asked("2026-09-02", ""))
    assert second.viewers == [0] * 10 + [1] * 10 + [0] * 40  # the rest bob had seen on the first day
    assert second.views == [0] * 10 + [1] * 20 + [0] * 30
    first = class_map("film", duration_ms=60_000, period=Period.asked("nonsense", "2026-09-01"))
    whole = class_map("film", duration_ms=60_000)
    assert [a + b for a, b in zip(first.views, second.views, strict=True)] == whole.views
    assert sum(first.imported_views) == 0
    assert event_distribution("film", period=Period.asked("2026-09-02", "2026-09-03")) == {"pause": 1}
    sums = playbacks_of("film", period=Period.asked("2026-09-02", ""))
    assert [(one.watched_ms, one.pauses) for one in sums] == [(20_000, 1)]
    assert len(playbacks_of("film")) == 3
    assert sum(one.watched_ms for one in playbacks_of("film")) == 20_000 + 25_000 + 60_000


def test_of_unknown_length_it_is_as_long_as_was_ever_seen(recorder: Recorder, a_class: int) -> None:
    assert class_map("film").seconds == 60
    assert class_map("song") == ClassMap(viewers=[], views=[], pauses=[], imported_viewers=[], imported_views=[])
    assert class_map("song", duration_ms=2_400).viewers == [0, 0]


def test_a_page_does_not_count_a_whole_journal(
    recorder: Recorder, a_class: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ROLLUP_TAIL_ROWS", 4)
    assert class_map("film").behind == 6


def test_shares_of_those_asked_for(recorder: Recorder, a_class: int) -> None:
    histogram = percent_histogram("film", ["bob", "dora", "emil", "nobody"])
    assert dict(zip(histogram.edges, histogram.viewers, strict=True))[100] == 1
    assert histogram.viewers == (2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1)
    assert sum(percent_histogram("film", []).viewers) == 0


def test_refusals_of_those_asked_for(recorder: Recorder, clock: HandClock) -> None:
    watch(clock, "bob", (0, 5_000))
    assert asked.refusals("film", ["bob"]) == {}
    opening = service.open_playback(viewer="dora", video="film", duration_ms=60_000, policy=Policy(), session=None)
    ticket = verify(opening.ticket, keys=service.ticket_keys(), now_s=recorder.now_ms() // 1000)
    claims = [Claim(0, 10_000, 0, 60_000)]
    recorder.do(RecordBatch.under(ticket=ticket, seq=0, claims=claims, body=b"0", received_at=clock.forward(10_000)))
    assert set(asked.refusals("film", ["bob", "dora"])) == {"too_fast"}
    assert asked.refusals("film", ["bob"]) == {}


def moved(views: list[int], pauses: list[int]) -> ClassMap:
    return ClassMap(viewers=[4] * len(views), views=views, pauses=pauses, imported_viewers=[], imported_views=[])


def test_a_moment_that_stands_out_is_found_and_an_even_class_has_none() -> None:
    views, pauses = [5] * 300, [0] * 300
    assert moments(moved(views, pauses)) == []
    views[120:140], pauses[128] = [11] * 20, 4
    [moment] = moments(moved(views, pauses))
    assert (moment.start_s, moment.end_s, moment.repeats, moment.pauses) == (120, 140, 7, 4)
    assert moments(moved([], [])) == []
