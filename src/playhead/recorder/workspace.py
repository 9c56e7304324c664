"""One transaction's view of the tracking tables: read set-wise, changed in memory, written set-wise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playhead.core.credit import RULE_VERSION, Line
from playhead.core.errors import Unauthorised
from playhead.core.sections import EMPTY, Sections
from playhead.core.tickets import Ticket
from playhead.recorder.state import Playback, Progress, Viewer, packed, reasons_of, reasons_text
from playhead.recorder.store import Row, Store, all_in

if TYPE_CHECKING:
    from playhead.recorder.operations import Operation

_JOURNAL = (
    "INSERT INTO recorder_journal (id, kind, viewer_id, playback_id, seq, received_at, rule_version, body) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
LINE_COLUMNS = (
    "journal_id, idx, kind, viewer_id, video, playback_id, received_at, t0, t1, m0, m1, rate, credit, fresh, paid, "
    "credit_ms, fresh_ms, paid_ms, lateness_ms, reasons"
)
_LINE = f"INSERT INTO recorder_ledgerline ({LINE_COLUMNS}) VALUES ({', '.join('?' * 20)})"
_PROGRESS = (
    f"INSERT INTO recorder_progress ({Progress.COLUMNS}) VALUES ({', '.join('?' * 22)}) "
    "ON CONFLICT (viewer_id, video) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in Progress.COLUMNS.split(", ")[2:])
)
_VIEWER = "UPDATE recorder_viewer SET spent = ?, playing_id = ?, playing_since = ?, playing_until = ? WHERE id = ?"
_PLAYBACK = (
    "UPDATE recorder_playback SET ticket_expires_at = ?, closed_at = ?, closed_reason = ?, delivered = ?, "
    "first_credit_at = ?, last_received_at = ?, run_since = ?, run_until = ? WHERE id = ?"
)
_NEW_PLAYBACK = (
    f"INSERT INTO recorder_playback ({Playback.COLUMNS.removeprefix('id, ')}) "
    f"VALUES ({', '.join('?' * 25)}) RETURNING id"
)
_NEW_VIEWER = (
    "INSERT INTO recorder_viewer (key, organisation_id, spent, playing_since, playing_until) "
    "VALUES (?, ?, ?, 0, 0) ON CONFLICT (key) DO NOTHING"
)


@dataclass(slots=True)
class KnownBatch:
    """A batch the journal already holds."""

    journal_id: int
    body: bytes


def line_row(journal_id: int, idx: int, kind: str, viewer: int, playback: Playback, at: int, line: Line) -> Row:
    """A ledger line as the table's row, in the order of `LINE_COLUMNS`."""
    claim = line.claim
    credit = line.credit.pack()
    fresh = credit if line.fresh is line.credit else line.fresh.pack()
    sums = (line.credit.length, line.fresh.length, line.paid.length)
    where = (journal_id, idx, kind, viewer, playback.video, playback.id, at)
    return (*where, *claim[:5], credit, fresh, line.paid.pack(), *sums, line.lateness_ms, reasons_text(line.reasons))


class Workspace:
    """The rows that a group of operations needs, by key, with the viewers locked first, in key order."""

    def __init__(self, store: Store, operations: Sequence["Operation"]) -> None:
        self.store = store
        self.viewers: dict[str, Viewer] = {}
        self.playbacks: dict[str, Playback] = {}
        self.progress: dict[tuple[int, str], Progress] = {}
        self.batches: dict[tuple[int, int], KnownBatch] = {}
        self._lines: dict[int, list[Line]] = {}
        self._journal: list[Row] = []
        self._ledger: list[Row] = []
        self._changed: dict[int, Viewer | Playback | Progress] = {}
        self._ids: Iterator[int] = iter(())
        self._group = len(operations)
        self._load_viewers(operations)
        self._load_playbacks(operations)
        self._load_batches(operations)
        self._load_progress()

    # --- reading

    def _load_viewers(self, operations: Sequence["Operation"]) -> None:
        new = {op.viewer: getattr(op, "organisation_id", 1) for op in operations if op.makes_viewer}
        if new:
            self.store.many(_NEW_VIEWER, [(key, new[key], b"") for key in sorted(new)])
        keys = sorted({op.viewer for op in operations})
        statement = f"SELECT {Viewer.COLUMNS} FROM recorder_viewer WHERE key"
        for row in all_in(self.store, statement, keys, f" ORDER BY key{self.store.lock}"):
            self.viewers[row[1]] = Viewer.from_row(row)

    def _load_playbacks(self, operations: Sequence["Operation"]) -> None:
        keys = list({op.playback for op in operations if op.playback is not None})
        if keys:
            statement = f"SELECT {Playback.COLUMNS} FROM recorder_playback WHERE key"
            for row in all_in(self.store, statement, keys):
                self.playbacks[row[1]] = Playback.from_row(row)

    def _load_batches(self, operations: Sequence["Operation"]) -> None:
        wanted = [
            (self.playbacks[op.playback].id, op.seq)
            for op in operations
            if op.seq is not None and op.playback in self.playbacks
        ]
        if wanted:
            statement = "SELECT playback_id, seq, id, body FROM recorder_journal WHERE (playback_id, seq)"
            for playback_id, seq, journal_id, body in all_in(self.store, statement, wanted):
                self.batches[playback_id, seq] = KnownBatch(journal_id, bytes(body))

    def _load_progress(self) -> None:
        wanted = list({(playback.viewer_id, playback.video) for playback in self.playbacks.values()})
        if wanted:
            self._read_progress(wanted)

    def _read_progress(self, wanted: Sequence[Row]) -> None:
        statement = f"SELECT {Progress.COLUMNS} FROM recorder_progress WHERE (viewer_id, video)"
        for row in all_in(self.store, statement, wanted):
            self.progress[row[0], row[1]] = Progress.from_row(row)

    def of_ticket(self, ticket: Ticket) -> tuple[Viewer, Playback]:
        """The rows a ticket speaks of, which must agree with it."""
        viewer, playback = self.viewers.get(ticket.viewer), self.playbacks.get(ticket.playback)
        if viewer is None or playback is None or (playback.viewer_id, playback.video) != (viewer.id, ticket.video):
            raise Unauthorised("ticket_invalid", "The ticket names no playback of this server.")
        return viewer, playback

    def progress_of(self, playback: Playback) -> Progress:
        key = (playback.viewer_id, playback.video)
        if key not in self.progress:
            self._read_progress([key])
        if key not in self.progress:
            self.progress[key] = Progress(*key)
        return self.progress[key]

    def open_playbacks(self, viewer: Viewer) -> list[Playback]:
        statement = f"SELECT {Playback.COLUMNS} FROM recorder_playback WHERE viewer_id = ? AND closed_at IS NULL"
        for row in self.store.all(statement, [viewer.id]):
            self.playbacks.setdefault(row[1], Playback.from_row(row))
        return [p for p in self.playbacks.values() if p.viewer_id == viewer.id and p.closed_at is None]

    def bodies_of(self, playback: Playback) -> list[bytes]:
        """The imported bodies the journal holds for a playback, this transaction's included."""
        statement = "SELECT body FROM recorder_journal WHERE playback_id = ? AND seq IS NOT NULL ORDER BY seq"
        stored = [bytes(body) for (body,) in self.store.all(statement, [playback.id])]
        return stored + [row[7] for row in self._journal if row[3] == playback.id and row[4] is not None]

    def lines_of(self, journal_id: int) -> list[tuple[Sections, Sections, list[tuple[str, int]]]]:
        """Credit, fresh and reasons of each ledger line of a batch."""
        if journal_id in self._lines:
            lines = self._lines[journal_id]
            return [(line.credit, line.fresh, [(reason.value, ms) for reason, ms in line.reasons]) for line in lines]
        statement = "SELECT credit, fresh, reasons FROM recorder_ledgerline WHERE journal_id = ? ORDER BY idx"
        rows = self.store.all(statement, [journal_id])
        return [(packed(row, 0), packed(row, 1), reasons_of(row[2])) for row in rows]

    # --- writing

    def insert_playback(self, playback: Playback) -> Playback:
        [(playback.id,)] = self.store.all(_NEW_PLAYBACK, playback.to_row())
        self.playbacks[playback.key] = playback
        return playback

    def changed(self, *states: Viewer | Playback | Progress) -> None:
        for state in states:
            self._changed[id(state)] = state

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
            self.batches[playback.id, seq] = KnownBatch(journal_id, body)
            self._lines[journal_id] = list(lines)
        line_kind = "imported" if kind == "imported" else "credit"
        for idx, line in enumerate(lines):
            row = line_row(journal_id, idx, line_kind, viewer.id, playback, received_at, line)
            self._ledger.append(row)

    def _next_id(self) -> int:
        journal_id = next(self._ids, None)
        if journal_id is None:
            self.flush_journal()
            self._ids = iter(self.store.journal_ids(self._group))
            journal_id = next(self._ids)
        return journal_id

    def flush_journal(self) -> None:
        if self._journal:
            self.store.many(_JOURNAL, self._journal)
            self._journal = []

    def flush(self) -> None:
        """Write all that changed; what remains is the commit."""
        states = self._changed.values()
        self.flush_journal()
        for statement, rows in (
            (_LINE, self._ledger),
            (_PROGRESS, [state.to_row() for state in states if isinstance(state, Progress)]),
            (_VIEWER, [state.to_row() for state in states if isinstance(state, Viewer)]),
            (_PLAYBACK, [_changes(state) for state in states if isinstance(state, Playback)]),
        ):
            if rows:
                self.store.many(statement, rows)


def _changes(playback: Playback) -> Row:
    closing = (playback.ticket_expires_at, playback.closed_at, playback.closed_reason)
    return (*closing, *playback.changing(), playback.id)


__all__ = ["EMPTY", "KnownBatch", "Workspace", "line_row"]
