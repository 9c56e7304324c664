"""The seconds of some students only: added up from what is stored of each, not from what they did."""

from collections import Counter
from collections.abc import Collection

from playhead.analytics.class_map import ClassMap, summed
from playhead.analytics.tally import second_of_middle
from playhead.core.sections import Sections
from playhead.recorder.models import Progress


def cohort_map(video: str, students: Collection[str], *, duration_ms: int | None) -> ClassMap:
    """How many of these students saw each second, and how many saw it more than once; `views` is both together.

    Where they paused is not known by student: nothing of it is in here.
    """
    first, both = Counter[int](), Counter[int]()
    rows = Progress.objects.filter(video=video, viewer__key__in=students).values_list("coverage", "again")
    for coverage, again in rows:
        _count(first, bytes(coverage))
        _count(both, bytes(again))
    both.update(first)
    viewers, views = summed(first), summed(both)
    length = len(views) if duration_ms is None else max(second_of_middle(duration_ms), 1)
    nothing = [0] * length
    return ClassMap(
        viewers=(viewers + nothing)[:length],
        views=(views + nothing)[:length],
        pauses=nothing,
        imported_viewers=nothing,
        imported_views=nothing,
        faster=nothing,
        slower=nothing,
        waits=nothing,
    )


def _count(differences: Counter[int], packed: bytes) -> None:
    if packed:
        for start_ms, end_ms in Sections.unpack(packed).pairs():
            differences[second_of_middle(start_ms)] += 1
            differences[second_of_middle(end_ms)] -= 1
