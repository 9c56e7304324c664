"""Whether a playback may be opened, and whether media may leave for it. Asked under the viewer's lock.

What is refused here was never credited; what a playback that may go no further has queued still earns.
"""

from playhead.core import limits
from playhead.core.errors import Forbidden, TooMany
from playhead.core.reach import is_within_reach
from playhead.recorder.policy import FREE, OLDEST, Policy
from playhead.recorder.state import Playback, Run, Viewer
from playhead.recorder.workspace import Workspace


def check_opening(space: Workspace, viewer: Viewer, video: str, policy: Policy, *, opened_at: int) -> None:
    """Raises Forbidden where the policy lets this viewer open nothing now."""
    check_window(policy, at=opened_at)
    if policy.concurrent == OLDEST:
        _check_nothing_plays(space, viewer, opened_at=opened_at)
    if policy.plays is not None and plays_used(space, viewer, video, opened_at=opened_at) >= policy.plays:
        raise Forbidden("no_plays_left", "You have watched this video as often as it may be watched.")


def check_delivery(
    space: Workspace, viewer: Viewer, playback: Playback, *, start_ms: int, end_ms: int, at: int
) -> None:
    """Raises Forbidden, or TooMany where it becomes allowed by watching on, unless this stretch may leave now."""
    policy = playback.policy
    check_window(policy, at=at)
    if is_displaced(viewer, playback, at=at):
        raise Forbidden("playing_elsewhere", "This viewer plays somewhere else.")
    start, end = policy.part or (0, limits.VIDEO_MS)
    if end_ms <= start or start_ms >= end:
        raise Forbidden("not_in_part", "Only a part of this video may be watched.")
    if policy.seeking != FREE:
        coverage = space.progress_of(playback).coverage
        if not is_within_reach(max(start_ms, start), coverage, playback.delivered, start_ms=start):
            raise TooMany("not_reached", "What lies before this has to be watched first.", retry_after_s=2)


def check_window(policy: Policy, *, at: int) -> None:
    if policy.window is None:
        return
    if at < policy.window[0]:
        raise Forbidden("not_open_yet", "This video is not open yet.", opens_at=policy.window[0])
    if at >= policy.window[1]:
        raise Forbidden("open_no_more", "This video is not open any more.", closed_at=policy.window[1])


def _check_nothing_plays(space: Workspace, viewer: Viewer, *, opened_at: int) -> None:
    open_ids = {playback.id for playback in space.open_playbacks(viewer)}
    last = max((run.until for run in _live(viewer, at=opened_at) if run.playback_id in open_ids), default=None)
    if last is not None:
        free_in_ms = last + limits.RUN_GAP_MS - opened_at
        told = "You are watching somewhere else already, and this video may be watched in one place at a time."
        raise Forbidden("playing_already", told, free_in_ms=free_in_ms)


def is_displaced(viewer: Viewer, playback: Playback, *, at: int) -> bool:
    """Whether another of the viewer's playbacks plays now, and is the one that the policy lets go on."""
    runs = _live(viewer, at=at)
    mine = next((run for run in runs if run.playback_id == playback.id), None)
    return any(gives_way(playback, mine, other) for other in runs if other.playback_id != playback.id)


def gives_way(playback: Playback, mine: Run | None, other: Run) -> bool:
    """Whether this playback gives way to another run of playing. One that does not play yet is the newest there is."""
    if playback.policy.concurrent == OLDEST:
        return mine is None or other.since < mine.since
    return mine is not None and other.since > mine.since


def _live(viewer: Viewer, *, at: int) -> list[Run]:
    return [run for run in viewer.runs if run.until >= at - limits.RUN_GAP_MS]


def plays_used(space: Workspace, viewer: Viewer, video: str, *, opened_at: int) -> int:
    """How many plays there were before one that is opened now: an opening that earned nothing is none, and what is
    opened soon after the last report of a play goes on with it. So neither a reload nor a crash costs anything."""
    used, goes_on_until = 0, 0
    for began_at, heard_at in space.plays_of(viewer, video):
        if began_at > goes_on_until:
            used += 1
        goes_on_until = max(goes_on_until, heard_at + limits.PLAY_GOES_ON_MS)
    return used - 1 if used and opened_at <= goes_on_until else used
