"""Backups: all that cannot be made again, copied while the server runs, and put back.

The databases come first, each as of one moment, and the files after them: sealing moves rows from the database into the
archive, so an archive that is copied later holds all that the copied database no longer has. What can be made again
(the lake), what is on its way in, and the keys that lock the videos stay out: keys lie apart from what they lock.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from playhead.core.errors import Conflict, Invalid, Missing

MANIFEST: Final = "backup.json"
DATABASES: Final = ("tracking.sqlite3", "site.sqlite3")
_NAME: Final = "playhead-%Y-%m-%dT%H-%M-%SZ"
_PAGES: Final = 2_048
_PAGE_BYTES: Final = 4_096

Told = Callable[[int], None]
"""Hears how many bytes more are done."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One that is whole. `sums` are the SHA-256 of its databases by name, `size` the bytes of all it holds."""

    folder: Path
    made_at: datetime
    size: int
    sums: dict[str, str]


def last() -> Backup | None:
    """The newest one made of this deployment, as it says itself; it may have been moved or deleted since."""
    try:
        return _read(settings.PLAYHEAD_DATA)
    except Missing:
        return None


def size() -> int:
    """About how many bytes a backup holds."""
    databases = [settings.PLAYHEAD_DATA / name for name in _databases()]
    return sum(path.stat().st_size for path in [*databases, *(path for _name, path in _files())])


def make(into: Path, *, keep: int = 0, told: Told = lambda _more: None) -> Backup:
    """Copy all into a new folder in `into`, which has its name only when it is whole and on disk.

    A file that the backup before has just the same is linked to it, so that a night's backup takes as much room as that
    day brought. `keep` is how many stay; 0 keeps all. Raises OSError.
    """
    made_at = datetime.now(UTC).replace(microsecond=0)
    whole = into / made_at.strftime(_NAME)
    if whole.exists():
        raise Conflict("backup_exists", f"{whole} was made in this very second.")
    before, part = all_in(into), into / f"{whole.name}.part"
    part.mkdir(parents=True, mode=0o700)
    try:
        sums = {name: _copy_database(settings.PLAYHEAD_DATA / name, part / name, told) for name in _databases()}
        for name, path in _files():
            _copy_file(path, part / name, before[-1].folder / name if before else None)
            told(path.stat().st_size if path.exists() else 0)
        held = sum(path.stat().st_size for path in part.rglob("*") if path.is_file())
        backup = Backup(whole, made_at, held, sums)
        _write(backup, part)
        part.rename(whole)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    _sync(into)
    _write(backup, settings.PLAYHEAD_DATA)
    for old in before[: max(len(before) + 1 - keep, 0)] if keep else []:
        shutil.rmtree(old.folder)
    return backup


def all_in(folder: Path) -> list[Backup]:
    """The whole ones in a folder, the oldest first."""
    whole = sorted(path for path in folder.glob("playhead-*Z") if (path / MANIFEST).exists())
    return [replace(_read(path), folder=path) for path in whole]


def restore(folder: Path) -> Backup:
    """Put a backup back into an empty PLAYHEAD_DATA, the databases last: until then nothing has begun.

    Raises Missing where there is no whole backup, Invalid where a database is not what was copied, and Conflict where
    the folder already holds one.
    """
    backup = _read(folder)
    held = [name for name in DATABASES if (settings.PLAYHEAD_DATA / name).exists()]
    if held:
        raise Conflict(
            "folder_not_empty",
            f"{settings.PLAYHEAD_DATA} already holds {held[0]}: name an empty folder in PLAYHEAD_DATA.",
        )
    for name, expected in backup.sums.items():
        if _sum(folder / name) != expected:
            raise Invalid("backup_changed", f"{folder / name} is not what was copied there: take another backup.")
    for name, place in _places().items():
        for path in _under(folder / name):
            _copy_file(path, place / path.relative_to(folder / name) if path != folder / name else place, None)
    for name in backup.sums:
        _copy_file(folder / name, settings.PLAYHEAD_DATA / name, None)
    _write(backup, settings.PLAYHEAD_DATA)
    return backup


# --- what belongs to it


def _databases() -> tuple[str, ...]:
    """None on PostgreSQL, whose own tools copy it."""
    return () if settings.PLAYHEAD_DATABASE_URL else DATABASES


def _places() -> dict[str, Path]:
    """Files and folders, by their name in a backup. A bucket has its own ways of not losing things."""
    places = {
        "secrets.json": settings.PLAYHEAD_SECRETS.path,
        "archive": settings.PLAYHEAD_ARCHIVE,
        "media": settings.PLAYHEAD_MEDIA,
    }
    return places if "://" in settings.PLAYHEAD_STORE else {**places, "videos": Path(settings.PLAYHEAD_STORE)}


def _files() -> Iterator[tuple[str, Path]]:
    for name, place in _places().items():
        for path in _under(place):
            yield str(Path(name) / path.relative_to(place)), path


def _under(place: Path) -> list[Path]:
    """The file itself, or all of a folder; nothing where there is nothing."""
    return [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())


# --- copying


def _copy_database(source: Path, to: Path, told: Told) -> str:
    """As of the moment it begins, however long it takes and whoever writes meanwhile. Returns its SHA-256."""
    with closing(sqlite3.connect(source, isolation_level=None)) as here, closing(sqlite3.connect(to)) as there:
        here.execute("BEGIN")
        here.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()  # from here on it sees what is there now
        here.backup(there, pages=_PAGES, progress=lambda _code, left, of: told(_PAGE_BYTES * min(_PAGES, of - left)))
        _look_over(there, source)
    to.chmod(0o600)
    _sync(to)
    return _sum(to)


def _look_over(copy: sqlite3.Connection, source: Path) -> None:
    """Raises Invalid where the copy of `source` is damaged, as `source` then is."""
    try:
        [(said,)] = copy.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise Invalid("database_damaged", f"{source} is damaged: {said}")


def _copy_file(path: Path, to: Path, before: Path | None) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        if before is not None and _same(path, before):
            os.link(before, to)
            return
    except OSError:
        pass  # no such file, or a file system without links
    try:
        shutil.copy2(path, to)
    except FileNotFoundError:
        return  # deleted meanwhile: a video that was taken away
    _sync(to)


def _same(one: Path, other: Path) -> bool:
    mine, its = one.stat(), other.stat()
    return (mine.st_size, mine.st_mtime_ns) == (its.st_size, its.st_mtime_ns)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- what it says of itself


def _write(backup: Backup, folder: Path) -> None:
    said = {
        "folder": str(backup.folder),
        "made_at": backup.made_at.isoformat(),
        "size": backup.size,
        "sha256": backup.sums,
    }
    new = folder / f"{MANIFEST}.new"
    new.write_text(json.dumps(said, indent=1) + "\n")
    _sync(new)
    new.rename(folder / MANIFEST)


def _read(folder: Path) -> Backup:
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        return Backup(Path(said["folder"]), datetime.fromisoformat(said["made_at"]), said["size"], said["sha256"])
    except (OSError, ValueError, KeyError) as error:
        raise Missing("no_backup", f"{folder} holds no whole backup.") from error
