"""One batch, one transaction: journal, credit, ledger, answer."""

import json
from contextlib import closing

import pytest

from playhead.core.errors import Conflict
from playhead.core.sections import Sections
from playhead.core.tickets import verify
from playhead.recorder.batches import parse_batch
from playhead.recorder.databases import open_store
from playhead.recorder.operations import RecordBatch
from playhead.recorder.workspace import Cache, Workspace
from tests.world import KEYS, Opening, World, section


def test_it_works(world: World) -> None:
    opening = world.open()
    answer = world.play(opening, 10_000, 0)
    assert answer.status == 200
    assert answer.body == {
        "seq": 0,
        "status": "recorded",
        "credited": [[0, 10_000]],
        "credited_ms": 10_000,
        "fresh_ms": 10_000,
        "covered_ms": 10_000,
        "watched_ms": 10_000,
        "counted_ms": 10_000,
        "needed_ms": 569_050,
        "progress": 1,
        "completed": False,
        "evidence": "clock",
        "refusals": [],
        "playing_elsewhere": False,
        "next_beat_ms": 10_000,
        "prompt": None,
        "received_at": world.clock.now_ms(),
    }
    assert world.differences() == []


def test_the_journal_holds_the_batch_as_received_and_no_ticket(world: World) -> None:
    opening = world.open()
    world.play(opening, 10_000, 0)
    journal = world.rows("SELECT kind, seq, received_at, body FROM recorder_journal ORDER BY id")
    assert [(kind, seq) for kind, seq, _at, _body in journal] == [("opened", None), ("batch", 0)]
    assert journal[1][2:] == (world.clock.now_ms(), opening.sent[0])
    everything = b"".join(bytes(body) for *_rest, body in journal)
    assert opening.ticket.encode() not in everything


def test_the_ledger_says_what_was_earned_with_which_time(world: World) -> None:
    opening = world.open()
    world.play(opening, 10_000, 5_000)
    [(credit, fresh, paid, credit_ms, paid_ms, reasons)] = world.rows(
        "SELECT credit, fresh, paid, credit_ms, paid_ms, reasons FROM recorder_ledgerline"
    )
    assert Sections.unpack(bytes(credit)).pairs() == [(5_000, 15_000)]
    assert fresh == credit
    # 120 ms of timer error are forgiven in the price
    assert Sections.unpack(bytes(paid)).pairs() == [(opening.opened_at, opening.opened_at + 9_880)]
    assert (credit_ms, paid_ms, reasons) == (10_000, 9_880, "")


def test_the_same_batch_again_is_answered_and_adds_nothing(world: World) -> None:
    opening = world.open()
    first = world.play(opening, 10_000, 0)
    world.clock.forward(60_000)
    again = world.post(opening.ticket, opening.sent[0])
    assert again.status == 200
    assert again.body == first.body | {"status": "duplicate", "received_at": world.clock.now_ms()}
    assert world.rows("SELECT count(*) FROM recorder_ledgerline") == [(1,)]
    assert world.differences() == []


def test_a_duplicate_tells_its_own_refusals_again(world: World) -> None:
    opening = world.open()
    world.clock.forward(1_000)
    first = world.send(opening, section(0, 1_000, 0, 600_000))
    again = world.post(opening.ticket, opening.sent[0])
    assert first.body["refusals"] != []
    assert again.body["refusals"] == first.body["refusals"]


def test_a_renewed_ticket_does_not_turn_a_retry_into_a_conflict(world: World) -> None:
    opening = world.open()
    world.play(opening, 10_000, 0)
    world.clock.forward(60_000)
    renewed = world.ticket(opening.viewer, opening.video, opening.playback)
    assert renewed != opening.ticket
    assert world.post(renewed, opening.sent[0]).body["status"] == "duplicate"


def test_another_batch_under_the_same_number_is_a_conflict(world: World) -> None:
    opening = world.open()
    world.play(opening, 10_000, 0)
    opening.seq = 0
    answer = world.play(opening, 10_000, 20_000)
    assert (answer.status, answer.body["code"]) == (409, "seq_conflict")
    assert answer.headers["content-type"] == "application/problem+json"
    assert world.rows("SELECT count(*) FROM recorder_journal WHERE kind = 'batch'") == [(1,)]


def test_batches_that_wait_together_are_one_group_with_an_outcome_each(world: World) -> None:
    openings = [world.open(f"viewer-{n}") for n in range(20)]
    world.clock.forward(10_000)
    bodies = [
        json.dumps({"seq": 0, "sent": 10_000, "sections": [section(0, 10_000, 0, 10_000)], "events": []}).encode()
    ] * 20
    requests = [(opening.ticket, body) for opening, body in zip(openings, bodies, strict=True)]
    requests.insert(7, (world.ticket("viewer-0", "film", "no-such-playback"), bodies[0]))
    answers = world.post_together(requests)
    assert [answer.status for answer in answers] == [200] * 7 + [401] + [200] * 13
    assert world.rows("SELECT count(*), sum(covered_ms) FROM recorder_progress") == [(20, 200_000)]


def test_two_copies_in_one_group_are_one_batch(world: World) -> None:
    opening = world.open()
    world.clock.forward(10_000)
    body = json.dumps({"seq": 0, "sent": 10_000, "sections": [section(0, 10_000, 0, 10_000)], "events": []}).encode()
    answers = world.post_together([(opening.ticket, body)] * 2)
    assert sorted(answer.body["status"] for answer in answers) == ["duplicate", "recorded"]
    assert world.rows("SELECT watched_ms FROM recorder_progress") == [(10_000,)]


def test_a_copy_in_one_transaction_is_answered_from_what_waits_to_be_written(world: World) -> None:
    """Without it the copy would break the transaction, and the group would be recorded one by one."""
    opening = world.open()
    world.clock.forward(10_000)
    batch, other = _batch(world, opening, 0), _batch(world, opening, 50_000)
    with closing(open_store(world.database)) as store:
        store.begin()
        space = Workspace(store, [batch], Cache(0))
        first, again = batch.apply(space), batch.apply(space)
        with pytest.raises(Conflict):
            other.apply(space)
        space.flush()
        store.rollback()
    assert (first.duplicate, again.duplicate) == (False, True)
    assert (again.lines, again.stand) == (first.lines, first.stand)
    assert [[reason for reason, _ms in line.reasons] for line in first.lines] == [["too_fast"]]


def _batch(world: World, opening: Opening, m0: int) -> RecordBatch:
    """Number 0, which claims more than ten seconds can show."""
    claimed = section(0, 10_000, m0, m0 + 40_000)
    body = json.dumps({"seq": 0, "sent": 10_000, "sections": [claimed], "events": []}).encode()
    ticket = verify(opening.ticket, keys=KEYS, now_s=world.clock.now_ms() // 1000)
    return RecordBatch.under(ticket, 0, parse_batch(body).claims(), body, world.clock.now_ms())


def test_watched_again_and_claimed_but_refused_are_kept_for_the_map(world: World) -> None:
    opening = world.open()
    world.play(opening, 10_000, 0)
    world.play(opening, 10_000, 5_000)
    t0 = world.clock.now_ms() - opening.opened_at
    world.clock.forward(1_000)
    world.send(opening, section(t0, t0 + 1_000, 100_000, 200_000))
    [(again, refused, covered_ms, watched_ms, refusals)] = world.rows(
        "SELECT again, refused, covered_ms, watched_ms, refusals FROM recorder_progress"
    )
    assert Sections.unpack(bytes(again)).pairs() == [(5_000, 10_000)]
    [(start, end)] = Sections.unpack(bytes(refused)).pairs()
    assert start > 100_000
    assert end == 200_000
    assert watched_ms - covered_ms == 5_000
    assert set(json.loads(refusals)) == {"too_fast"}
    assert world.differences() == []


def test_whoever_began_to_play_last_plays(world: World) -> None:
    laptop, phone = world.open(), world.open()
    assert not world.play(laptop, 10_000, 0).body["playing_elsewhere"]
    assert not world.play(phone, 10_000, 300_000).body["playing_elsewhere"]
    assert world.play(laptop, 10_000, 10_000).body["playing_elsewhere"]
    assert not world.play(phone, 10_000, 310_000).body["playing_elsewhere"]


def test_after_a_pause_the_first_one_plays_again(world: World) -> None:
    laptop, phone = world.open(), world.open()
    world.play(laptop, 10_000, 0)
    world.play(phone, 10_000, 300_000)
    world.clock.forward(20_000)
    assert not world.play(laptop, 10_000, 10_000).body["playing_elsewhere"]


def test_going_on_is_where_the_viewer_stopped_last_however_late_it_arrives(world: World) -> None:
    laptop, phone = world.open(), world.open()
    world.clock.forward(10_000)
    kept = section(0, 10_000, 0, 10_000)
    world.clock.forward(30_000)
    world.play(phone, 10_000, 300_000)
    world.send(laptop, kept)  # offline until now
    assert world.rows("SELECT position_ms FROM recorder_progress") == [(310_000,)]
