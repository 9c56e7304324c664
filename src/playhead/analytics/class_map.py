"""What pages ask of the sums: a class's seconds, its events, its shares. Read only, and never a union computed here.

Every answer is the rolled sums plus the tail of the journal that the follower has not come to yet.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from operator import sub
from typing import Final

from playhead.analytics import playback_sums
from playhead.analytics.period import ALWAYS, Period
from playhead.analytics.playback_sums import PlaybackSums
from playhead.analytics.reading import Site
from playhead.analytics.rollups import cursor, slice_end, tallied
from playhead.analytics.tally import CREDIT, MEASURES, Measure, Tally, added, counts, second_of_middle, sparse
from playhead.core import limits
from playhead.recorder.models import Progress
from playhead.recorder.store import Row

IMPORTED: Final = "imported"
_SEEN: Final[tuple[Measure, ...]] = ("viewers", "views")
_MOST_TRIES: Final = 5
_COUNTS = f"SELECT kind, {', '.join(MEASURES)} FROM analytics_secondcounts WHERE video = ?"
_DAYS = f"SELECT {', '.join(MEASURES)} FROM analytics_daycounts WHERE video = ? AND day >= ? AND day <= ?"
_EVENTS = "SELECT day, type, times FROM analytics_eventcounts WHERE video = ? AND day >= ? AND day <= ?"
_LAST = "SELECT MAX(id) FROM recorder_journal"
_BEHIND = "SELECT COUNT(*) FROM recorder_journal WHERE id > ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassMap:
    """Of each second of a video, all lists equally long: how many viewers saw it, how often it was seen, how often
    somebody paused there, chose a higher or a lower speed, or had to wait for data; the same of what was imported. A
    second is seen when its middle was.

    `behind` counts the journal rows that are in none of it, because the follower is too far back; mostly 0.
    """

    viewers: list[int]
    views: list[int]
    pauses: list[int]
    imported_viewers: list[int]
    imported_views: list[int]
    faster: list[int] = field(default_factory=list)
    slower: list[int] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    behind: int = 0

    @property
    def seconds(self) -> int:
        return len(self.views)

    @property
    def repeats(self) -> list[int]:
        """How often each second was seen by somebody who had seen it before."""
        return list(map(sub, self.views, self.viewers))

    @property
    def most_viewers(self) -> int:
        return max(self.viewers, default=0)


def class_map(video: str, *, duration_ms: int | None = None, period: Period = ALWAYS) -> ClassMap:
    """The seconds of a video by its key; as many as its length has, or else as were ever seen.

    Of a stretch of days: what was received in it. A viewer counts there where they saw a second for the first time.
    """
    if period != ALWAYS:
        return _of_days(video, duration_ms, period)
    read = _read(video, _COUNTS, [video])
    rolled = {row[0]: dict(zip(MEASURES, row[1:], strict=True)) for row in read.rows}
    lists = {
        (kind, measure): counts(
            added(
                bytes(rolled.get(kind, {}).get(measure, b"")),
                read.tail.seconds[video, kind][measure],
            )
        )
        for kind in (CREDIT, IMPORTED)
        for measure in MEASURES
    }
    return _fitted(lists, duration_ms, read.behind)


def _of_days(video: str, duration_ms: int | None, period: Period) -> ClassMap:
    read = _read(video, _DAYS, [video, period.first, period.last])
    changes: dict[Measure, Counter[int]] = {measure: Counter() for measure in MEASURES}
    for row in read.rows:
        for measure, packed in zip(MEASURES, row, strict=True):
            for second, change in sparse(bytes(packed)):
                changes[measure][second] += change
    for (_video, day), measured in read.tail.days.items():
        if period.holds(day):
            for measure, differences in measured.items():
                for second, change in differences.items():
                    changes[measure][second] += change
    lists = {(CREDIT, measure): summed(changes[measure]) for measure in MEASURES}
    nothing = {(IMPORTED, measure): list[int]() for measure in MEASURES}
    return _fitted(lists | nothing, duration_ms, read.behind)


def summed(changes: Mapping[int, int]) -> list[int]:
    """What differences say of each second."""
    return list(accumulate(changes.get(second, 0) for second in range(max(changes, default=-1) + 1)))


def _fitted(lists: Mapping[tuple[str, Measure], list[int]], duration_ms: int | None, behind: int) -> ClassMap:
    """All equally long."""
    # The last difference only ends what was before it; and what happened at the very end is past the last second.
    known = max(len(lists[kind, measure]) for kind in (CREDIT, IMPORTED) for measure in _SEEN) - 1
    length = max(known, 0) if duration_ms is None else max(second_of_middle(duration_ms), 1)
    fitted = {key: (seconds + [0] * length)[:length] for key, seconds in lists.items()}
    return ClassMap(
        **{measure: fitted[CREDIT, measure] for measure in MEASURES},
        imported_viewers=fitted[IMPORTED, "viewers"],
        imported_views=fitted[IMPORTED, "views"],
        behind=behind,
    )


def event_distribution(video: str, *, period: Period = ALWAYS) -> dict[str, int]:
    """How often each kind of event was told of a video, the most frequent first."""
    total: Counter[str] = Counter()
    for by_type in events_by_day(video, period=period).values():
        total.update(by_type)
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def events_by_day(video: str, *, period: Period = ALWAYS) -> dict[str, dict[str, int]]:
    """The same for each day (UTC, ISO 8601) on which something was told, in their order."""
    read = _read(video, _EVENTS, [video, period.first, period.last])
    days: dict[str, Counter[str]] = {}
    for day, kind, times in read.rows:
        days.setdefault(day, Counter())[kind] += times
    for (_video, day, kind), times in read.tail.events.items():
        if period.holds(day):
            days.setdefault(day, Counter())[kind] += times
    return {day: dict(days[day]) for day in sorted(days)}


def playbacks_of(video: str, *, period: Period = ALWAYS) -> list[PlaybackSums]:
    """The sums of a video's playbacks that were opened in a stretch of days; the newest `limits.PLAYBACKS_READ`."""
    site = Site()
    since_ms, until_ms = period.since_ms, period.until_ms
    after, states, tail = -1, playback_sums.States(), Tally()
    for _try in range(_MOST_TRIES):
        after = cursor(site)
        tail = _tail(site, after, video)[0]
        states = playback_sums.of_video(site, video, since_ms=since_ms, until_ms=until_ms, most=limits.PLAYBACKS_READ)
        states |= playback_sums.stored(site, tail.noted.keys() - states.keys())
        if cursor(site) == after:
            break
    playback_sums.settle(tail, states)
    return [state for state in states.values() if since_ms <= state.opened_at < until_ms]


def rows_behind() -> int:
    """How many journal rows the follower has not come to yet."""
    site = Site()
    return int(site.all(_BEHIND, [cursor(site)])[0][0])


@dataclass(frozen=True, slots=True)
class _Read:
    rows: list[Row]
    tail: Tally
    behind: int


def _read(video: str, statement: str, values: Sequence[object]) -> _Read:
    """The rolled rows of one video, and the tail after them.

    Read between two looks at the cursor: when it has moved, the rows may hold what the tail would count again.
    """
    site = Site()
    rows, tail, behind = list[Row](), Tally(), 0
    for _try in range(_MOST_TRIES):
        after = cursor(site)
        rows = site.all(statement, values)
        tail, behind = _tail(site, after, video)
        states = playback_sums.stored(site, tail.noted.keys())
        if cursor(site) == after:
            tail.add(playback_sums.settle(tail, states))
            break
    return _Read(rows, tail, behind)


def _tail(site: Site, after: int, video: str) -> tuple[Tally, int]:
    """What lies after the cursor of one video, and how many journal rows more there are than can be read here."""
    last = site.all(_LAST)[0][0] or 0
    if last <= after:
        return Tally(), 0
    upto = slice_end(site, after, rows=limits.ROLLUP_TAIL_ROWS, most=last)
    behind = site.all(_BEHIND, [upto])[0][0] if upto < last else 0
    return tallied(site, after=after, upto=upto, video=video), behind


def retention(seconds: ClassMap, audience: int) -> list[float]:
    """Which share of an audience saw each second, in percent; nothing of nobody."""
    shares = {viewers: 100 * viewers / audience if audience else 0.0 for viewers in set(seconds.viewers)}
    return [shares[viewers] for viewers in seconds.viewers]


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many viewers reached which share of a video: those who have nothing, then tens of percent, then all of it."""

    edges: tuple[int, ...]  # lowest percent of each bucket; the first, for nothing at all, is 0 too
    viewers: tuple[int, ...]


_EDGES: Final = (0, *range(0, 100, 10), 100)


def percent_histogram(video: str, viewers: Collection[str]) -> Histogram:
    """Of these viewers, by their keys, how many reached which percent of a video: the caller leaves teachers out."""
    wanted = set(viewers)
    rows = Progress.objects.filter(video=video).values_list("viewer__key", "progress", "covered_ms")
    reached = [(percent or 0, covered_ms) for key, percent, covered_ms in rows if key in wanted]
    buckets = [0] * len(_EDGES)
    for percent, covered_ms in reached:
        buckets[0 if not covered_ms else 1 + min(percent, 100) // 10] += 1
    buckets[0] += len(wanted) - len(reached)
    return Histogram(_EDGES, tuple(buckets))


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch, in seconds, where a class stopped or went back clearly more often than elsewhere."""

    start_s: int
    end_s: int
    repeats: int  # at its most repeated second
    pauses: int


_WINDOW_S: Final = 10
_LEAST: Final = 3


def moments(seconds: ClassMap, *, most: int = 3) -> list[Moment]:
    """The stretches that stand out, in the order of the video.

    Windows of ten seconds are compared by their repeats and pauses. A stretch is made of windows above the mean by one
    standard deviation, of which one is above it by two, and has at least three, and a third of the class. The first
    window is left out: people start over.
    """
    repeats, starts = seconds.repeats, range(_WINDOW_S, seconds.seconds, _WINDOW_S)
    scores = [max(repeats[at : at + _WINDOW_S]) + sum(seconds.pauses[at : at + _WINDOW_S]) for at in starts]
    if not scores:
        return []
    mean = sum(scores) / len(scores)
    deviation = (sum((score - mean) ** 2 for score in scores) / len(scores)) ** 0.5
    peak = max(mean + 2 * deviation, _LEAST, seconds.most_viewers / 3)
    found: list[tuple[int, Moment]] = []
    scored = zip(starts, scores, strict=True)
    for high, windows in groupby(scored, key=lambda window: window[1] > mean + deviation):
        stretch = list(windows)
        strength = max(score for _at, score in stretch)
        if high and strength >= peak:
            start, end = stretch[0][0], min(stretch[-1][0] + _WINDOW_S, seconds.seconds)
            found.append((strength, Moment(start, end, max(repeats[start:end]), sum(seconds.pauses[start:end]))))
    strongest = sorted(found, key=lambda each: -each[0])[:most]
    return sorted((moment for _strength, moment in strongest), key=lambda moment: moment.start_s)


def refusals(video: str, viewers: Collection[str]) -> Mapping[str, int]:
    """What these viewers were not credited of a video, by reason, in ms; the largest first."""
    wanted, total = set(viewers), Counter[str]()
    for key, kept in Progress.objects.filter(video=video, refused_ms__gt=0).values_list("viewer__key", "refusals"):
        if key in wanted:
            total.update(json.loads(kept))
    return dict(total.most_common())
