"""Keeping the sums up with ledger and journal, a slice of the journal at a time."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from playhead.analytics import playback_sums
from playhead.analytics.reading import Reader
from playhead.analytics.tally import CREDIT, MEASURES, Claimed, Measure, Tally, added, counts, sparsely_added
from playhead.core import limits
from playhead.core.sections import EMPTY, Sections
from playhead.recorder.store import Row, Store
from playhead.recorder.workspace import Workspace

# CROSS JOIN keeps SQLite to the order that is written here: the slice first.
_LINES = (
    "SELECT l.video, l.kind, l.credit, l.fresh, l.journal_id, l.m1 - l.m0, l.credit_ms, l.received_at, "
    "l.playback_id, l.t1 - l.t0, l.paid_ms, l.reasons "
    "FROM recorder_ledgerline l CROSS JOIN recorder_playback p "
    "WHERE l.journal_id > ? AND l.journal_id <= ? AND p.id = l.playback_id AND NOT p.preview"
)
_BATCHES = (
    "SELECT p.video, j.received_at, j.body, j.id, p.id FROM recorder_journal j CROSS JOIN recorder_playback p "
    "WHERE j.id > ? AND j.id <= ? AND j.kind = 'batch' AND p.id = j.playback_id AND NOT p.preview"
)
_CURSOR = "SELECT journal_id FROM analytics_cursor WHERE id = 1"
_NTH = "SELECT id FROM recorder_journal WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?"
_BEGIN = "INSERT INTO analytics_cursor (id, journal_id, rolled_at) VALUES (1, 0, ?) ON CONFLICT (id) DO NOTHING"
_MEASURED: Final = ", ".join(MEASURES)
_SECONDS: Final = ("analytics_secondcounts", ("video", "kind"), added)
_DAYS: Final = ("analytics_daycounts", ("video", "day"), sparsely_added)
_ADD_EVENTS = (
    "INSERT INTO analytics_eventcounts (video, day, type, times) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (video, day, type) DO UPDATE SET times = analytics_eventcounts.times + excluded.times"
)
_TABLES = (
    "analytics_cursor",
    "analytics_secondcounts",
    "analytics_daycounts",
    "analytics_eventcounts",
    "analytics_playbacksums",
)
_NO_TIME_LEFT: Final = "no_time_left"


@dataclass(frozen=True, slots=True)
class Sums:
    """Rows of the tables of sums as they are to be, and events as they are to be added: good as long as the cursor is
    where it was when they were made."""

    seconds: Sequence[Row]
    days: Sequence[Row]
    events: Sequence[Row]
    playbacks: Sequence[Row]


@dataclass(frozen=True, slots=True)
class RollUp:
    """An operation for the recorder's thread: put in what lies after `after` up to `upto`, if nobody did so before.

    Everything is read and added up beforehand: while it is written, viewers wait.
    """

    after: int
    upto: int
    sums: Sums
    rolled_at: int
    more: bool = False  # whether another slice waits already
    viewer = playback = video = seq = None
    makes_viewer = False
    organisation_id = 1

    def apply(self, space: Workspace) -> bool:
        return put(space.store, self)


Bodies = Callable[[Sequence[int]], Mapping[int, bytes]]
"""Of journal rows, by their ids: the bodies that have left the database for the archive."""


def none_left(_ids: Sequence[int]) -> Mapping[int, bytes]:
    """Of rows so new that their bodies are all there: one leaves only after it was counted."""
    return {}


Share = tuple[int, int]
"""(mask, part): the playbacks whose id, masked, is that part. So many processes may count, each its own."""
WHOLE: Final[Share] = (0, 0)
Counted = tuple[Tally, playback_sums.States]
Count = Callable[[int], Iterable[Counted]]
"""Counts all up to an id, in one piece or in shares."""


def tallied(
    reader: Reader,
    *,
    after: int,
    upto: int,
    video: str | None = None,
    share: Share = WHOLE,
    bodies: Bodies = none_left,
) -> Tally:
    """Count the slice of the journal after one id and up to another, for all videos or for one.

    What somebody watched in preview counts nowhere.
    """
    tally, earned = Tally(), Counter[int]()
    narrowed, only = _narrowed(video, share)
    for row in reader.all(_LINES + narrowed, [after, upto, *only]):
        credit = Sections.unpack(bytes(row[2])) if row[2] else EMPTY
        fresh = credit if row[2] == row[3] else Sections.unpack(bytes(row[3]))
        tally.add_line(row[0], row[1], received_at=row[7], credit=credit, fresh=fresh)
        earned[row[4]] += 2 * row[6] - row[5]
        if row[1] == CREDIT:
            tally.noted[row[8]].append((row[4], Claimed(row[7], row[9], row[6], row[10], _contested_ms(row[11]))))
    batches = reader.all(_BATCHES + narrowed, [after, upto, *only])
    gone = [row[3] for row in batches if not row[2]]
    kept = bodies(gone) if gone else {}
    for about, received_at, body, journal_id, playback_id in batches:
        whole = bytes(body) or kept.get(journal_id, b"")
        told = tally.add_batch(about, received_at, whole, earned=earned[journal_id] > 0)
        if told is not None:
            tally.noted[playback_id].append((journal_id, told))
    return tally


def _narrowed(video: str | None, share: Share) -> tuple[str, list[object]]:
    narrowed, only = "", list[object]()
    if video is not None:
        narrowed, only = " AND p.video = ?", [video]
    if share != WHOLE:
        narrowed, only = narrowed + " AND (p.id & ?) = ?", [*only, *share]
    return narrowed, only


def _contested_ms(reasons: str) -> int:
    return sum(ms for reason, ms in json.loads(reasons) if reason == _NO_TIME_LEFT) if _NO_TIME_LEFT in reasons else 0


def rows_after(reader: Reader, journal_id: int) -> int:
    """About how many journal rows lie after one: by their numbers, of which PostgreSQL leaves some out."""
    [(last,)] = reader.all("SELECT MAX(id) FROM recorder_journal")
    return max(0, (last or 0) - journal_id)


def cursor(reader: Reader) -> int:
    """The last journal id that is in the sums."""
    rows = reader.all(_CURSOR)
    return int(rows[0][0]) if rows else 0


def slice_end(reader: Reader, after: int, *, rows: int, most: int) -> int:
    """The id with which a slice of so many journal rows ends, or `most`: ids may have gaps, rows are what costs."""
    found = reader.all(_NTH, [after, rows - 1])
    return min(int(found[0][0]), most) if found else most


def next_turn(store: Store, *, now_ms: int) -> RollUp | None:
    """The next slice that waits, counted; None where none does."""
    after, horizon = cursor(store), store.horizon()
    if after >= horizon:
        return None
    upto = slice_end(store, after, rows=limits.ROLLUP_ROWS, most=horizon)
    return RollUp(after, upto, summed(store, tallied(store, after=after, upto=upto)), now_ms, more=upto < horizon)


def summed(reader: Reader, tally: Tally) -> Sums:
    """What is stored, with a slice's tally, which is used up by it."""
    states = playback_sums.stored(reader, tally.noted.keys())
    tally.add(playback_sums.settle(tally, states))
    return _rows(reader, tally, states)


def put(store: Store, turn: RollUp) -> bool:
    """Put a slice in and move the cursor, in the store's transaction; False if another follower was first."""
    store.many(_BEGIN, [[turn.rolled_at]])
    [(at,)] = store.all(_CURSOR + store.lock)
    if at != turn.after:
        return False
    _write(store, turn.sums)
    store.many("UPDATE analytics_cursor SET journal_id = ?, rolled_at = ? WHERE id = 1", [[turn.upto, turn.rolled_at]])
    return True


def _rows(reader: Reader, tally: Tally, states: playback_sums.States) -> Sums:
    return Sums(
        _counts(reader, _SECONDS, tally.seconds),
        _counts(reader, _DAYS, tally.days),
        [(*key, times) for key, times in sorted(tally.events.items())],
        playback_sums.rows(states),
    )


Table = tuple[str, tuple[str, str], Callable[[bytes, Mapping[int, int]], bytes]]


def _counts(
    reader: Reader, table: Table, sums: Mapping[tuple[str, str], Mapping[Measure, Mapping[int, int]]]
) -> list[Row]:
    """The rows of a table of differences, with more of them added."""
    name, key, plus = table
    asked = f"SELECT {_MEASURED} FROM {name} WHERE {key[0]} = ? AND {key[1]} = ?"
    rows = []
    for where, measured in sorted(sums.items()):
        known = reader.all(asked, where)
        before = [bytes(packed) for packed in known[0]] if known else [b""] * len(MEASURES)
        after = [
            plus(packed, measured[measure]) if measure in measured else packed
            for packed, measure in zip(before, MEASURES, strict=True)
        ]
        rows.append((*where, *after))
    return rows


def _write(store: Store, sums: Sums) -> None:
    for (name, key, _plus), rows in ((_SECONDS, sums.seconds), (_DAYS, sums.days)):
        if rows:
            store.put(name, f"{', '.join(key)}, {_MEASURED}", rows, by=", ".join(key))
    playback_sums.put(store, sums.playbacks)
    if sums.events:
        store.many(_ADD_EVENTS, sums.events)


def counted(reader: Reader, *, upto: int, share: Share = WHOLE, bodies: Bodies = none_left) -> Counted:
    """Ledger and journal up to an id, from nothing: their sums, and those of each playback."""
    tally, states = Tally(), playback_sums.States()
    for after, until in _slices(reader, upto):
        piece = tallied(reader, after=after, upto=until, share=share, bodies=bodies)
        states |= playback_sums.begun(reader, piece.noted.keys() - states.keys())
        tally.add(piece)
        tally.add(playback_sums.settle(piece, states))
    return tally, states


def alone(reader: Reader, *, bodies: Bodies = none_left) -> Count:
    """Counting in one piece, over this connection."""
    return lambda upto: [counted(reader, upto=upto, bodies=bodies)]


def _joined(shares: Iterable[Counted]) -> Counted:
    tally, states = Tally(), playback_sums.States()
    for some, theirs in shares:
        tally.add(some)
        states |= theirs
    return tally, states


def rebuild(store: Store, *, now_ms: int, count: Count | None = None) -> int:
    """Count again, and put what came out in place of the sums; returns the last journal id that is in them."""
    last = store.horizon()
    tally, states = _joined((count or alone(store))(last))
    store.begin()
    try:
        for table in _TABLES:
            store.many(f"DELETE FROM {table}", [[]])
        _write(store, _rows(store, tally, states))
        if last:
            store.many("INSERT INTO analytics_cursor (id, journal_id, rolled_at) VALUES (1, ?, ?)", [[last, now_ms]])
        store.commit()
    except BaseException:
        store.rollback()
        raise
    return last


def _slices(reader: Reader, last: int) -> Iterator[tuple[int, int]]:
    """The journal up to `last`, as slices that fit into memory."""
    after = 0
    while after < last:
        upto = slice_end(reader, after, rows=limits.ROLLUP_TAIL_ROWS, most=last)
        yield after, upto
        after = upto


def differences(store: Store, *, count: Count | None = None) -> list[str]:
    """Videos, and what of them, whose stored sums are not what ledger and journal give up to the cursor."""
    store.begin()  # cursor and sums must be of one moment; what lies before the cursor does not change any more
    try:
        upto = cursor(store)
        seconds = {row[:2]: row[2:] for row in store.all(f"SELECT video, kind, {_MEASURED} FROM {_SECONDS[0]}")}
        days = {row[:2]: row[2:] for row in store.all(f"SELECT video, day, {_MEASURED} FROM {_DAYS[0]}")}
        events = {row[:3]: row[3] for row in store.all("SELECT video, day, type, times FROM analytics_eventcounts")}
        playbacks = playback_sums.every(store)
    finally:
        store.rollback()
    tally, states = _joined((count or alone(store))(upto))
    states |= playback_sums.begun(store, playbacks.keys() - states.keys())
    return sorted(
        _wrong_seconds(seconds, tally)
        | _wrong_days(days, tally)
        | _wrong_events(events, tally)
        | _wrong_playbacks(playbacks, states)
    )


def _wrong_seconds(stored: dict[tuple[Any, ...], tuple[Any, ...]], tally: Tally) -> set[str]:
    wrong = set()
    for key in stored.keys() | tally.seconds.keys():
        here = [_significant(bytes(packed)) for packed in stored.get(key, (b"",) * len(MEASURES))]
        measured = tally.seconds.get((key[0], key[1]), {})
        there = [_significant(added(b"", measured.get(name, {}))) for name in MEASURES]
        wrong |= {f"{key[0]} {key[1]} {name}" for name, a, b in zip(MEASURES, here, there, strict=True) if a != b}
    return wrong


def _wrong_days(stored: dict[tuple[Any, ...], tuple[Any, ...]], tally: Tally) -> set[str]:
    wrong = set()
    for key in stored.keys() | tally.days.keys():
        here = [bytes(packed) for packed in stored.get(key, (b"",) * len(MEASURES))]
        measured = tally.days.get((key[0], key[1]), {})
        there = [sparsely_added(b"", measured.get(name, {})) for name in MEASURES]
        wrong |= {f"{key[0]} {name} on {key[1]}" for name, a, b in zip(MEASURES, here, there, strict=True) if a != b}
    return wrong


def _wrong_playbacks(stored: playback_sums.States, made: playback_sums.States) -> set[str]:
    return {f"playback {one}" for one in stored.keys() | made.keys() if stored.get(one) != made.get(one)}


def _significant(packed: bytes) -> list[int]:
    """The counts without the zeros at the end, which say nothing."""
    seconds = counts(packed)
    while seconds and not seconds[-1]:
        seconds.pop()
    return seconds


def _wrong_events(stored: dict[tuple[Any, ...], Any], tally: Tally) -> set[str]:
    keys = stored.keys() | tally.events.keys()
    return {f"{key[0]} {key[2]} on {key[1]}" for key in keys if stored.get(key, 0) != tally.events.get(key, 0)}
