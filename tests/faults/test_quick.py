"""A little of every fault that needs no root, so that `make test` notices at once; `make faults` does it at length."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bench.kit.rows import Row
from bench.load.truth import database_of
from tests.faults import callbacks, clock, cut, kill, malformed, sealing, sinks, sync, torn, upload
from tests.faults.kit.place import place

pytestmark = pytest.mark.timeout(120)


def held(rows: Sequence[Row]) -> list[Row]:
    """The rows whose goal was missed; how fast something is does not count beside other tests."""
    return [row for row in rows if row.holds is False and row.unit not in {"s", "ms"}]


def test_killed_in_each_way() -> None:
    with place(viewers=20) as broken:
        kill.kill(broken, 3)
        truth = broken.truth()
    assert truth.holds, truth
    assert truth.acknowledged > 20


def test_a_server_that_answers_too_early_is_caught() -> None:
    with place(bug="answer_first", viewers=64) as broken:
        kill.kill(broken, 1, connections=64)
        assert broken.truth().missing > 0


def test_cut_at_some_bytes() -> None:
    with place(viewers=20) as broken:
        cuts, recorded = cut.cut(broken, 199)
        truth = broken.truth()
    assert truth.holds, truth
    assert cuts > 10
    assert recorded >= 1, "an answer was cut, and its batch known again"


@pytest.mark.parametrize("rows", [lambda: torn.torn(12), lambda: clock_rows(40)], ids=["torn", "clock"])
def test_small(rows: Callable[[], Sequence[Row]]) -> None:
    assert held(rows()) == []


def clock_rows(jumps: int) -> list[Row]:
    refused, twice_ms, differing, earned_ms = clock.jump(jumps)
    return [Row("", count, "", holds=count == 0) for count in (refused, twice_ms, differing)] + [
        Row("", earned_ms, "", holds=earned_ms > 0)
    ]


def test_malformed() -> None:
    statuses, _slowest_s, stored = malformed.mutate(300)
    assert statuses[200] == stored
    assert not {status for status in statuses if status >= 500}


_WRITE = '12 pwrite64(21</d/tracking.sqlite3-wal>, "\\0\\0", 24, 20632) = 24'
_SYNC = "12 fdatasync(21</d/tracking.sqlite3-wal>) = 0"
_SYNCING, _SYNCED = _SYNC.replace(") = 0", " <unfinished ...>"), "12 <... fdatasync resumed>) = 0"
_HEAD = '11 write(26<socket:[8]>, "HTTP/1.1 200 OK\\r\\n"..., 134) = 134'
_TOLD = '11 write(26<socket:[8]>, "{\\"seq\\":0,\\"status\\":\\"recorded\\",\\"credited\\":"..., 308) = 308'
_KNOWN = _TOLD.replace("recorded", "duplicate")
_AT_ONCE = _HEAD.replace('"..., 134)', "\\r\\n" + _TOLD[_TOLD.index("{") : _TOLD.index("308)")] + "442)")


@pytest.mark.parametrize(
    ("calls", "unsynced"),
    [
        ([_WRITE, _SYNC, _HEAD, _TOLD], 0),
        ([_WRITE, _HEAD, _TOLD, _SYNC], 1),
        ([_HEAD, _TOLD], 1),
        ([_WRITE, _SYNC, _AT_ONCE], 0),
        ([_WRITE, _AT_ONCE, _SYNC], 1),
        ([_WRITE, _SYNC, _HEAD, _TOLD, _HEAD, _TOLD], 1),
        ([_WRITE, _SYNC, _HEAD, _TOLD, _HEAD, _KNOWN], 0),
        ([_WRITE, _SYNC.replace("= 0", "= -1 EIO"), _HEAD, _TOLD], 1),
        ([_WRITE, _SYNC.replace("-wal", ""), _HEAD, _TOLD], 1),
        ([_WRITE, _SYNCING, _WRITE.replace("12 ", "13 "), _HEAD, _SYNCED, _TOLD], 0),
        ([_WRITE, _SYNCING, _HEAD, _TOLD, _SYNCED], 1),
    ],
)
def test_what_system_calls_say(calls: Sequence[str], unsynced: int) -> None:
    assert sync.read(calls).unsynced == unsynced


def test_the_sealer_killed_six_times(tracking_template: Path) -> None:
    kills, wrong, _unfinished, _steps = sealing.killed(6, prepare=prepared(tracking_template))
    assert (kills, wrong) == (6, 0)


def test_a_sealer_that_lists_its_files_apart_is_caught(tracking_template: Path) -> None:
    assert sealing.planted(prepare=prepared(tracking_template)) > 0


@pytest.mark.parametrize("sink", ["files", "postgres"])
def test_a_sink_killed_four_times(sink: str, tracking_template: Path, tmp_path: Path) -> None:
    shutil.copy(tracking_template, database_of(tmp_path))
    due = sinks.asked(sinks.seal, tmp_path, 80)
    kills, _unfinished, whole, wrong = sinks.killed(tmp_path, sink, due, 4)
    assert (kills, wrong) == (4, 0)
    assert whole > 0


def test_a_sink_that_writes_its_position_first_is_caught(tracking_template: Path, tmp_path: Path) -> None:
    shutil.copy(tracking_template, database_of(tmp_path))
    assert sinks.planted(tmp_path, sinks.asked(sinks.seal, tmp_path, 80)) > 0


def prepared(template: Path) -> Callable[[Path], object]:
    """A folder with an empty tracking file in it, without the half minute that migrating takes on a busy machine."""
    return lambda folder: shutil.copy(template, database_of(folder))


def test_a_worker_killed_between_sending_and_marking() -> None:
    taken, sent, kills = callbacks.deliver(2)
    assert kills == 2
    assert (callbacks.missing(taken, sent), callbacks.doubled(taken), callbacks.disorder(taken)) == (0, 0, 0)


def test_an_upload_cut_and_its_server_killed() -> None:
    assert upload.upload(20 * 1024**2, cuts=1, kills=1) == upload.Arrived(same=True, once=True, lost=0)
