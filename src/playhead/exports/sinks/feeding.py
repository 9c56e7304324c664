"""One sink, fed: what was sealed after its position goes into its store, piece by piece, and the position follows.

A position is written after its piece is safely there, so a crash between the two brings a piece again, never leaves
one out; that it is not there twice is the store's part (`pieces.Target`).
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import F

from playhead.analytics.archive import sealed_upto
from playhead.analytics.shape import TABLES
from playhead.core import limits
from playhead.core.errors import Invalid, Unavailable
from playhead.exports.models import Sink
from playhead.exports.sinks.addresses import checked, open_target, without_password
from playhead.exports.sinks.pieces import Target, pieces
from playhead.recorder.databases import open_store
from playhead.recorder.sealed import seal, unseal
from playhead.recorder.store import Store

_SAID_CHARS: Final = 500


def add(*, name: str, address: str, now_ms: int) -> Sink:
    """A new sink; it gets everything that was ever sealed. Raises Invalid."""
    checked(address)
    if Sink.objects.filter(name=name).exists():
        raise Invalid("name_taken", f"There is a sink called {name} already.")
    return Sink.objects.create(name=name, shown=without_password(address), address=seal(address), created_at=now_ms)


@contextmanager
def opened(sink: Sink) -> Iterator[Target]:
    """Its store, connected and prepared. Where the store knows how far it is, that is the sink's position."""
    with closing(open_target(unseal(sink.address))) as target:
        position = target.prepare()
        if position is not None and position != sink.position:
            kept(sink, position=position, rows=0)
        yield target


def feed(
    sink: Sink,
    store: Store,
    target: Target,
    *,
    archive: Path,
    over: Callable[[], bool] = lambda: False,
    rows: int = limits.SINK_ROWS,
) -> int:
    """Bring everything that waits, until there is nothing or it is `over`; returns how many rows of the lake."""
    brought = 0
    waiting = pieces(store, archive, position=sink.position, rows=rows, whole_parts=target.whole_parts)
    for piece in waiting:
        if over():
            break
        target.put(piece)
        count = sum(len(piece.rows(table)) for table in TABLES)
        kept(sink, position=piece.upto, rows=count)
        brought += count
    return brought


def kept(sink: Sink, *, position: int, rows: int) -> None:
    Sink.objects.filter(pk=sink.pk).update(position=position, rows=F("rows") + rows)
    sink.position = position


def well(sink: Sink, *, now_ms: int) -> None:
    Sink.objects.filter(pk=sink.pk).update(last_ok_at=now_ms, failing_since=None, failures=0, last_error="", next_at=0)


def failed(sink: Sink, error: Exception, *, now_ms: int) -> int:
    """Write down what went wrong; returns after how many seconds it is tried again: ever later, within bounds."""
    failures = sink.failures + 1
    wait_s: int = min(limits.SINK_RETRY_S << min(failures - 1, 20), limits.SINK_RETRY_MOST_S)
    Sink.objects.filter(pk=sink.pk).update(
        failures=failures,
        failing_since=sink.failing_since or now_ms,
        last_error=_said(error, sink),
        next_at=now_ms + wait_s * 1000,
    )
    return wait_s


def _said(error: Exception, sink: Sink) -> str:
    """In one line, and without the password, which some libraries put into their errors."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    with suppress(Unavailable):  # it does not open: then nobody could have put it into an error
        password = urlsplit(unseal(sink.address)).password or ""
        for secret in {password, unquote(password)} - {""}:
            said = said.replace(secret, "…")
    return said[:_SAID_CHARS]


@dataclass(frozen=True, slots=True)
class Compared:
    """Of one table: rows of the archive up to the sink's position, and rows and different rows in the store."""

    table: str
    due: int
    rows: int
    different: int

    @property
    def holds(self) -> bool:
        return self.due == self.rows == self.different


def compare(sink: Sink, store: Store, target: Target, *, archive: Path) -> list[Compared]:
    """Count everything up to the position on both sides."""
    due = dict.fromkeys(TABLES, 0)
    for piece in pieces(store, archive, position=0, rows=limits.SEAL_ROWS, whole_parts=False, upto=sink.position):
        for table, columns in TABLES.items():
            at = list(columns).index("journal_id")
            due[table] += sum(int(str(row[at])) <= sink.position for row in piece.rows(table))
    return [Compared(table, due[table], *target.held(table, upto=sink.position)) for table in TABLES]


def lag(sink: Sink, store: Store) -> int:
    """How many journal rows are sealed and not in the sink yet."""
    [(waiting,)] = store.all(
        "SELECT COUNT(*) FROM recorder_journal WHERE id > ? AND id <= ?", [sink.position, sealed_upto(store)]
    )
    return int(waiting)


@contextmanager
def alone(sink: Sink) -> Iterator[None]:
    """On this machine one process feeds a sink at a time. Raises Unavailable while another does."""
    folder = Path(settings.PLAYHEAD_DATA)
    with (folder / f"sink-{sink.key}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable("sink_busy", f"The worker feeds {sink.name} right now.", retry_after_s=5) from None
        yield


def once(sink: Sink, *, over: Callable[[], bool] = lambda: False) -> int:
    """Connect, bring everything that waits, and go; returns how many rows."""
    with alone(sink), closing(open_store(settings.TRACKING_DATABASE)) as store, opened(sink) as target:
        return feed(sink, store, target, archive=settings.PLAYHEAD_ARCHIVE, over=over)
