"""Renewing the ticket of a playback that another system's word opened: no session is asked for, there is none."""

from playhead.core.errors import Forbidden
from playhead.core.tickets import Ticket
from playhead.lms.access import check_earning, video_for
from playhead.lms.models import User
from playhead.recorder import integrations, service
from playhead.recorder.integrations import Integration
from playhead.recorder.models import Playback


def renew_joined(row: Playback, held: Ticket, token: str) -> tuple[dict[str, object], Integration]:
    """A fresh ticket, while that system and the course let its viewer watch; and the system. Raises our errors."""
    if row.integration is None or held.playback != row.key:
        raise Forbidden("not_your_playback", "This playback was not opened by another system.")
    user = User.objects.filter(key=held.viewer, is_active=True).first()
    joined = integrations.find(row.integration)
    if user is None or not joined.active:
        raise Forbidden("not_joined", "The system that opened this playback may not do so any more.")
    video, _role = video_for(user, held.video)
    check_earning(video.course)
    ticket, expires_at_s = service.renew_ticket(token)
    return {"ticket": ticket, "expires_at_s": expires_at_s}, joined
