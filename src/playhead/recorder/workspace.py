"""One transaction's view of the tracking tables: read set-wise, changed in memory, written set-wise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import msgspec

from playhead.core.credit import RULE_VERSION, Line
from playhead.core.errors import Unauthorised
from playhead.recorder.listeners import Listeners
from playhead.recorder.outbox import Message
from playhead.recorder.state import Playback, Progress, Viewer, packed, reasons_of, reasons_text
from playhead.recorder.store import Row, Store

_JOURNAL_COLUMNS = "id, kind, viewer_id, playback_id, seq, received_at, rule_version, body"
LINE_COLUMNS = (
    "journal_id, idx, kind, viewer_id, video, playback_id, received_at, t0, t1, m0, m1, rate, credit, fresh, paid, "
    "credit_ms, fresh_ms, paid_ms, lateness_ms, reasons"
)
_PLAYBACK_MOVING = (
    "ticket_expires_at, closed_at, closed_reason, delivered, first_credit_at, prompt_asked, prompt_asked_at, "
    f"prompt_answered, {Listeners.MOVING}"
)
_NEW_PLAYBACK = (
    f"INSERT INTO recorder_playback ({Playback.COLUMNS.removeprefix('id, ')}) "
    f"VALUES ({', '.join('?' * 39)}) RETURNING id"
)
# The journal may have gone to the archive: then the first credit is the last that is known.
_PLAYS = (
    "SELECT opened_at, COALESCE((SELECT MAX(received_at) FROM recorder_journal WHERE playback_id = p.id), "
    "first_credit_at) FROM recorder_playback p WHERE viewer_id = ? AND video = ? AND kind = 'live' "
    "AND first_credit_at IS NOT NULL ORDER BY opened_at"
)
_NEW_VIEWER = (
    "INSERT INTO recorder_viewer (key, organisation_id, spent, runs) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"
)
_OUTBOX_COLUMNS = "organisation_id, integration, viewer, type, message_id, created_at, body"
# A row of a playback, and the highest number of its batches, which the journal's index has at hand.
_PLAYBACKS = (
    f"SELECT {Playback.COLUMNS}, (SELECT MAX(seq) FROM recorder_journal WHERE playback_id = recorder_playback.id) "
    "FROM recorder_playback WHERE"
)
_VIEWERS = f"SELECT {Viewer.COLUMNS} FROM recorder_viewer WHERE key"
_PLAYBACKS_BY_KEY = f"{_PLAYBACKS} key"
_PROGRESS_OF = f"SELECT {Progress.COLUMNS} FROM recorder_progress WHERE viewer_id = ? AND video = ?"
# By the playbacks, that their rows need not be here before this is asked.
_PROGRESS = (
    f"SELECT {', '.join(f'p.{name}' for name in Progress.COLUMNS.split(', '))} "
    "FROM recorder_playback b CROSS JOIN recorder_progress p "
    "WHERE p.viewer_id = b.viewer_id AND p.video = b.video AND b.key"
)


@dataclass(slots=True)
class KnownBatch:
    """A batch the journal already holds."""

    journal_id: int
    body: bytes


class Earned(msgspec.Struct, array_like=True, gc=False):
    """What came of a claim, in media ms: what is credited, how much of it is new, and what was cut, by reason."""

    credit: list[tuple[int, int]]
    credit_ms: int
    fresh_ms: int
    reasons: list[tuple[str, int]]

    @classmethod
    def by(cls, line: Line) -> Self:
        reasons = [(reason.value, ms) for reason, ms in line.reasons]
        return cls(line.credit.pairs(), line.credit.length, line.fresh.length, reasons)


def line_row(journal_id: int, idx: int, kind: str, viewer: int, playback: Playback, at: int, line: Line) -> Row:
    """A ledger line as the table's row, in the order of `LINE_COLUMNS`."""
    claim, credit, fresh, paid, lateness_ms, reasons = line
    t0, t1, m0, m1, rate = claim[:5]
    credited, credit_ms = credit.pack(), credit.length
    new, fresh_ms = (credited, credit_ms) if fresh is credit else (fresh.pack(), fresh.length)
    return (
        journal_id, idx, kind, viewer, playback.video, playback.id, at, t0, t1, m0, m1, rate, credited, new,
        paid.pack(), credit_ms, fresh_ms, paid.length, lateness_ms, reasons_text(reasons),
    )  # fmt: skip


class Cache:
    """The rows of the viewers that are here now, kept from one transaction to the next.

    Only where nobody else writes them: the sole writer of a SQLite file. Dropped as a whole when a transaction fails,
    and row by row, oldest first, when there are too many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.viewers: dict[str, Viewer] = {}
        self.playbacks: dict[str, Playback] = {}
        self.progress: dict[tuple[int, str], Progress] = {}

    def clear(self) -> None:
        for rows in (self.viewers, self.playbacks, self.progress):
            rows.clear()

    def trim(self) -> None:
        for rows in (self.viewers, self.playbacks, self.progress):
            while len(rows) > self._most:
                del rows[next(iter(rows))]  # type: ignore[arg-type]


class Operation(Protocol):
    """One with no `viewer` is about no one in particular: a follower's sums, written between the batches."""

    @property
    def viewer(self) -> str | None: ...
    @property
    def playback(self) -> str | None: ...
    @property
    def video(self) -> str | None: ...
    @property
    def seq(self) -> int | None: ...
    @property
    def makes_viewer(self) -> bool: ...
    @property
    def organisation_id(self) -> int: ...

    def apply(self, space: "Workspace") -> Any: ...


class Workspace:
    """The rows that a group of operations needs, by key, with the viewers locked first, in key order."""

    def __init__(self, store: Store, operations: Sequence[Operation], cache: Cache) -> None:
        self.store = store
        self.viewers = cache.viewers
        self.playbacks = cache.playbacks
        self.progress = cache.progress
        self._lines: dict[int, Sequence[Line]] = {}
        self._journal: list[Row] = []
        self._ledger: list[Row] = []
        self._outbox: list[Row] = []
        self._viewers: dict[int, Viewer] = {}  # what changed, by its address: each once, in the order of the changes
        self._playbacks: dict[int, Playback] = {}
        self._progress: dict[int, Progress] = {}
        self._ids: Iterator[int] = iter(())
        self._group = len(operations)
        self._load(operations)

    # --- reading

    def _load(self, operations: Sequence[Operation]) -> None:
        viewers = {key for op in operations if (key := op.viewer) is not None and key not in self.viewers}
        playbacks = {key for op in operations if (key := op.playback) is not None and key not in self.playbacks}
        if not viewers and not playbacks:
            return
        new = {op.viewer: op for op in operations if op.viewer in viewers and op.makes_viewer and op.viewer}
        if new:
            self.store.many(_NEW_VIEWER, [(key, new[key].organisation_id, b"", b"") for key in sorted(new)])
        locked = (_VIEWERS, sorted(viewers), f" ORDER BY key{self.store.lock}")
        keys = list(playbacks)
        numbered = sum(op.seq is not None for op in operations)
        rows, ids = self.store.all_in_turn([locked, (_PLAYBACKS_BY_KEY, keys, ""), (_PROGRESS, keys, "")], ids=numbered)
        self._ids = iter(ids)
        for row in rows[0]:
            self.viewers[row[1]] = Viewer.from_row(row)
        for row in rows[1]:
            self.playbacks[row[1]] = Playback.from_row(row)
        for row in rows[2]:
            if (row[0], row[1]) not in self.progress:
                self.progress[row[0], row[1]] = Progress.from_row(row)

    def named(self, viewer_key: str, video: str, playback_key: str) -> tuple[Viewer, Playback]:
        """The rows a ticket speaks of, which must agree with it."""
        viewer, playback = self.viewers.get(viewer_key), self.playbacks.get(playback_key)
        if viewer is None or playback is None or playback.viewer_id != viewer.id or playback.video != video:
            raise Unauthorised("ticket_invalid", "The ticket names no playback of this server.")
        return viewer, playback

    def progress_of(self, playback: Playback) -> Progress:
        key = (playback.viewer_id, playback.video)
        progress = self.progress.get(key)
        if progress is None:
            rows = self.store.all(_PROGRESS_OF, key)
            progress = self.progress[key] = Progress.from_row(rows[0]) if rows else Progress(*key)
        return progress

    def open_playbacks(self, viewer: Viewer) -> list[Playback]:
        for row in self.store.all(f"{_PLAYBACKS} viewer_id = ? AND closed_at IS NULL", [viewer.id]):
            self.playbacks.setdefault(row[1], Playback.from_row(row))
        return [p for p in self.playbacks.values() if p.viewer_id == viewer.id and p.closed_at is None]

    def plays_of(self, viewer: Viewer, video: str) -> list[tuple[int, int]]:
        """The viewer's playbacks of a video that earned something: (opened at, last heard of), the oldest first."""
        return [(row[0], row[1]) for row in self.store.all(_PLAYS, [viewer.id, video])]

    def known_batch(self, playback: Playback, seq: int) -> KnownBatch | None:
        """The batch that the journal, or this transaction, already holds under this number."""
        if seq > playback.last_seq:
            return None
        for row in self._journal:  # a group is short, and only what comes again is looked for
            if row[3] == playback.id and row[4] == seq:
                return KnownBatch(row[0], row[7])
        statement = "SELECT id, body FROM recorder_journal WHERE playback_id = ? AND seq = ?"
        rows = self.store.all(statement, [playback.id, seq])
        return KnownBatch(rows[0][0], bytes(rows[0][1])) if rows else None

    def bodies_of(self, playback: Playback) -> list[bytes]:
        """The imported bodies the journal holds for a playback, this transaction's included."""
        statement = "SELECT body FROM recorder_journal WHERE playback_id = ? AND seq IS NOT NULL ORDER BY seq"
        stored = [bytes(body) for (body,) in self.store.all(statement, [playback.id])]
        return stored + [row[7] for row in self._journal if row[3] == playback.id and row[4] is not None]

    def lines_of(self, journal_id: int) -> list[Earned]:
        """What came of each claim of a batch."""
        if journal_id in self._lines:
            return [Earned.by(line) for line in self._lines[journal_id]]
        statement = "SELECT credit, fresh, reasons FROM recorder_ledgerline WHERE journal_id = ? ORDER BY idx"
        rows = self.store.all(statement, [journal_id])
        credits_ = [(packed(row, 0), packed(row, 1), reasons_of(row[2])) for row in rows]
        return [Earned(credit.pairs(), credit.length, fresh.length, reasons) for credit, fresh, reasons in credits_]

    # --- writing

    def insert_playback(self, playback: Playback) -> Playback:
        [(playback.id,)] = self.store.all(_NEW_PLAYBACK, playback.to_row())
        self.playbacks[playback.key] = playback
        return playback

    def changed(
        self, *, viewer: Viewer | None = None, playback: Playback | None = None, progress: Progress | None = None
    ) -> None:
        if viewer is not None:
            self._viewers[id(viewer)] = viewer
        if playback is not None:
            self._playbacks[id(playback)] = playback
        if progress is not None:
            self._progress[id(progress)] = progress

    def tell(self, *messages: Message) -> None:
        """Put messages for other systems into the outbox."""
        self._outbox += [message.to_row() for message in messages]

    def write(
        self,
        kind: str,
        viewer: Viewer,
        playback: Playback,
        body: bytes,
        *,
        received_at: int,
        seq: int | None = None,
        lines: Sequence[Line] = (),
    ) -> None:
        """Append to the journal, and what came of it to the ledger."""
        journal_id = self._next_id()
        self._journal.append((journal_id, kind, viewer.id, playback.id, seq, received_at, RULE_VERSION, body))
        if seq is not None:
            if seq > playback.last_seq:
                playback.last_seq = seq
            self._lines[journal_id] = lines
        line_kind = "imported" if kind == "imported" else "credit"
        for idx, line in enumerate(lines):
            self._ledger.append(line_row(journal_id, idx, line_kind, viewer.id, playback, received_at, line))

    def _next_id(self) -> int:
        journal_id = next(self._ids, None)
        if journal_id is None:
            self.flush_journal()
            self._ids = iter(self.store.journal_ids(self._group))
            journal_id = next(self._ids)
        return journal_id

    def flush_journal(self) -> None:
        if self._journal:
            self.store.insert("recorder_journal", _JOURNAL_COLUMNS, self._journal)
            self._journal = []

    def flush(self) -> None:
        """Write all that changed; what remains is the commit."""
        store, progress = self.store, self._progress.values()
        moving = [state.to_moving() for state in progress if not state.whole]
        whole = [state for state in progress if state.whole]
        self.flush_journal()
        if self._ledger:
            store.insert("recorder_ledgerline", LINE_COLUMNS, self._ledger)
        if moving:
            store.update("recorder_progress", Progress.MOVING, moving, by="viewer_id, video")
        if self._viewers:
            viewers = [viewer.to_row() for viewer in self._viewers.values()]
            store.update("recorder_viewer", "spent, runs", viewers, by="id")
        if whole:
            rows = [state.to_row() for state in whole]
            store.put("recorder_progress", Progress.COLUMNS, rows, by="viewer_id, video")
        if self._playbacks:
            playbacks = [_changes(playback) for playback in self._playbacks.values()]
            store.update("recorder_playback", _PLAYBACK_MOVING, playbacks, by="id")
        if self._outbox:
            store.insert("recorder_outbox", _OUTBOX_COLUMNS, self._outbox)
        for state in whole:
            state.whole = False


def _changes(playback: Playback) -> Row:
    closing = (playback.ticket_expires_at, playback.closed_at, playback.closed_reason)
    return (*closing, *playback.changing(), *playback.listeners.moving(), playback.id)
