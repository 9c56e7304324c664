"""What may be wrong with the tracking side of a deployment, in words, and what to do about it.

Nothing here changes anything, but for one small file that is written, synced to disk and taken away again.
"""

import json
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from playhead.core import limits
from playhead.core.credit import Reason
from playhead.core.errors import Unavailable
from playhead.recorder import backups, service
from playhead.recorder.databases import open_store
from playhead.recorder.store import Row


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """`said` is what was seen; `remedy` what to do, empty where nothing is to be done."""

    level: Level
    about: str
    said: str
    remedy: str = ""


Check = Callable[[], Iterable[Finding]]

_SYNC_FAST_S: Final = 0.000_05
_SYNC_SLOW_S: Final = 0.1
_SYNCS: Final = 7
_SPACE_LOW_BYTES: Final = 2 * 1024**3
_SPACE_GONE_BYTES: Final = 200 * 1024**2
_RECENT_ROWS: Final = 5_000
_NETWORK_FILES: Final = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"}
_MEMORY_FILES: Final = {"tmpfs", "ramfs"}
_BACKUP_OLD: Final = timedelta(days=2)
_SQLITE_LEAST: Final = (3, 35)  # RETURNING


def examine(checks: Iterable[tuple[str, Check]]) -> list[Finding]:
    """The findings of all checks; one that fails is a finding itself, and stops no other."""
    found: list[Finding] = []
    for about, check in checks:
        try:
            found += check()
        except Exception as error:  # noqa: BLE001 - a doctor must not fall ill
            said = _("This could not be looked at: %(error)s") % {"error": str(error) or type(error).__name__}
            found.append(Finding(Level.PROBLEM, about, said, _("Look at what stands above first.")))
    return found


def findings() -> list[Finding]:
    """Of the folder, its disk, the tracking database, the clock and the recorder."""
    return examine(
        (
            (_("versions"), versions),
            (_("secrets"), secrets_file),
            (_("disk space"), disk_space),
            (_("file system"), file_system),
            (_("disk sync"), disk_sync),
            (_("database sync"), database_sync),
            (_("clock"), clock),
            (_("recorder"), recorder),
            (_("backup"), backup),
        )
    )


def versions() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    said = f"Python {python}, SQLite {sqlite3.sqlite_version}"
    if settings.PLAYHEAD_DATABASE_URL:
        yield Finding(Level.OK, _("versions"), f"Python {python}, PostgreSQL {_one('SHOW server_version')}")
    elif sqlite3.sqlite_version_info < _SQLITE_LEAST:
        yield Finding(
            Level.PROBLEM, _("versions"), said, _("SQLite 3.35 or newer is needed: use a newer Python build.")
        )
    else:
        yield Finding(Level.OK, _("versions"), said)


def secrets_file() -> Iterator[Finding]:
    """Whoever can read it can log in as anybody and sign tickets."""
    path: Path = settings.PLAYHEAD_SECRETS.path
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        said = _("%(path)s can be read by others (mode %(mode)s).") % {"path": path, "mode": f"{mode:o}"}
        yield Finding(Level.PROBLEM, _("secrets"), said, f"chmod 600 {path}")
    else:
        yield Finding(Level.OK, _("secrets"), _("%(path)s: only its owner can read it.") % {"path": path})


def disk_space() -> Iterator[Finding]:
    usage = shutil.disk_usage(settings.PLAYHEAD_DATA)
    said = _("%(free)s free of %(total)s in %(folder)s.") % {
        "free": _size(usage.free),
        "total": _size(usage.total),
        "folder": settings.PLAYHEAD_DATA,
    }
    remedy = _("Make room: when the disk is full, nothing can be recorded (players keep what they have for 12 hours).")
    if usage.free < _SPACE_GONE_BYTES:
        yield Finding(Level.PROBLEM, _("disk space"), said, remedy)
    elif usage.free < _SPACE_LOW_BYTES:
        yield Finding(Level.WARNING, _("disk space"), said, remedy)
    else:
        yield Finding(Level.OK, _("disk space"), said)


def file_system() -> Iterator[Finding]:
    """SQLite's shared memory beside the file does not work over a network."""
    kind = _file_system_of(settings.PLAYHEAD_DATA)
    said = _("The folder lies on %(kind)s.") % {"kind": kind or _("a file system whose kind is not known")}
    if kind in _NETWORK_FILES and not settings.PLAYHEAD_DATABASE_URL:
        remedy = _("Move the folder to a disk of this machine, or use PostgreSQL: SQLite may lose data over a network.")
        yield Finding(Level.PROBLEM, _("file system"), said, remedy)
    elif kind in _MEMORY_FILES:
        remedy = _("Move the folder to a disk: all of it is gone when this machine stops.")
        yield Finding(Level.PROBLEM, _("file system"), said, remedy)
    else:
        yield Finding(Level.OK, _("file system"), said)


def _file_system_of(folder: Path) -> str:
    """The kind of the innermost mount that holds the folder, as Linux names it; empty elsewhere."""
    try:
        mounts = [line.split(" ")[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    holding = [(point, kind) for point, kind in mounts if folder.is_relative_to(point.replace("\\040", " "))]
    return max(holding, key=lambda mount: len(mount[0]), default=("", ""))[1]


def disk_sync() -> Iterator[Finding]:
    """Whether a disk says "done" sooner than any disk can have written it, or keeps viewers waiting."""
    took_s = _sync_time_s(settings.PLAYHEAD_DATA)
    said = _("Syncing 4 KiB to disk takes %(ms).2f ms.") % {"ms": took_s * 1000}
    if took_s < _SYNC_FAST_S:
        remedy = _(
            "That is faster than a disk can be: something between here and the disk may answer too early. Ask whoever "
            "runs the machine whether writes survive a power cut."
        )
        yield Finding(Level.WARNING, _("disk sync"), said, remedy)
    elif took_s > _SYNC_SLOW_S:
        remedy = _("Every viewer's batch waits for this. Use a faster disk, or look for what else keeps it busy.")
        yield Finding(Level.WARNING, _("disk sync"), said, remedy)
    else:
        yield Finding(Level.OK, _("disk sync"), said)


def _sync_time_s(folder: Path) -> float:
    """The median of a few syncs, each of 4 KiB more."""
    times = []
    with tempfile.NamedTemporaryFile(prefix=".doctor-", dir=folder) as file:
        for _turn in range(_SYNCS):
            file.write(os.urandom(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times)


def database_sync() -> Iterator[Finding]:
    """What the recorder's own way of opening the database gives: acknowledged must mean synced."""
    with closing(open_store(settings.TRACKING_DATABASE)) as store:
        if settings.PLAYHEAD_DATABASE_URL:
            wanted = {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}
            held = {name: str(store.all(f"SHOW {name}")[0][0]) for name in wanted}
        else:
            wanted = {"journal_mode": "wal", "synchronous": "2"}
            held = {name: str(store.all(f"PRAGMA {name}")[0][0]) for name in wanted}
    said = ", ".join(f"{name}={value}" for name, value in held.items())
    if held == wanted:
        yield Finding(Level.OK, _("database sync"), said)
    else:
        asked = ", ".join(f"{name}={value}" for name, value in wanted.items())
        remedy = _("It must be %(asked)s, or a power cut loses what was acknowledged.") % {"asked": asked}
        yield Finding(Level.PROBLEM, _("database sync"), said, remedy)


def clock() -> Iterator[Finding]:
    """Whether the server's clock was set back: time that is over cannot pay for what is watched now."""
    rows = _rows(f"SELECT received_at FROM recorder_journal ORDER BY id DESC LIMIT {_RECENT_ROWS}")
    times = [row[0] for row in rows][::-1]
    remedy = _("Run a time service that slews the clock instead of stepping it, and see whether it is on at boot.")
    ahead_ms = (times[-1] if times else 0) - time.time_ns() // 1_000_000
    if ahead_ms > limits.CLOCK_TOLERANCE_MS:
        said = _("The newest record is %(s).1f s ahead of the clock: it was set back.") % {"s": ahead_ms / 1000}
        yield Finding(Level.PROBLEM, _("clock"), said, remedy)
        return
    back_ms = max((before - after for before, after in pairwise(times)), default=0)
    refused = _refused(Reason.IN_FUTURE.value)
    if back_ms > limits.CLOCK_TOLERANCE_MS:
        said = _("Among the newest records the clock went back by %(s).1f s.") % {"s": back_ms / 1000}
        yield Finding(Level.WARNING, _("clock"), said, remedy)
    elif refused:
        said = _("Of the newest claims, %(count)d were dated ahead of the clock.") % {"count": refused}
        yield Finding(Level.WARNING, _("clock"), said, _("A cheat, or a clock that was set back: see the reasons."))
    else:
        yield Finding(Level.OK, _("clock"), _("It did not go back among the newest records."))


def _refused(reason: str) -> int:
    """How many of the newest ledger lines carry a reason."""
    rows = _rows(
        "SELECT reasons FROM recorder_ledgerline WHERE reasons <> '' AND journal_id > "
        f"(SELECT COALESCE(MAX(id), 0) - {_RECENT_ROWS} FROM recorder_journal)"
    )
    return sum(reason in dict(json.loads(row[0])) for row in rows)


def recorder() -> Iterator[Finding]:
    """How many operations wait for the disk, where this process is one that takes them."""
    try:
        running = service.current()
    except Unavailable:
        yield Finding(Level.OK, _("recorder"), _("No server runs in this process; the system page shows its queue."))
        return
    waiting = {"waiting": running.waiting, "most": running.queue}
    said = _("%(waiting)d of at most %(most)d operations wait for the disk.") % waiting
    if running.waiting > running.queue // 2:
        remedy = _("The disk is too slow for this school. Nothing is lost: players send again what was not accepted.")
        yield Finding(Level.WARNING, _("recorder"), said, remedy)
    else:
        yield Finding(Level.OK, _("recorder"), said)


def _rows(statement: str) -> list[Row]:
    with connections["tracking"].cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _one(statement: str) -> str:
    return str(_rows(statement)[0][0])


def _size(count: int) -> str:
    return f"{count / 1024**3:,.1f} GiB" if count >= 1024**3 else f"{count / 1024**2:,.0f} MiB"


def backup() -> Iterator[Finding]:
    """How old the newest one is. Of PostgreSQL's own nothing is known here."""
    about, last = _("backup"), backups.last()
    nightly = _("Run `playhead backup FOLDER --keep 14` every night, onto another disk.")
    if last is None:
        yield Finding(Level.WARNING, about, _("None was made yet."), nightly)
        return
    said = _("The newest is %(age)s old: %(folder)s, %(size)s.") % {
        "age": timesince(last.made_at),
        "folder": last.folder,
        "size": _size(last.size),
    }
    if datetime.now(UTC) - last.made_at > _BACKUP_OLD:
        yield Finding(Level.WARNING, about, said, nightly)
    elif last.folder.exists() and last.folder.stat().st_dev == settings.PLAYHEAD_DATA.stat().st_dev:
        remedy = _("It lies on the disk that it is a backup of: take it to another one.")
        yield Finding(Level.WARNING, about, said, remedy)
    else:
        yield Finding(Level.OK, about, said)
