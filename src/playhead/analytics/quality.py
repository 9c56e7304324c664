"""How playing went, from the sums of playbacks: the start, waiting for data, and on what."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from playhead.analytics.playback_sums import PlaybackSums

ASPECTS: Final = ("device", "browser", "os", "network", "country")
_EDGES_MS: Final = (500, 1_000, 2_000, 4_000, 8_000)
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Quality:
    """Of some playbacks. `waits_an_hour` is of the time they played; None where nobody played or started."""

    playbacks: int
    viewers: int
    watched_ms: int
    startup_ms: int | None  # the median
    slow_startup_ms: int | None  # one in ten took longer
    waits: int
    waited_ms: int
    paid_ms: int

    @property
    def waits_an_hour(self) -> float | None:
        return self.waits * _HOUR_MS / self.paid_ms if self.paid_ms else None


def quality(playbacks: Sequence[PlaybackSums]) -> Quality:
    took = sorted(one.startup_ms for one in playbacks if one.startup_ms is not None)
    return Quality(
        playbacks=len(playbacks),
        viewers=len({one.viewer_id for one in playbacks}),
        watched_ms=sum(one.watched_ms for one in playbacks),
        startup_ms=int(median(took)) if took else None,
        slow_startup_ms=took[len(took) * 9 // 10] if took else None,
        waits=sum(one.waits for one in playbacks),
        waited_ms=sum(one.waited_ms for one in playbacks),
        paid_ms=sum(one.paid_ms for one in playbacks),
    )


def by(aspect: str, playbacks: Sequence[PlaybackSums], *, most: int = 8) -> list[tuple[str, Quality]]:
    """By what one aspect of the environment was, the most frequent first; what is rarer than `most` others together
    under an ellipsis, what is not known under an empty text."""
    groups: defaultdict[str, list[PlaybackSums]] = defaultdict(list)
    for one in playbacks:
        groups[getattr(one, aspect)].append(one)
    listed = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    if len(listed) > most:
        listed = [*listed[: most - 1], ("…", [one for _name, group in listed[most - 1 :] for one in group])]
    return [(name, quality(group)) for name, group in listed]


@dataclass(frozen=True, slots=True)
class Starts:
    """How many playbacks started within each bound, in ms; the last is for those that took longer than all."""

    edges_ms: tuple[int, ...] = _EDGES_MS
    counts: tuple[int, ...] = field(default=(0,) * (len(_EDGES_MS) + 1))


def starts(playbacks: Sequence[PlaybackSums]) -> Starts:
    buckets = Counter(
        sum(one.startup_ms >= edge for edge in _EDGES_MS) for one in playbacks if one.startup_ms is not None
    )
    return Starts(counts=tuple(buckets[at] for at in range(len(_EDGES_MS) + 1)))
