"""Who may no longer watch stops earning: leaving a course or losing an account closes what is being watched.

As signals, so that it holds on every way there: the teacher's page, the admin, a cascade. After the commit, so that a
playback opened in between is refused and one opened before is closed.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver

from playhead.lms.models import Course, Enrolment, LoginSession, User
from playhead.recorder import service
from playhead.recorder.models import Playback
from playhead.recorder.operations import ClosePlaybacks


def close_course(user: User, course: Course) -> None:
    """Close what this person is watching in this course."""
    _close_videos(user.key, course.videos.values_list("key", flat=True))


def close_archived(course: Course) -> None:
    """Close what anybody is watching in a course that is over."""
    videos = list(course.videos.values_list("key", flat=True))
    watching = Playback.objects.filter(video__in=videos, closed_at=None).values_list("viewer__key", "video")
    for viewer, video in set(watching):
        service.close_playbacks(reason="revoked", viewer=viewer, video=video)


def end_session(user: User, hashed: str) -> None:
    """Log a session of this person out from elsewhere. May be repeated, when the recorder could not be reached."""
    LoginSession.objects.filter(user=user, session_key=hashed).delete()
    recorder = service.current()
    recorder.do(ClosePlaybacks(user.key, recorder.now_ms(), "logout", hashed))


def end_other_sessions(user: User, *, keep: str = "") -> int:
    """The same for all but one of them; returns how many."""
    ended = list(user.login_sessions.exclude(session_key=keep).values_list("session_key", flat=True))
    for hashed in ended:
        end_session(user, hashed)
    return len(ended)


@receiver(pre_delete, sender=Enrolment)
def enrolment_ends(instance: Enrolment, **_kwargs: Any) -> None:
    videos = list(instance.course.videos.values_list("key", flat=True))  # now: the course may be going as well
    transaction.on_commit(partial(_close_videos, instance.user.key, videos))


@receiver(pre_delete, sender=User)
def account_ends(instance: User, **_kwargs: Any) -> None:
    _close_all(instance)


@receiver(post_save, sender=User)
def account_saved(instance: User, *, created: bool, **_kwargs: Any) -> None:
    if not created and not instance.is_active:
        instance.login_sessions.all().delete()
        _close_all(instance)


def _close_all(user: User) -> None:
    transaction.on_commit(partial(service.close_playbacks, reason="disabled", viewer=user.key))


def _close_videos(viewer: str, videos: Iterable[str]) -> None:
    for video in videos:
        service.close_playbacks(reason="unenrolled", viewer=viewer, video=video)
