"""How far a viewer may come who may not skip ahead: what delivery and the player's controls go by."""

from playhead.core import limits
from playhead.core.progress import counted
from playhead.core.sections import Sections


def reached_ms(coverage: Sections, delivered: Sections, *, start_ms: int = 0) -> int:
    """Where what is covered, or was delivered to this playback, has its first gap, from `start_ms` on.

    What was delivered counts beside what is covered: the player fetches ahead of what it shows, and the reports of what
    it showed come later, after an outage much later. Who fetches without watching gains nothing by it: the next
    segment leaves only after this one, and no faster than the pace allows.
    """
    without_gap = counted(coverage | delivered, start_ms=start_ms).pairs()
    return without_gap[-1][1] if without_gap else start_ms


def is_within_reach(at_ms: int, coverage: Sections, delivered: Sections, *, start_ms: int = 0) -> bool:
    """Whether media that begins at `at_ms` may be shown without anything before it being skipped."""
    return at_ms <= reached_ms(coverage, delivered, start_ms=start_ms) + limits.NO_SKIP_SLACK_MS
