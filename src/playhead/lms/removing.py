"""Removing a video of a course, and having it back. Whoever does it, a person or another system, does it here.

Removing hides it and ends what is being watched of it; what was watched is kept. An upload's files go some weeks later.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from playhead.core import limits
from playhead.core.errors import Conflict
from playhead.lms import trail
from playhead.lms.models import Video
from playhead.media.models import State
from playhead.providers import remotes
from playhead.providers.models import RemoteVideo
from playhead.providers.models import State as Place
from playhead.recorder import service
from playhead.recorder.models import Playback


def remove_video(video: Video, *, by: trail.Actor) -> None:
    """May be repeated."""
    if video.removed_at is None:
        _hide(video, by)
    watching = Playback.objects.filter(video=video.key, closed_at=None).values_list("viewer__key", flat=True)
    for viewer in set(watching):
        service.close_playbacks(reason="revoked", viewer=viewer, video=video.key)


@transaction.atomic
def restore_video(video: Video, *, by: trail.Actor) -> None:
    """As it was; may be repeated. Raises Conflict once its files are gone for good."""
    asset = video.asset
    if asset is not None and asset.state == State.DELETED:
        raise Conflict("gone", "Its files are gone for good.")
    for remote in RemoteVideo.objects.filter(video=video.key):
        remotes.have_back(remote)
    if asset is not None and asset.delete_after is not None:
        asset.delete_after = None
        asset.save(update_fields=["delete_after"])
    if video.removed_at is not None:
        video.removed_at = None
        video.save(update_fields=["removed_at"])
        trail.note(video.course, by=by, what="video_restored", video=video)


@transaction.atomic
def _hide(video: Video, by: trail.Actor) -> None:
    video.removed_at = timezone.now()
    video.save(update_fields=["removed_at"])
    trail.note(video.course, by=by, what="video_removed", video=video)
    asset = video.asset
    if asset is not None and not Video.objects.filter(asset=asset).exists():  # no other course shows it
        asset.delete_after = timezone.now() + timedelta(days=limits.REMOVED_DAYS)
        asset.save(update_fields=["delete_after"])
    if not Video.objects.filter(url=video.url).exclude(url="").exists():
        for remote in RemoteVideo.objects.filter(video=video.key).exclude(state=Place.DELETED):
            remotes.let_go(remote)
