"""Who comes with a token that another system signed: which system that is, who they are here, and which video is meant.

There is no cookie in this: inside another site's frame a browser keeps none of ours. The token is the word of a system
that is joined to this one, as good as a login for this one video while it lasts.
"""

from dataclasses import dataclass

from playhead.core import watch_tokens
from playhead.core.errors import Forbidden, Missing, Unauthorised
from playhead.core.watch_tokens import Grant
from playhead.lms.grants import videos_of
from playhead.lms.invitations import enrol
from playhead.lms.models import Role, User, Video
from playhead.lms.outsiders import viewer_for
from playhead.lms.trail import Machine
from playhead.recorder import integrations, models, service
from playhead.recorder.integrations import Integration


@dataclass(frozen=True, slots=True)
class Guest:
    """What a token stands for: the system that sends, what it grants, and the video it means."""

    integration: Integration
    grant: Grant
    video: Video


def guest_of(token: str, *, custom_key: str = "") -> Guest:
    """Raises Unauthorised for a token that opens nothing, Missing for a video that the other system may not show.

    `custom_key` names the integration where the token cannot: Kollus puts it into the address.
    """
    now_ms = service.current().now_ms()
    integration = _integration(watch_tokens.key_id(token), custom_key)
    keys = [(key.kid, key.secret.encode()) for key in integration.keys_valid_at(now_ms)]
    grant = watch_tokens.verify(token, kind=integration.kind, issuer=integration.key, keys=keys, now_s=now_ms // 1000)
    return Guest(integration, grant, video_called(integration, grant.video))


def person_of(guest: Guest) -> User:
    """The person, made and enrolled when they come for the first time. Raises Forbidden for an account switched off."""
    joined, grant = guest.integration, guest.grant
    user = viewer_for(joined.key, grant.viewer, organisation_id=joined.organisation_id, name=grant.name)
    if not user.is_active:
        raise Forbidden("account_off", "This account is switched off.")
    enrol(guest.video.course, user, Role.STUDENT, by=Machine(joined.name))
    return user


def video_called(integration: Integration, name: str) -> Video:
    """By its key here, or by what other systems call it. Raises Missing."""
    videos = videos_of(integration)
    found = videos.filter(key=name).first() or videos.filter(alias=name).first()
    if found is None:
        raise Missing("no_such_video", "There is no such video, or the system you come from may not show it.")
    return found


def _integration(kid: str | None, custom_key: str) -> Integration:
    """The active integration of a key id, or of the name in the address; where both are there they must agree."""
    keys = models.Integration.objects.filter(active=True).values_list("key", "playback_keys")
    found = {key for key, own in keys if _is_meant(key, own, kid, custom_key)}
    if len(found) != 1:
        raise Unauthorised("token_invalid", "The token is not valid: nobody known here has signed it.")
    return integrations.find(found.pop())


def _is_meant(key: str, own: list[dict[str, object]], kid: str | None, custom_key: str) -> bool:
    if custom_key and key != custom_key:
        return False
    return any(one["kid"] == kid for one in own) if kid is not None else bool(custom_key)
