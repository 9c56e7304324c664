"""The seconds of some students only: added up from what is stored of each, not from what they did."""

from collections.abc import Collection

from playhead.analytics.class_map import ClassMap
from playhead.analytics.tally import CREDIT, Tally, added, counts, second_of_middle
from playhead.core.sections import EMPTY, Sections
from playhead.recorder.models import Progress


def cohort_map(video: str, students: Collection[str], *, duration_ms: int | None) -> ClassMap:
    """How many of these students saw each second, and how many saw it more than once; `views` is both together.

    Where they paused is not known by student: nothing of it is in here.
    """
    tally = Tally()
    rows = Progress.objects.filter(video=video, viewer__key__in=students).values_list("coverage", "again")
    for coverage, again in rows:
        first = _unpacked(coverage)
        tally.add_line(video, CREDIT, received_at=0, credit=first, fresh=first)
        tally.add_line(video, CREDIT, received_at=0, credit=_unpacked(again), fresh=EMPTY)
    measured = tally.seconds.get((video, CREDIT), {})
    viewers, views = (counts(added(b"", measured.get(name, {}))) for name in ("viewers", "views"))
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


def _unpacked(packed: object) -> Sections:
    held = bytes(packed)  # type: ignore[call-overload]
    return Sections.unpack(held) if held else EMPTY
