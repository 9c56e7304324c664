"""What is agreed with one student instead of the rules of all. Whoever agrees, a person on a page or another system,
does it here."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from playhead.lms import trail
from playhead.lms.models import Accommodation, Course, User, Video
from playhead.lms.rule_words import moment_text, rules_text


@transaction.atomic
def agree(
    course: Course, user: User, video: Video | None, said: Mapping[str, Any], *, by: trail.Actor, reason: str
) -> Accommodation:
    """For one video, or with None for all of the course; it takes the place of what was agreed for the same before.
    The caller has checked that `user` is a student of the course."""
    kept, _made = Accommodation.objects.update_or_create(
        course=course,
        user=user,
        video=video,
        defaults={**said, "reason": reason, "made_by": trail.person_of(by), "by_name": str(by)[:200]},
    )
    told = in_words(kept)
    trail.note(course, by=by, what="accommodation", about=user, video=video, detail=told, reason=reason)
    return kept


@transaction.atomic
def end(one: Accommodation, *, by: trail.Actor) -> None:
    """The rules of all hold again."""
    told = in_words(one)
    trail.note(one.course, by=by, what="accommodation_ended", about=one.user, video=one.video, detail=told)
    one.delete()


def in_words(one: Accommodation) -> str:
    parts = [
        _("up to %(speed)s") % {"speed": f"{one.max_rate / 1000:g}×"} if one.max_rate else "",
        _("%(percent)d %% needed") % {"percent": one.threshold_percent} if one.threshold_percent else "",
        _("due %(moment)s") % {"moment": moment_text(one.due_at)} if one.due_at else "",
        rules_text(one),
    ]
    return " · ".join(filter(None, parts))
