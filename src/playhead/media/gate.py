"""May this playback have anything now? Asked anew for every playlist, key and picture; for segments the recorder asks
itself, under the viewer's lock, when it notes what leaves (`recorder.operations.Deliver`)."""

from dataclasses import dataclass

from playhead.core.errors import Forbidden, Unauthorised
from playhead.core.tickets import Ticket
from playhead.recorder.models import Playback


@dataclass(frozen=True, slots=True)
class Pass:
    """What the doors need of a playback's row."""

    playback: str
    viewer: str
    video: str
    max_rate: int
    part_end_ms: int | None


def check_live(ticket: Ticket, *, now_ms: int) -> Pass:
    """Raises Unauthorised where there is no such playback, Forbidden once it is closed or its window is over."""
    state = ("viewer__key", "closed_at", "closed_reason", "window_from", "window_until")
    fields = (*state, "max_rate", "part_end_ms")
    found = Playback.objects.filter(key=ticket.playback, video=ticket.video).values_list(*fields).first()
    if found is None or found[0] != ticket.viewer:
        raise Unauthorised("ticket_invalid", "There is no such playback.")
    viewer, closed_at, why, opens, closes, max_rate, part_end_ms = found
    if closed_at is not None:
        raise Forbidden("playback_closed", f"This playback was closed ({why}).")
    if (opens is not None and now_ms < opens) or (closes is not None and now_ms >= closes):
        raise Forbidden("not_allowed", "This video is not open at this time.")
    return Pass(ticket.playback, viewer, ticket.video, max_rate, part_end_ms)
