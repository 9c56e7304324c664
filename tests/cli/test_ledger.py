"""`verify` says where a stored number is not what the journal gives; `rebuild` puts it right."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from playhead.analytics import rollups
from playhead.analytics.sealer import Sealer, habits
from playhead.cli import main, side_by_side
from playhead.recorder.databases import open_store
from playhead.recorder.models import LedgerLine, Progress, Viewer
from playhead.recorder.operations import ClosePlaybacks
from playhead.recorder.owner import own
from playhead.recorder.recorder import Recorder

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture(autouse=True)
def some_class(transactional_db: None) -> None:
    assert run("simulate", "--students", "3", "--videos", "1").exit_code == 0


def change(statement: str, *values: object) -> None:
    with closing(sqlite3.connect(settings.TRACKING_DATABASE)) as connection, connection:
        assert connection.execute(statement, values).rowcount == 1


def test_all_equal() -> None:
    done = run("verify")
    assert done.exit_code == 0
    assert (
        done.output == f"3 viewers, {LedgerLine.objects.count()} ledger lines: all equal to what the journal gives.\n"
    )


@pytest.mark.parametrize("column", ["credit", "fresh", "paid"])
def test_one_flipped_byte_of_the_ledger_is_found_and_named(column: str) -> None:
    line = LedgerLine.objects.order_by("journal_id", "idx")[4]
    packed = bytearray(getattr(line, column))
    packed[0] ^= 1
    change(
        f"UPDATE recorder_ledgerline SET {column} = ? WHERE journal_id = ? AND idx = ?",
        bytes(packed),
        line.journal_id,
        line.idx,
    )
    done = run("verify")
    assert done.exit_code == 1
    where = f"viewer {line.viewer.key} video {line.video} journal {line.journal_id} line {line.idx}: "
    assert where + f"recorder_ledgerline.{column} is {packed.hex()}"[:60] in done.output
    assert "1 of 3 viewers differ" in done.output


def test_a_line_that_no_journal_row_backs_is_found_and_taken_out() -> None:
    columns = "kind, viewer_id, video, playback_id, received_at, t0, t1, m0, m1, rate, credit, fresh, paid, credit_ms"
    columns += ", fresh_ms, paid_ms, lateness_ms, reasons"
    change(
        f"INSERT INTO recorder_ledgerline (journal_id, idx, {columns}) "
        f"SELECT 999999, 0, {columns} FROM recorder_ledgerline LIMIT 1"
    )
    done = run("verify")
    assert done.exit_code == 1
    assert "journal 999999 line 0" in done.output
    assert run("rebuild").exit_code == 0
    assert run("verify").exit_code == 0


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "DELETE FROM recorder_ledgerline WHERE journal_id = (SELECT MIN(journal_id) FROM recorder_ledgerline)",
            "the whole line",
        ),
        ("UPDATE recorder_progress SET covered_ms = covered_ms + 1 WHERE FIRST", "recorder_progress.covered_ms"),
        ("DELETE FROM recorder_progress WHERE FIRST", "recorder_progress.the whole row"),
        ("UPDATE recorder_viewer SET spent = x'' WHERE id = (SELECT MIN(id) FROM recorder_viewer)", "spent"),
    ],
)
def test_rebuild_puts_derived_tables_right(statement: str, named: str) -> None:
    before = [list(model.objects.order_by("pk").values()) for model in (LedgerLine, Progress, Viewer)]
    change(statement.replace("FIRST", "viewer_id = (SELECT MIN(viewer_id) FROM recorder_progress)"))
    assert named in run("verify").output
    done = run("rebuild")
    assert done.exit_code == 0
    assert named in done.output
    assert "1 viewers had differed" in done.output
    assert [list(model.objects.order_by("pk").values()) for model in (LedgerLine, Progress, Viewer)] == before
    assert run("verify").exit_code == 0


def test_processes_side_by_side_find_and_mend_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "_ALONE", 0)
    monkeypatch.setattr(side_by_side, "_AT_ONCE", 1)
    before = [list(model.objects.order_by("pk").values()) for model in (LedgerLine, Progress, Viewer)]
    with closing(sqlite3.connect(settings.TRACKING_DATABASE)) as connection, connection:
        for table in ("recorder_ledgerline", "recorder_progress"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE recorder_viewer SET spent = x''")
        connection.execute("UPDATE recorder_playback SET first_credit_at = NULL")
    assert "3 of 3 viewers differ" in run("verify").output
    assert "3 viewers had differed" in run("rebuild").output
    assert [list(model.objects.order_by("pk").values()) for model in (LedgerLine, Progress, Viewer)] == before
    change("UPDATE recorder_journal SET body = x'00' WHERE id = (SELECT MAX(id) FROM recorder_journal)")
    assert "cannot be replayed" in run("verify").output
    damaged = run("rebuild")
    assert (damaged.exit_code, "cannot be replayed" in damaged.output) == (1, True)


def test_what_happened_to_a_playback_is_compared_too() -> None:
    change(
        "UPDATE recorder_playback SET first_credit_at = first_credit_at + 1 "
        "WHERE id = (SELECT MIN(id) FROM recorder_playback WHERE first_credit_at IS NOT NULL)"
    )
    assert "recorder_playback.first_credit_at" in run("verify").output
    assert "1 viewers had differed" in run("rebuild").output
    assert run("verify").exit_code == 0


def test_a_damaged_journal_row_is_named_and_nothing_is_replaced() -> None:
    change("UPDATE recorder_journal SET body = x'00' WHERE id = (SELECT MAX(id) FROM recorder_journal)")
    lines = LedgerLine.objects.count()
    looked = run("verify")
    assert looked.exit_code == 1
    assert "(batch) cannot be replayed" in looked.output
    rebuilt = run("rebuild")
    assert rebuilt.exit_code == 1
    assert "cannot be replayed" in rebuilt.output
    assert LedgerLine.objects.count() == lines


def test_rebuild_refuses_while_a_server_runs_and_verify_does_not() -> None:
    with own(settings.PLAYHEAD_DATA):
        refused = run("rebuild")
        assert refused.exit_code == 1
        assert "stop that server or command first" in refused.output
        assert run("simulate", "--students", "1").exit_code == 1
        assert run("verify").exit_code == 0


def test_a_wrong_sum_of_the_class_is_found_and_made_anew() -> None:
    assert run("rebuild", "--sums").output.startswith("Sums of the class rebuilt, up to journal id ")
    assert run("verify").exit_code == 0
    change("UPDATE analytics_secondcounts SET viewers = x'05000000' WHERE kind = 'credit'")
    done = run("verify")
    assert done.exit_code == 1
    assert "class sum " in done.output
    assert " credit viewers" in done.output
    assert run("rebuild").exit_code == 0
    assert run("verify").exit_code == 0


def test_what_is_sealed_is_verified_and_the_lake_made_again() -> None:
    with Recorder(settings.TRACKING_DATABASE) as recorder, closing(open_store(settings.TRACKING_DATABASE)) as store:
        for viewer in Viewer.objects.all():  # bodies leave once nobody can send the same batch again
            recorder.do(ClosePlaybacks(viewer.key, recorder.now_ms(), "logout"))
        while (turn := rollups.next_turn(store, now_ms=recorder.now_ms())) is not None:
            recorder.do(turn)
        sealer = Sealer(recorder, settings.TRACKING_DATABASE, replace(habits(settings), after_s=0, keep_days=0))
        while sealer.turn(store):
            pass
        assert store.all("SELECT COUNT(*) FROM recorder_journal WHERE body = ?", [b""]) != [(0,)]
    assert run("verify").exit_code == 0
    for path in settings.PLAYHEAD_LAKE.rglob("*.parquet"):
        path.unlink()
    missing = run("verify")
    assert missing.exit_code == 1
    assert "lake: " in missing.output
    assert "rebuild analytics" in missing.output
    made = run("rebuild", "analytics")
    assert made.exit_code == 0
    assert "Lake rebuilt" in made.output
    assert run("verify").exit_code == 0
    assert run("rebuild").exit_code == 0
    assert run("verify").exit_code == 0
