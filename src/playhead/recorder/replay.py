"""The ledger again, from the journal alone: per viewer, in the order of journal ids, through the same rule."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from playhead.core.credit import Line
from playhead.core.errors import Conflict, PlayheadError
from playhead.core.sections import EMPTY, Sections
from playhead.recorder.apply import apply_claims, apply_import, apply_kept
from playhead.recorder.batches import parse_again
from playhead.recorder.operations import imported_from, kept_from
from playhead.recorder.policy import Policy
from playhead.recorder.state import Playback, Progress, Viewer
from playhead.recorder.store import Row, Store
from playhead.recorder.workspace import LINE_COLUMNS, line_row

# By way of the playbacks, whose index the journal has anyway: one more index would be paid by every batch.
_JOURNAL = (
    "SELECT id, kind, playback_id, received_at, body FROM recorder_journal "
    "WHERE playback_id IN (SELECT id FROM recorder_playback WHERE viewer_id = ?)"
)
_LEDGER = (
    f"SELECT {', '.join('l.' + name for name in LINE_COLUMNS.split(', '))} FROM recorder_playback p "
    "CROSS JOIN recorder_journal j CROSS JOIN recorder_ledgerline l "
    "WHERE p.viewer_id = ? AND j.playback_id = p.id AND l.journal_id = j.id ORDER BY l.journal_id, l.idx"
)
_ID, _PLACE = itemgetter(0), itemgetter(0, 1)
_MOVING = (
    "delivered", "first_credit_at", "prompt_asked", "prompt_asked_at", "prompt_answered", "closed_at", "closed_reason",
)  # fmt: skip
_STRAY = (
    "SELECT l.journal_id, l.idx FROM recorder_ledgerline l LEFT JOIN recorder_journal j ON j.id = l.journal_id "
    "WHERE j.id IS NULL ORDER BY l.journal_id, l.idx"
)


Bodies = Callable[[int, Sequence[int]], Mapping[int, bytes]]
"""Of one viewer's journal rows, by their ids: the bodies that have left the database for the archive."""


def none_left(_viewer_id: int, _ids: Sequence[int]) -> Mapping[int, bytes]:
    """Where there is no archive, an empty body is a damaged row."""
    return {}


@dataclass(slots=True)
class Recomputed:
    """One viewer's derived rows as the journal alone gives them."""

    viewer: Viewer
    playbacks: dict[int, Playback] = field(default_factory=dict)
    progress: dict[str, Progress] = field(default_factory=dict)
    ledger: list[Row] = field(default_factory=list)
    told: dict[int, Sections] = field(default_factory=dict)  # by imported playback


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the database and the journal disagree first. `journal_id` and `idx` name the ledger line, if it is one."""

    viewer: str
    video: str
    table: str
    column: str
    stored: object
    recomputed: object
    journal_id: int | None = None
    idx: int | None = None


def replay(viewer_id: int, key: str, rows: Iterable[Row]) -> Recomputed:
    """Recompute a viewer's rows from their journal rows `(id, kind, playback_id, received_at, body)` in id order.

    Raises Conflict (code `journal_damaged`), naming the row, when one cannot be read.
    """
    done = Recomputed(Viewer(viewer_id, key, 1, EMPTY))
    for journal_id, kind, playback_id, received_at, body in rows:
        try:
            _KINDS[kind](done, journal_id, playback_id, received_at, bytes(body))
        except (PlayheadError, ValueError, LookupError, TypeError) as error:
            said = f"Viewer {key}: journal row {journal_id} ({kind}) cannot be replayed: {error!r}."
            raise Conflict("journal_damaged", said) from error
    return done


def _opened(done: Recomputed, _id: int, playback_id: int, received_at: int, body: bytes) -> None:
    kept = json.loads(body)
    playback = Playback(
        id=playback_id,
        key=kept["playback"],
        organisation_id=1,
        viewer_id=done.viewer.id,
        video=kept["video"],
        kind=kept["kind"],
        session=None,
        opened_at=received_at,
        duration_ms=kept["duration_ms"],
        policy=Policy.from_json(kept["policy"]),
        ticket_expires_at=0,
    )
    done.playbacks[playback_id] = playback
    progress = done.progress.setdefault(playback.video, Progress(done.viewer.id, playback.video))
    progress.measured_by(playback)


def _batch(done: Recomputed, journal_id: int, playback_id: int, received_at: int, body: bytes) -> None:
    playback = done.playbacks[playback_id]
    progress, (claims, answers) = done.progress[playback.video], parse_again(body)
    lines = apply_claims(done.viewer, playback, progress, claims, received_at=received_at, answers=answers)
    _append(done, journal_id, "credit", playback, received_at, lines)


def _delivered(done: Recomputed, _id: int, playback_id: int, _received_at: int, body: bytes) -> None:
    playback, kept = done.playbacks[playback_id], json.loads(body)
    playback.delivered = playback.delivered.add(kept["start_ms"], kept["end_ms"])


def _closed(done: Recomputed, _id: int, playback_id: int, received_at: int, body: bytes) -> None:
    playback = done.playbacks[playback_id]
    playback.closed_at, playback.closed_reason = received_at, json.loads(body)["reason"]


def _imported(done: Recomputed, journal_id: int, playback_id: int, received_at: int, body: bytes) -> None:
    playback, brought = done.playbacks[playback_id], imported_from(body)
    told = done.told.get(playback_id, EMPTY)
    lines = apply_import(done.progress[playback.video], brought, told=told, received_at=received_at)
    done.told[playback_id] = told | Sections.of(brought.sections)
    _append(done, journal_id, "imported", playback, received_at, lines)


def _kept(done: Recomputed, journal_id: int, playback_id: int, received_at: int, body: bytes) -> None:
    playback = done.playbacks[playback_id]
    lines = apply_kept(done.progress[playback.video], kept_from(body), received_at=received_at)
    _append(done, journal_id, "credit", playback, received_at, lines)


_KINDS = {
    "opened": _opened,
    "batch": _batch,
    "delivered": _delivered,
    "closed": _closed,
    "imported": _imported,
    "kept": _kept,
}


def _append(
    done: Recomputed, journal_id: int, kind: str, playback: Playback, received_at: int, lines: Sequence[Line]
) -> None:
    for idx, line in enumerate(lines):
        done.ledger.append(line_row(journal_id, idx, kind, done.viewer.id, playback, received_at, line))


def viewers(store: Store) -> list[tuple[int, str]]:
    """Every viewer as (id, key), in id order."""
    return [(row[0], row[1]) for row in store.all("SELECT id, key FROM recorder_viewer ORDER BY id")]


def recompute(store: Store, viewer_id: int, key: str, *, bodies: Bodies = none_left) -> Recomputed:
    """Recompute a viewer's rows from the journal: what is in the database of it, and what only the archive has."""
    rows = sorted(store.all(_JOURNAL, [viewer_id]), key=_ID)  # the database would carry the bodies along
    if gone := [row[0] for row in rows if not row[4]]:
        kept = bodies(viewer_id, gone)
        rows = [row if row[4] else (*row[:4], kept.get(row[0], b"")) for row in rows]
    return replay(viewer_id, key, rows)


def first_difference(store: Store, viewer_id: int, key: str, *, bodies: Bodies = none_left) -> Difference | None:
    """The first of `differences`, all of one moment: a server may run meanwhile, and is not held up."""
    store.look()
    try:
        return next(differences(store, viewer_id, key, bodies=bodies), None)
    finally:
        store.rollback()


def stray_lines(store: Store) -> list[tuple[int, int]]:
    """Ledger lines (journal id, idx) whose journal row does not exist: nothing backs them."""
    return [(row[0], row[1]) for row in store.all(_STRAY)]


def remove_stray_lines(store: Store) -> list[tuple[int, int]]:
    """Take those lines out; returns which they were."""
    stray = stray_lines(store)
    store.many("DELETE FROM recorder_ledgerline WHERE journal_id = ? AND idx = ?", stray)
    return stray


def differences(store: Store, viewer_id: int, key: str, *, bodies: Bodies = none_left) -> Iterator[Difference]:
    """Where a viewer's stored rows differ from what the journal gives, byte for byte."""
    yield from _differences(store, recompute(store, viewer_id, key, bodies=bodies))


def _differences(store: Store, done: Recomputed) -> Iterator[Difference]:
    viewer = done.viewer
    yield from _ledger_differences(done, store.all(_LEDGER, [viewer.id]))
    yield from _progress_differences(store, done)
    [stored] = store.all(f"SELECT {Viewer.COLUMNS} FROM recorder_viewer WHERE id = ?", [viewer.id])
    spent = viewer.spent.pack()
    if bytes(stored[3]) != spent:
        yield Difference(viewer.key, "", "recorder_viewer", "spent", bytes(stored[3]), spent)
    yield from _playback_differences(store, done)


def _ledger_differences(done: Recomputed, stored: list[Row]) -> Iterator[Difference]:
    columns = LINE_COLUMNS.split(", ")
    here = {(row[0], row[1]): row for row in stored}
    there = {(row[0], row[1]): row for row in done.ledger}
    for place in sorted(here.keys() | there.keys()):
        left, right = here.get(place), there.get(place)
        if left == right:
            continue
        video = (left or right or ())[4]
        if left is None or right is None:
            yield _line_difference(done, video, place, "the whole line", left, right)
            continue
        for column, mine, theirs in zip(columns, map(_plain, left), map(_plain, right), strict=True):
            if mine != theirs:
                yield _line_difference(done, video, place, column, mine, theirs)


def _line_difference(
    done: Recomputed, video: str, place: tuple[int, int], column: str, stored: object, recomputed: object
) -> Difference:
    return Difference(done.viewer.key, video, "recorder_ledgerline", column, stored, recomputed, *place)


def _progress_differences(store: Store, done: Recomputed) -> Iterator[Difference]:
    columns = Progress.COLUMNS.split(", ")
    statement = f"SELECT {Progress.COLUMNS} FROM recorder_progress WHERE viewer_id = ?"
    stored = {row[1]: tuple(map(_plain, row)) for row in store.all(statement, [done.viewer.id])}
    for video in sorted(stored.keys() | done.progress.keys()):
        here = stored.get(video)
        there = tuple(map(_plain, done.progress[video].to_row())) if video in done.progress else None
        if here is None or there is None:
            yield Difference(done.viewer.key, video, "recorder_progress", "the whole row", here, there)
            continue
        for column, mine, theirs in zip(columns, here, there, strict=True):
            if mine != theirs:
                yield Difference(done.viewer.key, video, "recorder_progress", column, mine, theirs)


def _playback_differences(store: Store, done: Recomputed) -> Iterator[Difference]:
    """In what happens to a playback while it is open: deliveries, the first credit, its closing."""
    columns = ", ".join(_MOVING)
    for row in store.all(f"SELECT id, video, {columns} FROM recorder_playback WHERE viewer_id = ?", [done.viewer.id]):
        there = _moving(done.playbacks[row[0]]) if row[0] in done.playbacks else ()
        for column, mine, theirs in zip(_MOVING, map(_plain, row[2:]), there, strict=False):
            if mine != theirs:
                yield Difference(done.viewer.key, row[1], "recorder_playback", column, mine, theirs)


def _moving(playback: Playback) -> Row:
    return (*playback.changing(), playback.closed_at, playback.closed_reason)


def _plain(value: object) -> object:
    """SQLite gives bytes and 0 or 1, PostgreSQL memoryviews and booleans."""
    if isinstance(value, memoryview):
        return bytes(value)
    return int(value) if isinstance(value, bool) else value


def rebuild(
    store: Store, some: Sequence[tuple[int, str]], *, bodies: Bodies = none_left
) -> list[tuple[int, Difference | None]]:
    """Replay each of these viewers once, and where their stored rows differ, replace them, in one transaction.

    Returns for each the number of ledger lines and the first difference. Raises Conflict like `replay`, and nothing is
    replaced. Nobody else may write a SQLite file meanwhile; on PostgreSQL the viewers are locked, in key order.
    """
    found: list[tuple[int, Difference | None]] = []
    wrong: list[Recomputed] = []
    if store.sole_writer:
        store.look()  # so that several processes can replay at once, and wait for one another only to write
    else:
        store.begin()
    try:
        if not store.sole_writer:
            statement = "SELECT id FROM recorder_viewer WHERE id"
            store.all_in(statement, [viewer_id for viewer_id, _key in some], f" ORDER BY key{store.lock}")
        for viewer_id, key in some:
            done = recompute(store, viewer_id, key, bodies=bodies)
            found.append((len(done.ledger), next(_differences(store, done), None)))
            if found[-1][1] is not None:
                wrong.append(done)
        if store.sole_writer:
            store.rollback()
            store.begin()
        if wrong:
            _replace(store, wrong)
        store.commit()
    except BaseException:
        store.rollback()
        raise
    return found


def _replace(store: Store, wrong: Sequence[Recomputed]) -> None:
    ids = [[done.viewer.id] for done in wrong]
    store.many("DELETE FROM recorder_progress WHERE viewer_id = ?", ids)
    store.many(
        "DELETE FROM recorder_ledgerline WHERE journal_id IN (SELECT j.id FROM recorder_playback p "
        "JOIN recorder_journal j ON j.playback_id = p.id WHERE p.viewer_id = ?)",
        ids,
    )
    lines = sorted((line for done in wrong for line in done.ledger), key=_PLACE)  # as the table is sorted
    progress = [one.to_row() for done in wrong for one in done.progress.values()]
    viewers = [(done.viewer.spent.pack(), done.viewer.id) for done in wrong]
    playbacks = [(*_moving(playback), id) for done in wrong for id, playback in done.playbacks.items()]
    store.insert("recorder_ledgerline", LINE_COLUMNS, lines)
    store.insert("recorder_progress", Progress.COLUMNS, progress)
    store.update("recorder_viewer", "spent", viewers, by="id")
    if playbacks:
        store.update("recorder_playback", ", ".join(_MOVING), playbacks, by="id")
