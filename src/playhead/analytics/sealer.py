"""The sealer: a thread that puts what the journal holds into the archive and the lake, and never in a viewer's way.

It writes files over a connection of its own and hands what they mean to the recorder's thread, the only one that
writes the database: a file counts from the commit that lists it. Broken off anywhere, it leaves files that nobody
lists, and begins again where the database says that it got to.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from playhead.analytics import archive, lake
from playhead.analytics.archive import LEFT, PART_COLUMNS, Part
from playhead.analytics.lake import File
from playhead.analytics.rollups import cursor, slice_end
from playhead.analytics.shape import day_of, read_slice
from playhead.core import limits
from playhead.recorder.errand import StoreErrand
from playhead.recorder.recorder import Recorder
from playhead.recorder.store import Store
from playhead.recorder.workspace import Workspace

logger = logging.getLogger(__name__)
_AFTER_TROUBLE_S: Final = 60.0
_PUT_PART: Final = f"INSERT INTO analytics_archivepart ({PART_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_DROP_FILE: Final = "DELETE FROM analytics_lakefile WHERE path = ?"
_OLDEST: Final = "SELECT received_at FROM recorder_journal WHERE id > ? ORDER BY id LIMIT 1"
_LEAVING: Final = (
    "SELECT j.id, p.closed_at IS NOT NULL OR p.ticket_expires_at < ? FROM recorder_journal j "
    "CROSS JOIN recorder_playback p WHERE j.id > ? AND j.id <= ? AND p.id = j.playback_id AND p.kind = 'live'"
)
_LEAVE: Final = "UPDATE recorder_journal SET body = ? WHERE id = ?"


class _AboutNobody:
    """An operation for the recorder's thread that touches no viewer's rows."""

    viewer = playback = video = seq = None
    makes_viewer = False
    organisation_id = 1


@dataclass(frozen=True, slots=True)
class Seal(_AboutNobody):
    """List a part of the archive and its files of the lake, unless somebody sealed that stretch before."""

    part: Part
    files: list[File]

    def apply(self, space: Workspace) -> bool:
        if archive.sealed_upto(space.store) != self.part.after:
            return False
        part = self.part
        kept = (part.rows, part.bytes, part.digest, part.last_received_at, part.sealed_at, part.bodies_left)
        space.store.many(_PUT_PART, [(part.after, part.upto, part.path, *kept)])
        if self.files:
            space.store.many(lake.PUT_FILE, [file.to_row() for file in self.files])
        return True


@dataclass(frozen=True, slots=True)
class Join(_AboutNobody):
    """List one file instead of several that hold the same rows, unless one of them is no longer listed."""

    several: list[File]
    joined: File

    def apply(self, space: Workspace) -> bool:
        known = {file.path for file in lake.files(space.store)}
        if not {file.path for file in self.several} <= known:
            return False
        space.store.many(_DROP_FILE, [(file.path,) for file in self.several])
        space.store.many(lake.PUT_FILE, [self.joined.to_row()])
        return True


@dataclass(frozen=True, slots=True)
class Leave(_AboutNobody):
    """Take bodies out of the journal that the archive has; `part` when these were the last of one."""

    ids: list[int]
    part: Part | None = None

    def apply(self, space: Workspace) -> bool:
        space.store.many(_LEAVE, [(LEFT, journal_id) for journal_id in self.ids])
        if self.part is not None:
            space.store.many(
                "UPDATE analytics_archivepart SET bodies_left = ? WHERE after = ?", [(True, self.part.after)]
            )
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Where to, and how: a stretch is sealed once it has `rows`, or its oldest row is `after_s` old; bodies leave the
    database `keep_days` after they were received, None for never."""

    archive: Path
    lake: Path
    rows: int = limits.SEAL_ROWS
    after_s: int = limits.SEAL_AFTER_S
    keep_days: int | None = None
    owns_folders: bool = True


class Sealer(StoreErrand):
    """Runs beside a recorder that is started before it and stopped after it. Nothing is lost by waiting: the journal
    keeps what is not sealed."""

    def __init__(self, recorder: Recorder, database: str, habits: Habits) -> None:
        super().__init__("sealer", database, after_trouble_s=_AFTER_TROUBLE_S)
        self._recorder = recorder
        self._habits = habits
        self._replaced: deque[tuple[float, File]] = deque()

    def begin(self, store: Store) -> None:
        self.tidy(store)

    def take_from(self, store: Store) -> float:
        return 0.0 if self.turn(store) else limits.SEAL_PAUSE_S

    def tidy(self, store: Store) -> None:
        """Remove the files that a sealing left behind when it was broken off."""
        if self._habits.owns_folders:
            lake.sweep(self._habits.lake, {file.path for file in lake.files(store)})
            for path in archive.sweep(store, self._habits.archive):
                logger.warning("the archive has %s, which is not what the database has: was a backup restored?", path)

    def turn(self, store: Store) -> bool:
        """Seal, join or let go the next that waits; returns whether anything did."""
        self._forget_replaced()
        return self._seal(store) or self._join(store) or self._let_go(store)

    def _seal(self, store: Store) -> bool:
        after, horizon = archive.sealed_upto(store), store.horizon()
        if after >= horizon:
            return False
        upto = slice_end(store, after, rows=self._habits.rows, most=horizon)
        [(oldest_ms,)] = store.all(_OLDEST, [after])
        is_due = self._recorder.now_ms() - oldest_ms >= self._habits.after_s * 1000
        return (is_due or upto < horizon) and self.seal(store, after=after, upto=upto)

    def seal(self, store: Store, *, after: int, upto: int) -> bool:
        """Seal one stretch of the journal; False if somebody else did."""
        habits, now_ms = self._habits, self._recorder.now_ms()
        rows, rest = archive.journal_rows(store, after=after, upto=upto), self._pace()
        part = archive.write_part(habits.archive, rows, after=after, upto=upto, sealed_at=now_ms, rest=rest)
        piece = read_slice(store, rows, after=after, upto=upto)
        made = lake.write_files(habits.lake, piece, name=f"{upto:012}", rest=rest)
        return bool(self._recorder.do(Seal(part, made)))

    def _join(self, store: Store) -> bool:
        """Join the files of a table and day: of a day that is over all of them, of today once there are many."""
        today = day_of(self._recorder.now_ms())
        for (_table, day), group in groupby(lake.files(store), key=lambda file: (file.dataset, file.day)):
            several = list(group)
            if len(several) > (1 if day < today else limits.LAKE_FILES_A_DAY):
                joined = lake.join_files(self._habits.lake, several)
                if self._recorder.do(Join(several, joined)):
                    self._replaced += [(time.monotonic(), file) for file in several]
                return True
        return False

    def _forget_replaced(self) -> None:
        """Remove replaced files once nobody can still be reading them."""
        while self._replaced and time.monotonic() - self._replaced[0][0] >= limits.LAKE_GRACE_S:
            (self._habits.lake / self._replaced.popleft()[1].path).unlink(missing_ok=True)

    def _let_go(self, store: Store) -> bool:
        """Take the bodies out of the oldest part that may go and was not gone through, after reading it once more."""
        if self._habits.keep_days is None:
            return False
        before_ms = self._recorder.now_ms() - self._habits.keep_days * limits.DAY_MS
        rolled = cursor(store)
        for part in archive.parts(store):
            if part.upto > rolled or part.last_received_at >= before_ms:
                return False
            if not part.bodies_left and self._empty(store, part, before_ms):
                return True
        return False

    def _empty(self, store: Store, part: Part, before_ms: int) -> bool:
        rows = store.all(_LEAVING, [before_ms, part.after, part.upto])
        kept = {row[0]: row[7] for row in archive.journal_rows(store, after=part.after, upto=part.upto)}
        going = sorted(journal_id for journal_id, may in rows if may and kept[journal_id] != LEFT)
        is_last = all(may for _id, may in rows)
        if not going and not is_last:
            return False
        archived = {row[0]: row[7] for row in archive.part_rows(self._habits.archive, part)}
        if any(archived.get(journal_id) != kept[journal_id] for journal_id in going):
            logger.error("archive part %s is not what the journal has: its bodies stay", part.path)
            return False
        pieces = [going[at : at + limits.ROLLUP_ROWS] for at in range(0, len(going), limits.ROLLUP_ROWS)] or [[]]
        for number, ids in enumerate(pieces, 1):
            began = time.monotonic()
            self._recorder.do(Leave(ids, part if is_last and number == len(pieces) else None))
            self._over.wait((time.monotonic() - began) * limits.ROLLUP_REST)
        return True

    def _pace(self) -> Callable[[int], None]:
        """After some rows, rest much longer than they took: requests must not wait for the interpreter."""
        began = time.monotonic()

        def rest(_rows: int) -> None:
            nonlocal began
            self._over.wait((time.monotonic() - began) * limits.SEAL_REST)
            began = time.monotonic()

        return rest


def habits(settings: Any) -> Habits:
    """As the operator has set them."""
    return Habits(
        archive=settings.PLAYHEAD_ARCHIVE,
        lake=settings.PLAYHEAD_LAKE,
        after_s=settings.PLAYHEAD_SEAL_MIN * 60,
        keep_days=settings.PLAYHEAD_JOURNAL_DAYS or None,
        owns_folders=not settings.PLAYHEAD_DATABASE_URL,
    )
