"""What one playback adds up to: how it started, waited, changed its speed and went on.

A row for each playback, so that a page can count by device, by day or by who watched and never looks at an event. It is
folded from the playback's claims and events in the order of the journal: the same, whatever slices they come in.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final, NamedTuple

from playhead.analytics.reading import Reader
from playhead.analytics.shape import environment_of
from playhead.analytics.tally import Claimed, Item, Measure, Tally
from playhead.core import limits
from playhead.recorder.store import Row, Store

_ROWS_A_QUERY: Final = 500
_LATEST_START_MS: Final = 60_000
"""A start or a wait that took longer was somebody who went away, or a clock that jumped."""
_END_MS: Final = 1_000
"""A media element pauses by itself when it ends."""


class Point(NamedTuple):
    """Something that happened at a position, to be counted there."""

    measure: Measure
    position_ms: int


@dataclass(slots=True)
class PlaybackSums:
    """A row of the table of this name; the fields are its columns. `t` is wall time of the playback in ms."""

    playback_id: int
    viewer_id: int
    video: str
    opened_at: int
    duration_ms: int | None
    device: str = ""
    browser: str = ""
    os: str = ""
    network: str = ""
    country: str = ""
    first_at: int = 0
    last_at: int = 0
    claims: int = 0
    even_claims: int = 0
    claim_ms: int = 0
    watched_ms: int = 0
    paid_ms: int = 0
    contested_ms: int = 0
    pauses: int = 0
    run_ms: int = 0
    longest_run_ms: int = 0
    asked_t: int | None = None
    shown_t: int | None = None
    waits: int = 0
    waited_ms: int = 0
    waiting_t: int | None = None
    seeking: bool = False
    rate: int = limits.RATE_NORMAL

    @property
    def startup_ms(self) -> int | None:
        """From the first time that playing was asked for to the first picture that moved."""
        if self.asked_t is None or self.shown_t is None:
            return None
        took_ms = self.shown_t - self.asked_t
        return took_ms if 0 <= took_ms <= _LATEST_START_MS else None

    def take(self, item: Item) -> Iterator[Point]:
        """Add one claim, or what one batch told; yields what happened where, of a batch that earned its time."""
        if isinstance(item, Claimed):
            self._claim(item)
            return
        for event in item.events:
            point = self._event(event.type, event.t, event.m, event.rate, scrubbing=event.scrubbing)
            if point is not None and item.earned and 0 <= event.m < limits.VIDEO_MS:
                yield Point(point, event.m)

    def _claim(self, claimed: Claimed) -> None:
        self.first_at = self.first_at or claimed.received_at
        self.last_at = max(self.last_at, claimed.received_at)
        self.claims += 1
        self.even_claims += claimed.wall_ms == self.claim_ms
        self.claim_ms = claimed.wall_ms
        self.watched_ms += claimed.credit_ms
        self.paid_ms += claimed.paid_ms
        self.contested_ms += claimed.contested_ms
        self.run_ms += claimed.paid_ms
        self.longest_run_ms = max(self.longest_run_ms, self.run_ms)

    def _event(self, kind: str, t: int, m: int, rate: int, *, scrubbing: bool) -> Measure | None:
        """What it changes; returns the measure under which it counts where it happened, if there is one."""
        if kind == "ratechange":
            before, self.rate = self.rate, rate
            return "faster" if rate > before else "slower" if rate < before else None
        if kind in {"waiting", "stalled"}:
            return self._waits(t)
        if kind in {"playing", "canplay"}:
            self._goes_on(t, shown=kind == "playing")
        elif kind == "play":
            self.asked_t = t if self.asked_t is None else self.asked_t
        elif kind in {"seeking", "seeked"}:
            self.seeking, self.waiting_t = kind == "seeking", None
        elif kind == "pause" and not scrubbing and not self._is_end(m):
            self.pauses += 1
            self.run_ms, self.waiting_t = 0, None
        return None

    def _waits(self, t: int) -> Measure | None:
        """Only while something was shown already: what comes before is the start, and in a seek one waits anyway."""
        if self.shown_t is None or self.seeking or self.waiting_t is not None:
            return None
        self.waits += 1
        self.waiting_t = t
        return "waits"

    def _goes_on(self, t: int, *, shown: bool) -> None:
        if self.waiting_t is not None and 0 <= t - self.waiting_t <= _LATEST_START_MS:
            self.waited_ms += t - self.waiting_t
        self.waiting_t = None
        if shown:
            self.seeking = False
            self.shown_t = t if self.shown_t is None else self.shown_t

    def _is_end(self, m: int) -> bool:
        return self.duration_ms is not None and m >= self.duration_ms - _END_MS


COLUMNS: Final = tuple(field.name for field in fields(PlaybackSums))
_row = attrgetter(*COLUMNS)
_GET: Final = f"SELECT {', '.join(COLUMNS)} FROM analytics_playbacksums"
_NEW: Final = "SELECT id, viewer_id, video, opened_at, duration_ms, environment FROM recorder_playback"
_CHANGING: Final = COLUMNS[COLUMNS.index("first_at") :]
_PUT: Final = (
    f"INSERT INTO analytics_playbacksums ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) "
    f"ON CONFLICT (playback_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _CHANGING)}"
)
States = dict[int, PlaybackSums]


def stored(reader: Reader, ids: Collection[int]) -> States:
    """As they were written, of these playbacks; of those not written yet, as they begin."""
    known = {row[0]: PlaybackSums(*row) for row in _rows(reader, _GET, "playback_id", sorted(ids))}
    return known | begun(reader, [one for one in ids if one not in known])


def begun(reader: Reader, ids: Collection[int]) -> States:
    """As they begin: nothing added yet."""
    made = {}
    for playback_id, viewer_id, video, opened_at, duration_ms, environment in _rows(reader, _NEW, "id", sorted(ids)):
        where = environment_of(environment)
        made[playback_id] = PlaybackSums(playback_id, viewer_id, video, opened_at, duration_ms, **where)  # type: ignore[arg-type]
    return made


def every(reader: Reader) -> States:
    """All that were written."""
    return {row[0]: PlaybackSums(*row) for row in reader.all(_GET)}


def of_video(reader: Reader, video: str, *, since_ms: int, until_ms: int, most: int) -> States:
    """Those of a video that were opened from one instant to before another; the newest, at most so many."""
    asked = " WHERE video = ? AND opened_at >= ? AND opened_at < ? ORDER BY opened_at DESC LIMIT ?"
    return {row[0]: PlaybackSums(*row) for row in reader.all(_GET + asked, [video, since_ms, until_ms, most])}


def rows(states: States) -> list[Row]:
    return [_row(states[playback_id]) for playback_id in sorted(states)]


def put(store: Store, rows: Sequence[Row]) -> None:
    if rows:
        store.many(_PUT, rows)


def settle(tally: Tally, states: States) -> Tally:
    """Fold what a tally noted of playbacks into their sums; returns what of it is counted by the second."""
    points = Tally()
    for playback_id, noted in tally.noted.items():
        state = states.get(playback_id)
        if state is not None:
            for _journal_id, item in sorted(noted, key=lambda each: each[0]):
                for point in state.take(item):
                    points.add_point(state.video, item, point.measure, point.position_ms)
    return points


def _rows(reader: Reader, statement: str, key: str, ids: Sequence[int]) -> Iterable[Row]:
    for start in range(0, len(ids), _ROWS_A_QUERY):
        some = ids[start : start + _ROWS_A_QUERY]
        yield from reader.all(f"{statement} WHERE {key} IN ({', '.join('?' * len(some))})", some)
