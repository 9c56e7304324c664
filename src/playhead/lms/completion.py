"""A teacher's word that a video is complete for a student: beside the progress, with a reason, and in the trail."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from playhead.core.errors import Conflict
from playhead.lms import trail
from playhead.lms.models import Override, User, Video


def override(video: Video, user: User, *, by: trail.Actor, reason: str) -> Override:
    """Raises Conflict when it is marked already. The caller has checked that `by` may, and that `user` is a student."""
    try:
        with transaction.atomic():
            made = Override.objects.create(
                video=video, user=user, made_by=trail.person_of(by), by_name=str(by)[:200], reason=reason
            )
            trail.note(video.course, by=by, what="override", about=user, video=video, reason=reason)
    except IntegrityError:
        raise Conflict("already_overridden", "This video is marked as complete already.") from None
    return made


@transaction.atomic
def withdraw(video: Video, user: User, *, by: trail.Actor, reason: str = "") -> bool:
    """Whether there was anything to withdraw. The row stays; the progress is what it always was."""
    standing = Override.objects.filter(video=video, user=user, withdrawn_at=None)
    withdrawn = standing.update(
        withdrawn_at=timezone.now(), withdrawn_by=trail.person_of(by), withdrawn_by_name=str(by)[:200]
    )
    if withdrawn:
        trail.note(video.course, by=by, what="override_withdrawn", about=user, video=video, reason=reason)
    return bool(withdrawn)
