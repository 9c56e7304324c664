"""A backup is whole or is not there; it holds one moment of each database, whoever writes meanwhile."""

import itertools
import json
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_django import Settings

from playhead.cli import main
from playhead.core.errors import Conflict, Invalid, Missing
from playhead.recorder import backups, doctor
from playhead.recorder.doctor import Level


@pytest.fixture
def data(tmp_path: Path, settings: Settings) -> Path:
    folder = tmp_path / "data"
    _named(folder, settings)
    for name in backups.DATABASES:
        with closing(sqlite3.connect(folder / name)) as file, file:
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("CREATE TABLE pairs (here INTEGER, there INTEGER, body BLOB)")
            file.execute("INSERT INTO pairs VALUES (1, 1, randomblob(1000000))")
    (folder / "secrets.json").write_text("{}")
    (folder / "media-keys.json").write_text("{}")
    for name in ("archive/2026/part-1.parquet", "media/film.mp4", "videos/a_1/key/1.ts", "lake/events/1.parquet"):
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_text(name)
    return folder


def _named(folder: Path, settings: Settings) -> None:
    folder.mkdir()
    settings.PLAYHEAD_DATA = folder
    settings.PLAYHEAD_ARCHIVE, settings.PLAYHEAD_MEDIA = folder / "archive", folder / "media"
    settings.PLAYHEAD_STORE, settings.PLAYHEAD_MEDIA_KEYS = str(folder / "videos"), folder / "media-keys.json"
    settings.PLAYHEAD_SECRETS = type("Secrets", (), {"path": folder / "secrets.json"})


def _held(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


_ALL = {
    "tracking.sqlite3",
    "site.sqlite3",
    "secrets.json",
    "archive/2026/part-1.parquet",
    "media/film.mp4",
    "videos/a_1/key/1.ts",
    "backup.json",
}


def test_all_that_cannot_be_made_again_and_no_key(data: Path, tmp_path: Path) -> None:
    made = backups.make(tmp_path / "to")
    assert _held(made.folder) == _ALL
    assert [path.name for path in (tmp_path / "to").iterdir()] == [made.folder.name]
    last = backups.last()
    assert last is not None
    assert last == made


def test_one_moment_of_a_database_that_is_written_to(data: Path, tmp_path: Path) -> None:
    over = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(data / "tracking.sqlite3", isolation_level=None)) as file:
            for number in itertools.count(2):
                file.execute("BEGIN IMMEDIATE")
                file.execute("INSERT INTO pairs VALUES (?, 0, randomblob(20000))", [number])
                file.execute("UPDATE pairs SET there = here WHERE here = ?", [number])
                file.execute("COMMIT")
                if over.is_set():
                    return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = backups.make(tmp_path / "to")
    finally:
        over.set()
        writer.join()
    with closing(sqlite3.connect(made.folder / "tracking.sqlite3")) as copy:
        rows = copy.execute("SELECT here, there FROM pairs ORDER BY here").fetchall()
    assert rows == [(number, number) for number in range(1, len(rows) + 1)]


def test_what_is_sealed_meanwhile_is_in_the_archive(data: Path, tmp_path: Path) -> None:
    """Rows leave the database for a part of the archive while the database is copied."""
    made = backups.make(tmp_path / "to", told=lambda _more: (data / "archive" / "2026" / "part-2").touch())
    assert "archive/2026/part-2" in _held(made.folder)


def test_the_next_one_takes_the_room_of_what_is_new(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for number in range(3):
        monkeypatch.setattr(backups, "_NAME", f"playhead-{number}Z")
        (data / "media" / "film.mp4").write_text(f"film {number}")
        made.append(backups.make(tmp_path / "to", keep=2))
    first, second, third = (backup.folder for backup in made)
    assert not first.exists(), "only two are kept"
    same = [(folder / "videos" / "a_1" / "key" / "1.ts").stat().st_ino for folder in (second, third)]
    assert same[0] == same[1]
    assert (third / "media" / "film.mp4").read_text() == "film 2"
    assert (second / "media" / "film.mp4").read_text() == "film 1"


def test_broken_off_it_leaves_nothing(data: Path, tmp_path: Path) -> None:
    def stop(_more: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backups.make(tmp_path / "to", told=stop)
    assert list((tmp_path / "to").iterdir()) == []
    assert backups.last() is None


def test_a_damaged_database_is_no_backup(data: Path, tmp_path: Path) -> None:
    with (data / "site.sqlite3").open("r+b") as file:
        file.seek(4096 * 2)
        file.write(b"\xff" * 4096)
    with pytest.raises(Invalid, match="is damaged"):
        backups.make(tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []


def test_back_into_an_empty_folder(data: Path, tmp_path: Path, settings: Settings) -> None:
    made = backups.make(tmp_path / "to")
    _named(tmp_path / "new", settings)
    backups.restore(made.folder)
    assert _held(tmp_path / "new") == _ALL
    for name in _ALL - {"backup.json"}:
        assert (tmp_path / "new" / name).read_bytes() == (made.folder / name).read_bytes()
    with pytest.raises(Conflict, match="already holds"):
        backups.restore(made.folder)


def test_what_is_no_backup_is_not_put_back(data: Path, tmp_path: Path, settings: Settings) -> None:
    made = backups.make(tmp_path / "to")
    _named(tmp_path / "new", settings)
    with pytest.raises(Missing, match="no whole backup"):
        backups.restore(tmp_path)
    with (made.folder / "site.sqlite3").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(Invalid, match="not what was copied"):
        backups.restore(made.folder)
    assert _held(tmp_path / "new") == set()


def test_on_postgresql_the_folder_alone(data: Path, tmp_path: Path, settings: Settings) -> None:
    settings.PLAYHEAD_DATABASE_URL = "postgresql://u:p@h/n"
    settings.PLAYHEAD_STORE = "s3://bucket"
    made = backups.make(tmp_path / "to")
    gone = {"tracking.sqlite3", "site.sqlite3", "videos/a_1/key/1.ts"}
    assert _held(made.folder) == _ALL - gone


def test_the_doctor_asks_how_old_it_is(data: Path, tmp_path: Path) -> None:
    def said() -> tuple[Level, str]:
        [finding] = doctor.backup()
        return finding.level, finding.said + finding.remedy

    assert said()[0] is Level.WARNING
    made = backups.make(tmp_path / "to")
    level, words = said()
    assert (level, "It lies on the disk" in words) == (Level.WARNING, True)
    made.folder.rename(tmp_path / "taken away")
    assert said()[0] is Level.OK
    told = json.loads((data / "backup.json").read_text())
    told["made_at"] = (made.made_at - timedelta(days=3)).isoformat()
    (data / "backup.json").write_text(json.dumps(told))
    level, words = said()
    assert (level, "3\xa0days" in words) == (Level.WARNING, True)


def test_the_commands(data: Path, tmp_path: Path, settings: Settings) -> None:
    done = CliRunner().invoke(main, ["backup", str(tmp_path / "to")])
    assert done.exit_code == 0, done.output
    assert "media-keys.json elsewhere: without it no video plays" in done.output
    [folder] = (tmp_path / "to").iterdir()
    assert str(folder) in done.output
    refused = CliRunner().invoke(main, ["restore", str(folder)])
    assert (refused.exit_code, "already holds tracking.sqlite3" in refused.output) == (1, True)
    _named(tmp_path / "new", settings)
    back = CliRunner().invoke(main, ["restore", str(folder)])
    assert back.exit_code == 0, back.output
    assert "Next: `playhead migrate`" in back.output
