"""What the viewers know to be true, beside what the server kept."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.load.generator import Load
from bench.load.viewers import Viewer
from playhead.core.sections import Sections
from playhead.recorder.databases import open_store
from playhead.recorder.store import Store

_STORED = (
    "SELECT p.key, COUNT(*), COUNT(DISTINCT j.seq) FROM recorder_journal j "
    "JOIN recorder_playback p ON p.id = j.playback_id WHERE j.kind = 'batch' GROUP BY p.key"
)
_PROGRESS = (
    "SELECT v.key, p.video, p.watched_ms, p.covered_ms, p.coverage FROM recorder_progress p "
    "JOIN recorder_viewer v ON v.id = p.viewer_id"
)


@dataclass(frozen=True, slots=True)
class Truth:
    """How the two compare. All but `acknowledged` should be 0."""

    acknowledged: int
    missing: int  # acknowledged batches that the journal does not hold
    doubled: int  # batches that it holds twice, or that nobody was ever told about
    differing: int  # viewers whose watched or covered time is not what was acknowledged
    complaints: int  # answers that were not as they had to be

    @property
    def holds(self) -> bool:
        return not (self.missing or self.doubled or self.differing or self.complaints)


def compare(database: str, viewers: Sequence[Viewer]) -> Truth:
    """Compare acknowledged batches with the journal, and watched and covered time with the progress rows.

    Nobody may wait for an answer any more: `settle` first.
    """
    with closing(open_store(database)) as store:
        stored = {row[0]: row[1:] for row in store.all(_STORED)}
        progress = {(row[0], row[1]): row[2:] for row in store.all(_PROGRESS)}
        missing = promised(store, viewers)
    doubled = differing = 0
    for viewer in viewers:
        count, _distinct = stored.get(viewer.seat.playback, (0, 0))
        doubled += max(0, count - viewer.acknowledged - viewer.waits)
        watched_ms, covered_ms, coverage = progress.get((viewer.seat.viewer, viewer.seat.video), (0, 0, b""))
        known = (viewer.watched_ms, viewer.covered.length, viewer.covered)
        differing += known != (watched_ms, covered_ms, Sections.unpack(bytes(coverage)))
    complaints = sum(len(viewer.complaints) for viewer in viewers)
    return Truth(sum(viewer.acknowledged for viewer in viewers), missing, doubled, differing, complaints)


def promised(store: Store, viewers: Sequence[Viewer]) -> int:
    """How many acknowledged batches the journal does not hold."""
    stored = {row[0]: row[2] for row in store.all(_STORED)}
    return sum(max(0, viewer.acknowledged - stored.get(viewer.seat.playback, 0)) for viewer in viewers)


def settle(port: int, viewers: Sequence[Viewer], *, seconds: float = 30.0) -> int:
    """Let whoever waits for an answer send the same again until it comes; returns how many never got one."""
    waiting = [viewer for viewer in viewers if viewer.waits]
    for _ in range(int(seconds * 10)):
        if not waiting:
            break
        with Load(port, waiting, connections=min(32, len(waiting))) as load:
            load.once()
        waiting = [viewer for viewer in waiting if viewer.waits]
    return len(waiting)


def database_of(folder: Path) -> str:
    return str(folder / "tracking.sqlite3")
