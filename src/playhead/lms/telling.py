"""What joined systems are told of that is no watching: who is in which course, and what was refused."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from playhead.core.errors import Forbidden, PlayheadError
from playhead.lms.models import Course, User, Video
from playhead.recorder import service

logger = logging.getLogger(__name__)


def enrolled(course: Course, user: User, role: str) -> None:
    _of_course("enrolment.created", course, user, role)


def unenrolled(course: Course, user: User, role: str) -> None:
    _of_course("enrolment.ended", course, user, role)


def _of_course(type: str, course: Course, user: User, role: str) -> None:
    """Once it is so: nothing is told of what is taken back."""
    at = round(timezone.now().timestamp() * 1000)
    viewer = {"key": user.key, "external_id": None}
    data = {"viewer": viewer, "course": course.key, "role": str(role), "at": at}
    transaction.on_commit(
        partial(_announce, type, data, organisation_id=course.organisation_id, integration=None, viewer=user.key)
    )


@contextmanager
def refusals(user: User, video: Video, *, integration: str | None, external_id: str) -> Iterator[None]:
    """Tell of an opening that the rules of the video do not allow; it stays refused."""
    try:
        yield
    except Forbidden as refused:
        viewer = {"key": user.key, "external_id": external_id or None}
        data = {"viewer": viewer, "video": video.key, "reason": refused.code, "detail": str(refused.detail)}
        organisation = user.organisation_id
        _announce("playback.refused", data, organisation_id=organisation, integration=integration, viewer=user.key)
        raise


def _announce(
    type: str, data: Mapping[str, Any], *, organisation_id: int, integration: str | None, viewer: str
) -> None:
    """What was done is done, whether or not it can be told of now."""
    try:
        service.announce(type, data, organisation_id=organisation_id, integration=integration, viewer=viewer)
    except PlayheadError as error:
        logger.error("%s about %s was not told: %s", type, viewer, error)
