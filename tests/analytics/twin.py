"""Every named query once more, slowly, in plain Python over the raw rows of journal and ledger: the golden answers.

Nothing here uses the lake, its SQL, or the code that fills it.
"""

import json
import sqlite3
import struct
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

Rows = list[tuple[Any, ...]]
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    video: str
    viewer: str
    playback: str
    kind: str
    began_ms: int
    received_ms: int
    claimed_ms: int
    paid_ms: int
    refused_ms: int
    journal_id: int
    credit: list[tuple[int, int]]
    fresh: list[tuple[int, int]]


@dataclass(slots=True)
class Raw:
    lines: list[Line]
    events: list[Told]
    playbacks: list[Told]


def read(path: str) -> Raw:
    """All that is in a tracking file, previews left out."""
    with closing(sqlite3.connect(path)) as connection:
        people = dict(connection.execute("SELECT id, key FROM recorder_viewer").fetchall())
        playbacks = {
            row[0]: {
                "playback": row[1], "viewer": people[row[2]], "video": row[3], "opened_ms": row[4], "kind": row[5],
                "environment": json.loads(row[6] or "{}"),
            }
            for row in connection.execute(
                "SELECT id, key, viewer_id, video, opened_at, kind, environment FROM recorder_playback "
                "WHERE preview = 0"
            )
        }  # fmt: skip
        lines = [
            _line(row, playbacks[row[1]])
            for row in connection.execute(
                "SELECT journal_id, playback_id, kind, received_at, t0, m0, m1, credit, fresh, paid_ms, reasons "
                "FROM recorder_ledgerline ORDER BY journal_id, idx"
            )
            if row[1] in playbacks
        ]
        batches = connection.execute(
            "SELECT id, playback_id, received_at, body FROM recorder_journal WHERE kind = 'batch' ORDER BY id"
        ).fetchall()
    events = [
        {**event, **playbacks[playback_id], "journal_id": journal_id, "received_ms": received_ms}
        for journal_id, playback_id, received_ms, body in batches
        if playback_id in playbacks
        for event in json.loads(body)["events"]
    ]
    return Raw(lines, events, list(playbacks.values()))


def _line(row: tuple[Any, ...], playback: Told) -> Line:
    return Line(
        video=playback["video"],
        viewer=playback["viewer"],
        playback=playback["playback"],
        kind=row[2],
        began_ms=playback["opened_ms"] + row[4],
        received_ms=row[3],
        claimed_ms=max(0, row[6] - row[5]),
        paid_ms=row[9],
        refused_ms=sum(ms for _reason, ms in json.loads(row[10] or "[]")),
        journal_id=row[0],
        credit=list(struct.iter_unpack("<qq", row[7])),
        fresh=list(struct.iter_unpack("<qq", row[8])),
    )


def length(spans: list[tuple[int, int]]) -> int:
    return sum(end - start for start, end in spans)


def again(line: Line) -> list[tuple[int, int]]:
    """What was credited and not fresh, millisecond by millisecond boundary."""
    cuts = sorted({edge for span in [*line.credit, *line.fresh] for edge in span})
    pieces: list[tuple[int, int]] = []
    for start, end in pairwise(cuts):
        credited = any(a <= start < b for a, b in line.credit)
        fresh = any(a <= start < b for a, b in line.fresh)
        if credited and not fresh:
            pieces = (
                [*pieces[:-1], (pieces[-1][0], end)] if pieces and pieces[-1][1] == start else [*pieces, (start, end)]
            )
    return pieces


def day(epoch_ms: int) -> str:
    return datetime.fromtimestamp(epoch_ms / 1000, tz=UTC).strftime("%Y-%m-%d")


def tens(epoch_ms: int) -> int:
    return epoch_ms // 10_000 * 10


def of_video(raw: Raw, video: str, kind: str) -> list[Line]:
    return [line for line in raw.lines if line.video == video and line.kind == kind]


def video_totals(raw: Raw) -> Rows:
    rows = []
    for video in sorted({line.video for line in raw.lines if line.kind == "credit"}):
        lines = of_video(raw, video, "credit")
        viewers = len({line.viewer for line in lines if line.credit})
        covered, watched = sum(length(line.fresh) for line in lines), sum(length(line.credit) for line in lines)
        rows.append((video, viewers, covered, watched, sum(line.refused_ms for line in lines), len(lines)))
    return rows


def second_counts(raw: Raw, video: str, kind: str) -> Rows:
    seconds: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for line in of_video(raw, video, kind):
        for which, spans in enumerate((line.fresh, line.credit)):
            for start, end in spans:
                for second in range(start // 1000, end // 1000 + 1):
                    if start <= second * 1000 + 500 < end:
                        seconds[second][which] += 1
    before, rows = (0, 0), []
    for second in range(max(seconds, default=-1) + 2):
        now = (seconds[second][0], seconds[second][1])
        if now != before:
            rows.append((second, *now))
        before = now
    return rows


def viewer_progress(raw: Raw, video: str, kind: str) -> Rows:
    by_viewer = defaultdict(list)
    for line in of_video(raw, video, kind):
        by_viewer[line.viewer].append(line)
    return [
        (
            viewer,
            sum(length(line.fresh) for line in lines),
            sum(length(line.credit) for line in lines),
            sum(line.paid_ms for line in lines),
            sum(line.refused_ms for line in lines),
            max(_reach(line, raw) for line in lines),
            min(line.received_ms for line in lines),
            max(line.received_ms for line in lines),
        )
        for viewer, lines in sorted(by_viewer.items())
    ]


def _reach(line: Line, _raw: Raw) -> int:
    return max((end for _start, end in line.credit), default=0)


def union_of_viewers(raw: Raw, video: str, kind: str) -> Rows:
    seen: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for line in of_video(raw, video, kind):
        seen[line.viewer] += line.credit
    return [(viewer, joined(spans)) for viewer, spans in sorted(seen.items()) if spans]


def joined(spans: list[tuple[int, int]]) -> int:
    """How many ms lie in any of them, edge by edge."""
    edges = sorted([(start, 1) for start, _end in spans] + [(end, -1) for _start, end in spans])
    inside = total = before = 0
    for at, step in edges:
        total += (at - before) if inside else 0
        inside, before = inside + step, at
    return total


def furthest_points(raw: Raw, video: str, kind: str) -> Rows:
    furthest: dict[str, int] = {}
    for line in of_video(raw, video, kind):
        for _start, end in line.credit:
            furthest[line.viewer] = max(furthest.get(line.viewer, 0), end)
    return sorted(Counter(tens(end - 1) for end in furthest.values()).items())


def rewatched(raw: Raw, video: str, kind: str) -> Rows:
    found = defaultdict(list)
    for line in of_video(raw, video, kind):
        for span in again(line):
            found[tens(span[0])].append((line.viewer, span))
    return [
        (second, len(spans), len({viewer for viewer, _span in spans}), length([span for _viewer, span in spans]))
        for second, spans in sorted(found.items())
    ]


def watched_by_day(raw: Raw) -> Rows:
    days = defaultdict(list)
    for line in raw.lines:
        if line.kind == "credit" and line.credit:
            days[day(line.received_ms)].append(line)
    return [
        (
            one,
            len({line.viewer for line in lines}),
            len({line.video for line in lines}),
            sum(length(line.credit) for line in lines),
        )
        for one, lines in sorted(days.items())
    ]


def watched_by_hour(raw: Raw) -> Rows:
    hours: Counter[tuple[int, int]] = Counter()
    for line in raw.lines:
        if line.kind == "credit" and line.credit:
            at = datetime.fromtimestamp(line.began_ms / 1000, tz=UTC)
            hours[at.weekday(), at.hour] += length(line.credit)
    return [(weekday, hour, ms) for (weekday, hour), ms in sorted(hours.items())]


def events_by_day(raw: Raw, video: str) -> Rows:
    counted = Counter((day(e["received_ms"]), e["type"]) for e in raw.events if e["video"] == video)
    return [(one, name, times) for (one, name), times in sorted(counted.items())]


def event_types(raw: Raw) -> Rows:
    kinds = defaultdict(list)
    for event in raw.events:
        kinds[event["type"]].append(event)
    return [
        (name, len(told), len({e["viewer"] for e in told}), len({e["video"] for e in told}))
        for name, told in sorted(kinds.items())
    ]


def pauses(raw: Raw, video: str) -> Rows:
    balance: Counter[int] = Counter()
    for line in raw.lines:
        balance[line.journal_id] += 2 * length(line.credit) - line.claimed_ms
    return _places(
        raw, video, lambda e: e["type"] == "pause" and not e.get("scrubbing") and balance[e["journal_id"]] > 0, 1
    )


def waits(raw: Raw, video: str) -> Rows:
    return _places(raw, video, lambda e: e["type"] in {"waiting", "stalled"}, 10)


def _places(raw: Raw, video: str, wanted: Callable[[Told], bool], step_s: int) -> Rows:
    found = defaultdict(list)
    for event in _at(raw, video):
        if wanted(event):
            found[event["m"] // (step_s * 1000) * step_s].append(event["viewer"])
    return [(second, len(viewers), len(set(viewers))) for second, viewers in sorted(found.items())]


def _at(raw: Raw, video: str) -> Iterator[Told]:
    return (event for event in raw.events if event["video"] == video and event["m"] >= 0)


def seeks(raw: Raw, video: str) -> Rows:
    found = defaultdict(list)
    for event in _at(raw, video):
        if event["type"] == "seeked":
            found[tens(event["m"])].append((event.get("from_ms"), event["m"]))
    return [
        (
            second,
            sum(1 for start, end in jumps if start is not None and start > end),
            sum(1 for start, end in jumps if start is not None and start < end),
            len(jumps),
        )
        for second, jumps in sorted(found.items())
    ]


def speeds(raw: Raw, video: str) -> Rows:
    found = defaultdict(list)
    for event in _at(raw, video):
        if event["type"] == "ratechange":
            found[tens(event["m"])].append(event["rate"])
    return [
        (second, sum(r > 1000 for r in rates), sum(r < 1000 for r in rates), sum(r == 1000 for r in rates))
        for second, rates in sorted(found.items())
    ]


def startup(raw: Raw, video: str) -> Rows:
    began: dict[str, int] = {}
    for event in raw.events:
        if event["video"] == video and event["type"] in {"play", "playing"}:
            began[event["playback"]] = min(began.get(event["playback"], event["t"]), event["t"])
    known = {one["playback"]: one["environment"] for one in raw.playbacks}
    names = ("device", "browser", "network")
    return [
        (playback, ms, *(known[playback].get(name, "") for name in names)) for playback, ms in sorted(began.items())
    ]


def environments(raw: Raw, video: str) -> Rows:
    names = ("device", "browser", "os", "network", "country")
    found = defaultdict(list)
    for one in raw.playbacks:
        if one["video"] == video and one["kind"] == "live":
            found[tuple(one["environment"].get(name, "") for name in names)].append(one["viewer"])
    return [(*on, len(viewers), len(set(viewers))) for on, viewers in sorted(found.items())]


def rhythm(raw: Raw, video: str) -> Rows:
    found = defaultdict(list)
    for line in of_video(raw, video, "credit"):
        found[line.playback].append(line)
    return [
        (
            playback, lines[0].viewer, len(lines), min(line.claimed_ms for line in lines),
            max(line.claimed_ms for line in lines), sum(line.claimed_ms for line in lines),
            sum(line.refused_ms for line in lines),
        )
        for playback, lines in sorted(found.items())
    ]  # fmt: skip


def imported_totals(raw: Raw) -> Rows:
    rows = []
    for video in sorted({line.video for line in raw.lines if line.kind == "imported"}):
        lines = of_video(raw, video, "imported")
        sums = (sum(length(line.fresh) for line in lines), sum(length(line.credit) for line in lines))
        viewers, sessions = {line.viewer for line in lines}, {line.playback for line in lines}
        rows.append((video, len(viewers), *sums, len(sessions)))
    return rows


TWINS: dict[str, Callable[..., Rows]] = {
    twin.__name__: twin
    for twin in (
        video_totals, second_counts, viewer_progress, union_of_viewers, furthest_points, rewatched, watched_by_day,
        watched_by_hour, events_by_day, event_types, pauses, waits, seeks, speeds, startup, environments, rhythm,
        imported_totals,
    )
}  # fmt: skip
