"""What the door and the recorder behind it have counted since the start, as OpenMetrics text. No viewer is named in it.

https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from playhead.recorder.counts import Counts, Histogram
from playhead.recorder.operations import Recorded
from playhead.recorder.taking import Taking

CONTENT_TYPE = b"application/openmetrics-text; version=1.0.0; charset=utf-8"


class Metrics:
    """Counted on the event loop alone."""

    def __init__(self) -> None:
        self.recorded = self.duplicates = 0
        self.credited_ms = 0
        self.refused: Counter[str] = Counter()  # whole batches, by the error's code
        self.cut_ms: Counter[str] = Counter()  # media of claims, by reason

    def answered(self, outcome: Recorded, *, credited_ms: int) -> None:
        if outcome.duplicate:
            self.duplicates += 1
            return
        self.recorded += 1
        self.credited_ms += credited_ms
        for earned in outcome.lines:
            for reason, ms in earned.reasons:
                self.cut_ms[reason] += ms

    def text(self, recorder: Taking, counts: Counts) -> bytes:
        """`counts` are those of whoever writes."""
        return "".join(line + "\n" for line in self._lines(recorder, counts)).encode()

    def _lines(self, recorder: Taking, counts: Counts) -> Iterator[str]:
        yield from _counter("playhead_batches", "Batches answered 200.", "status", self._answered())
        yield from _counter("playhead_batches_refused", "Batches refused as a whole.", "code", self.refused)
        yield from _counter(
            "playhead_refused_milliseconds", "Media of recorded claims that earned nothing.", "reason", self.cut_ms
        )
        yield from _counter("playhead_credited_milliseconds", "Media credited.", "", {"": self.credited_ms})
        yield from _histogram("playhead_group_operations", "Operations a transaction.", counts.operations)
        yield from _histogram("playhead_commit_seconds", "From a group's beginning to its commit.", counts.seconds)
        yield from _gauge("playhead_queue_operations", "Operations that wait for the disk.", recorder.waiting)
        yield from _gauge("playhead_queue_limit_operations", "How many may wait.", recorder.queue)
        yield from _gauge("playhead_sums_behind_rows", "Journal rows not yet in the class's sums.", counts.behind_rows)
        yield from _gauge("playhead_sums_behind_seconds", "Since when that is so.", round(counts.behind_s, 3))
        yield from _gauge("playhead_recorder_up", "1 while there is somebody to write.", int(recorder.alive))
        yield from _gauge("playhead_storage_up", "0 while the storage takes nothing.", int(not counts.failing))
        yield "# EOF"

    def _answered(self) -> Mapping[str, int]:
        return {"recorded": self.recorded, "duplicate": self.duplicates}


def _counter(name: str, said: str, label: str, values: Mapping[str, int]) -> Iterator[str]:
    yield f"# TYPE {name} counter"
    yield f"# HELP {name} {said}"
    for value, count in sorted(values.items()):
        labels = f'{{{label}="{value}"}}' if label else ""
        yield f"{name}_total{labels} {count}"


def _gauge(name: str, said: str, value: float) -> Iterator[str]:
    yield f"# TYPE {name} gauge"
    yield f"# HELP {name} {said}"
    yield f"{name} {value}"


def _histogram(name: str, said: str, values: Histogram) -> Iterator[str]:
    yield f"# TYPE {name} histogram"
    yield f"# HELP {name} {said}"
    sums = values.cumulative()
    for bound, count in zip([*values.bounds, "+Inf"], sums, strict=True):
        yield f'{name}_bucket{{le="{bound}"}} {count}'
    yield f"{name}_count {sums[-1]}"
    yield f"{name}_sum {values.total:.6f}"
