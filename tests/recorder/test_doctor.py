"""Each thing that can be wrong with the tracking side is told, with what to do; and what is right is told as right."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from playhead.core.credit import Claim
from playhead.core.tickets import verify
from playhead.recorder import doctor, service
from playhead.recorder.databases import open_store
from playhead.recorder.doctor import Finding, Level, examine
from playhead.recorder.operations import RecordBatch
from playhead.recorder.policy import Policy
from playhead.recorder.recorder import Recorder
from playhead.secrets import Secrets
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def one(findings: Iterator[Finding]) -> Finding:
    [found] = findings
    assert bool(found.remedy) is (found.level is not Level.OK), "whoever is told of a fault is told what to do"
    return found


def test_a_fresh_deployment_has_no_problem() -> None:
    found = doctor.findings()
    assert [finding for finding in found if finding.level is Level.PROBLEM and finding.about != "file system"] == []
    assert len(found) == 9


def test_a_check_that_fails_is_a_finding_and_stops_no_other() -> None:
    def planted() -> Iterator[Finding]:
        raise OSError("planted")

    found = examine([("one", planted), ("two", lambda: [Finding(Level.OK, "two", "fine")])])
    assert [(finding.level, finding.about) for finding in found] == [(Level.PROBLEM, "one"), (Level.OK, "two")]
    assert "planted" in found[0].said


def test_secrets_that_others_can_read(settings: Settings, tmp_path: Path) -> None:
    settings.PLAYHEAD_SECRETS = Secrets(tmp_path)
    assert settings.PLAYHEAD_SECRETS.site_key
    assert one(doctor.secrets_file()).level is Level.OK
    (tmp_path / "secrets.json").chmod(0o640)
    found = one(doctor.secrets_file())
    assert (found.level, found.remedy) == (Level.PROBLEM, f"chmod 600 {tmp_path / 'secrets.json'}")


@pytest.mark.parametrize(("free", "level"), [(10**8, Level.PROBLEM), (10**9, Level.WARNING), (10**11, Level.OK)])
def test_a_disk_that_fills_up(monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: type("Usage", (), {"free": free, "total": 10**12}))
    assert one(doctor.disk_space()).level is level


@pytest.mark.parametrize(
    ("kind", "level"), [("ext4", Level.OK), ("", Level.OK), ("nfs4", Level.PROBLEM), ("tmpfs", Level.PROBLEM)]
)
def test_a_file_system_that_keeps_nothing(monkeypatch: pytest.MonkeyPatch, kind: str, level: Level) -> None:
    monkeypatch.setattr(doctor, "_file_system_of", lambda _folder: kind)
    assert one(doctor.file_system()).level is level


def test_the_innermost_mount_counts() -> None:
    assert doctor._file_system_of(Path("/proc/self")) == "proc"


@pytest.mark.parametrize(("took_s", "level"), [(1e-6, Level.WARNING), (0.004, Level.OK), (0.5, Level.WARNING)])
def test_a_sync_too_fast_to_be_true_or_too_slow(monkeypatch: pytest.MonkeyPatch, took_s: float, level: Level) -> None:
    monkeypatch.setattr(doctor, "_sync_time_s", lambda _folder: took_s)
    assert one(doctor.disk_sync()).level is level


def test_the_sync_is_really_timed_and_leaves_nothing(tmp_path: Path) -> None:
    assert 0 < doctor._sync_time_s(tmp_path) < 10
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(doctor.database_sync()).said == "journal_mode=wal, synchronous=2"

    def careless(database: str) -> Any:
        store = open_store(database)
        store.all("PRAGMA synchronous=NORMAL")
        return store

    monkeypatch.setattr(doctor, "open_store", careless)
    assert one(doctor.database_sync()).level is Level.PROBLEM


def test_on_postgres_its_own_settings_are_looked_at(
    postgres: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PLAYHEAD_DATABASE_URL = settings.TRACKING_DATABASE = postgres.new_database()
    with closing(open_store(settings.TRACKING_DATABASE)) as store:
        assert store.all("SHOW synchronous_commit") == [("on",)]
    found = one(doctor.database_sync())
    assert found.said.startswith("synchronous_commit=on, fsync=")


def claim(recorder: Recorder, *claims: Claim) -> None:
    opening = service.open_playback(viewer="bob", video="film", duration_ms=60_000, policy=Policy(), session=None)
    ticket = verify(opening.ticket, keys=service.ticket_keys(), now_s=recorder.now_ms() // 1000)
    recorder.do(RecordBatch.under(ticket=ticket, seq=0, claims=claims, body=b"", received_at=recorder.now_ms()))


def test_a_clock_that_was_set_back(recorder: Recorder, clock: HandClock) -> None:
    assert one(doctor.clock()).level is Level.OK
    now_ms = time.time_ns() // 1_000_000
    clock.at_ms = now_ms - 60_000
    claim(recorder)
    assert one(doctor.clock()).level is Level.OK
    claim(recorder, Claim(3_600_000, 3_610_000, 0, 10_000))
    assert "dated ahead of the clock" in one(doctor.clock()).said
    clock.at_ms = now_ms - 90_000
    claim(recorder)
    assert "went back by 30.0 s" in one(doctor.clock()).said
    clock.at_ms = now_ms + 60_000
    claim(recorder)
    assert one(doctor.clock()).level is Level.PROBLEM


def test_a_queue_that_grows(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(doctor.recorder()).said == "0 of at most 4096 operations wait for the disk."
    monkeypatch.setattr(Recorder, "waiting", 3_000)
    assert one(doctor.recorder()).level is Level.WARNING


def test_an_old_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(doctor.versions()).level is Level.OK
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 34, 1))
    assert one(doctor.versions()).level is Level.PROBLEM
