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

from playhead.lms.models import Course, Enrolment, User
from playhead.recorder import service


def close_course(user: User, course: Course) -> None:
    """Close what this person is watching in this course."""
    _close_videos(user.key, course.videos.values_list("key", flat=True))


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
        _close_all(instance)


def _close_all(user: User) -> None:
    transaction.on_commit(partial(service.close_playbacks, reason="disabled", viewer=user.key))


def _close_videos(viewer: str, videos: Iterable[str]) -> None:
    for video in videos:
        service.close_playbacks(reason="unenrolled", viewer=viewer, video=video)
