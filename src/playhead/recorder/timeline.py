"""Reading the journal: what one viewer's players told, in the order in which it arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from django.db import connections

# CROSS JOIN keeps SQLite to the viewer's playbacks first, whose rows the journal's index by playback finds. Bodies are
# fetched for the page alone: sorting them as well would read all that a viewer ever sent.
_IDS: Final = (
    "SELECT j.id FROM recorder_playback p CROSS JOIN recorder_journal j "
    "WHERE p.viewer_id = %s AND p.video IN ({marks}) AND j.playback_id = p.id AND j.id < %s AND j.kind <> 'delivered' "
    "ORDER BY j.id DESC LIMIT %s"
)
_ROWS: Final = (
    "SELECT j.id, j.kind, p.key, p.video, p.opened_at, j.received_at, j.body "
    "FROM recorder_journal j CROSS JOIN recorder_playback p WHERE j.id IN ({marks}) AND p.id = j.playback_id "
    "ORDER BY j.id DESC"
)
NEWEST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the journal: `kind` is `opened`, `batch`, `closed` or `imported`; instants are epoch ms."""

    journal_id: int
    kind: str
    playback: str
    video: str
    opened_at: int
    received_at: int
    body: bytes


def entries_of(viewer_id: int, videos: Sequence[str], *, before: int = NEWEST, most: int) -> list[Entry]:
    """At most so many entries of a viewer's playbacks of these videos, the newest first, below a journal id."""
    if not videos:
        return []
    ids = [row[0] for row in _all(_IDS, videos, [viewer_id, *videos, before, most])]
    rows = _all(_ROWS, ids, ids) if ids else []
    return [
        Entry(journal_id, kind, playback, video, opened_at, received_at, bytes(body))
        for journal_id, kind, playback, video, opened_at, received_at, body in rows
    ]


def _all(statement: str, listed: Sequence[object], values: Sequence[object]) -> list[tuple[Any, ...]]:
    with connections["tracking"].cursor() as cursor:
        cursor.execute(statement.format(marks=", ".join(["%s"] * len(listed))), cast("list[Any]", values))
        return list(cursor.fetchall())
