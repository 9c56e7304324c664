"""Facts about how playing went that a person may want to judge: reports too regular for a clock, hours without a pause,
two places at once. What was recorded, and never what it means.

From the sums of playbacks alone, of which only those that stand out are read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from django.db.models import F, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from playhead.analytics.models import PlaybackSums
from playhead.lms import words
from playhead.lms.clock import clock
from playhead.lms.models import Video
from playhead.lms.timeline import instant

LEAST_REPORTS: Final = 30
EVEN_PERCENT: Final = 95
"""Timers of browsers miss by some milliseconds, now and then by none: hardly one in three is as long as the last."""
WITHOUT_PAUSE_MS: Final = 2 * 3_600_000
CONTESTED_MS: Final = 10_000
_LEAST_RUN_MS: Final = 600_000
_GAP_MS: Final = 300_000


class Fact(NamedTuple):
    viewer_id: int
    video: str
    told: str


def facts(videos: Sequence[Video], viewers: Iterable[int]) -> list[Fact]:
    """Of these viewers in these videos, by the recorder's numbers."""
    titles = {video.key: video.title for video in videos}
    own = PlaybackSums.objects.filter(video__in=titles, viewer_id__in=list(viewers))
    even = Q(claims__gte=LEAST_REPORTS, even_claims__gte=(F("claims") - 1) * EVEN_PERCENT / 100)
    runs = Q(longest_run_ms__gte=WITHOUT_PAUSE_MS) | Q(pauses=0, paid_ms__gte=_LEAST_RUN_MS)
    odd = list(own.filter(even | runs | Q(contested_ms__gte=CONTESTED_MS)).order_by("playback_id"))
    return [
        *(Fact(one.viewer_id, one.video, _even(one)) for one in odd if _is_even(one)),
        *_without_pause(sorted(filter(_runs, odd), key=lambda one: (one.viewer_id, one.first_at))),
        *_at_once([one for one in odd if one.contested_ms >= CONTESTED_MS], own, titles),
    ]


def _is_even(one: PlaybackSums) -> bool:
    return one.claims >= LEAST_REPORTS and one.even_claims * 100 >= (one.claims - 1) * EVEN_PERCENT


def _runs(one: PlaybackSums) -> bool:
    return one.longest_run_ms >= WITHOUT_PAUSE_MS or (one.pauses == 0 and one.paid_ms >= _LEAST_RUN_MS)


def _even(one: PlaybackSums) -> str:
    told = _("%(even)d of %(all)d reports took exactly as long as the one before, to the millisecond (%(length)s s)")
    return told % {"even": one.even_claims, "all": one.claims, "length": f"{one.claim_ms / 1000:.3f}"}


def _without_pause(runs: Iterable[PlaybackSums]) -> list[Fact]:
    """Of one playback, or of several that followed one another at once."""
    found, chain = [], list[PlaybackSums]()
    for one in runs:
        if one.longest_run_ms >= WITHOUT_PAUSE_MS:
            found.append(_ran(one, one.longest_run_ms, 1))
            continue
        if chain and not _follows(chain[-1], one):
            found += _chained(chain)
            chain = []
        chain.append(one)
    return found + _chained(chain)


def _follows(before: PlaybackSums, after: PlaybackSums) -> bool:
    return before.viewer_id == after.viewer_id and after.first_at - before.last_at <= _GAP_MS


def _chained(chain: Sequence[PlaybackSums]) -> list[Fact]:
    length_ms = sum(one.paid_ms for one in chain)
    return [_ran(chain[0], length_ms, len(chain))] if length_ms >= WITHOUT_PAUSE_MS else []


def _ran(one: PlaybackSums, length_ms: int, playbacks: int) -> Fact:
    told = _("played for %(length)s without a pause, from %(since)s on, in %(playbacks)d playbacks")
    return Fact(
        one.viewer_id, one.video,
        told % {"length": clock(length_ms), "since": _when(one.first_at), "playbacks": playbacks},
    )  # fmt: skip


def _at_once(contested: Iterable[PlaybackSums], own: QuerySet[PlaybackSums], titles: Mapping[str, str]) -> list[Fact]:
    """Where time was asked for that another playback had spent, and both went on at the same time."""
    asking = list(contested)
    beside: defaultdict[int, list[PlaybackSums]] = defaultdict(list)
    for one in own.filter(viewer_id__in={one.viewer_id for one in asking}, claims__gt=0).order_by("playback_id"):
        beside[one.viewer_id].append(one)
    found = []
    for one in asking:
        others = [other for other in beside[one.viewer_id] if _overlap(one, other)]
        if others:
            told = _(
                "played at the same time in %(places)d places on %(since)s: %(where)s; %(ms)s of it was claimed twice"
            )
            where = " · ".join(dict.fromkeys(_place(each, titles) for each in [one, *others]))
            said = {
                "places": len(others) + 1,
                "since": _when(one.first_at),
                "where": where,
                "ms": clock(one.contested_ms),
            }
            found.append(Fact(one.viewer_id, one.video, told % said))
    return found


def _overlap(one: PlaybackSums, other: PlaybackSums) -> bool:
    is_other = one.playback_id != other.playback_id
    return is_other and one.first_at <= other.last_at and other.first_at <= one.last_at


def _place(one: PlaybackSums, titles: Mapping[str, str]) -> str:
    known = [words.device(one.device), one.browser, one.os, one.network, one.country]
    return f"“{titles[one.video]}” ({', '.join(filter(None, known)) or _('device not known')})"


def _when(epoch_ms: int) -> str:
    at = instant(epoch_ms)
    return date_format(at, "j M, H:i") if at else ""
