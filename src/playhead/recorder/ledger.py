"""Reading the ledger: which lines made one viewer's numbers for one video, and what they add up to."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connections

from playhead.core.sections import Sections
from playhead.recorder.state import packed, reasons_of
from playhead.recorder.store import Row

IMPORTED: Final = "imported"
_ROWS_A_FETCH: Final = 1_000
# From the viewer's playbacks, whose index names them, over the journal's index by playback, to the ledger's own key:
# CROSS JOIN keeps SQLite to that order, which it cannot know to be the short one.
_LINES: Final = (
    "SELECT l.journal_id, l.idx, l.kind, p.key, p.opened_at, l.received_at, l.t0, l.t1, l.m0, l.m1, l.rate, "
    "l.credit, l.fresh, l.paid, l.credit_ms, l.fresh_ms, l.paid_ms, l.lateness_ms, l.reasons "
    "FROM recorder_playback p CROSS JOIN recorder_journal j CROSS JOIN recorder_ledgerline l "
    "WHERE p.viewer_id = %s AND p.video = %s AND j.playback_id = p.id AND l.journal_id = j.id "
    "ORDER BY l.journal_id, l.idx"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One claim and what became of it. Media ms, but `paid` and the instants (epoch ms) and `t0`, `t1` (playback wall
    ms); `rate` in thousandths. `kind` is `credit` or `imported`."""

    journal_id: int
    idx: int
    kind: str
    playback: str
    opened_at: int
    received_at: int
    t0: int
    t1: int
    m0: int
    m1: int
    rate: int
    credit: Sections
    fresh: Sections
    paid: Sections
    credit_ms: int
    fresh_ms: int
    paid_ms: int
    lateness_ms: int
    reasons: list[tuple[str, int]]

    @property
    def began_at(self) -> int:
        """When the claimed watching began, by the server's clock (epoch ms); of an import, when it was stated."""
        return self.opened_at + self.t0

    @property
    def refused_ms(self) -> int:
        return sum(ms for _reason, ms in self.reasons)


def lines_of(viewer_id: int, video: str) -> Iterator[Line]:
    """Every ledger line of one viewer and one video, in the order in which they were recorded."""
    with connections["tracking"].cursor() as cursor:
        cursor.execute(_LINES, [viewer_id, video])
        while rows := cursor.fetchmany(_ROWS_A_FETCH):
            yield from map(_line, rows)


def _line(row: Row) -> Line:
    values: list[Any] = list(row)
    values[11:14] = [packed(row, position) for position in (11, 12, 13)]
    values[18] = reasons_of(row[18])
    return Line(*values)


def as_row(line: Line) -> dict[str, str | int]:
    """A line as one row of a table for other programs: instants in UTC (ISO 8601), lengths and positions in ms."""
    return {
        "journal": line.journal_id,
        "line": line.idx,
        "kind": line.kind,
        "playback": line.playback,
        "opened_at": _instant(line.opened_at),
        "received_at": _instant(line.received_at),
        "began_at": _instant(line.began_at),
        "wall_from_ms": line.t0,
        "wall_to_ms": line.t1,
        "media_from_ms": line.m0,
        "media_to_ms": line.m1,
        "rate": line.rate,
        "credited_ms": line.credit_ms,
        "fresh_ms": line.fresh_ms,
        "paid_ms": line.paid_ms,
        "lateness_ms": line.lateness_ms,
        "credited": _pairs(line.credit),
        "fresh": _pairs(line.fresh),
        "paid": _pairs(line.paid),
        "refused": " ".join(f"{reason}:{ms}" for reason, ms in line.reasons),
    }


def _instant(epoch_ms: int) -> str:
    """An instant in the far past or future, which a claim may well name, is kept as its milliseconds."""
    try:
        return datetime.fromtimestamp(epoch_ms / 1000, tz=UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return f"{epoch_ms} ms"


def _pairs(sections: Sections) -> str:
    """`0-10000 20000-30000`: half-open, in ms."""
    return " ".join(f"{start}-{end}" for start, end in sections.pairs())


@dataclass(slots=True)
class Sums:
    """What lines add up to, in ms: `covered_ms`, `watched_ms` and `refused_ms` are the progress row's, by invariant."""

    lines: int = 0
    covered_ms: int = 0
    watched_ms: int = 0
    paid_ms: int = 0
    imported_ms: int = 0
    imported_watched_ms: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def refused_ms(self) -> int:
        return self.refused.total()

    def add(self, line: Line) -> None:
        self.lines += 1
        if line.kind == IMPORTED:
            self.imported_ms += line.fresh_ms
            self.imported_watched_ms += line.credit_ms
            return
        self.covered_ms += line.fresh_ms
        self.watched_ms += line.credit_ms
        self.paid_ms += line.paid_ms
        self.refused.update(dict(line.reasons))


def sums_of(lines: Iterable[Line]) -> Sums:
    sums = Sums()
    for line in lines:
        sums.add(line)
    return sums
