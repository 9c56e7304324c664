"""Saying how the videos of a course may be watched, or one of them. Whoever says it, a person on a page or another
system, says it here."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from playhead.lms import trail
from playhead.lms.models import Course, Video
from playhead.lms.rule_words import rules_text


def contradictions(said: Mapping[str, Any]) -> dict[str, str]:
    """What cannot be, in words, by the rule that would have to be another."""
    wrong = {}
    if _ends_first(said, "opens_at", "closes_at"):
        wrong["closes_at"] = _("It would close before it opens.")
    if _ends_first(said, "part_start_ms", "part_end_ms"):
        wrong["part_end_ms"] = _("The part would end before it begins.")
    return wrong


def is_taken(alias: str, video: Video) -> bool:
    """Whether another video of the school has this name in other systems."""
    others = Video.objects.filter(alias=alias, course__organisation=video.course.organisation_id)
    return bool(alias) and others.exclude(pk=video.pk).exists()


@transaction.atomic
def set_rules(one: Course | Video, said: Mapping[str, Any], *, by: trail.Actor) -> None:
    """From now on these rules; those that are not in `said` stay. Writes down what holds now."""
    if not said:
        return
    for name, value in said.items():
        setattr(one, name, value)
    one.save(update_fields=list(said))
    course, video = (one.course, one) if isinstance(one, Video) else (one, None)
    trail.note(course, by=by, what="rules", video=video, detail=rules_text(one) or _("no rules of its own"))


def _ends_first(said: Mapping[str, Any], first: str, last: str) -> bool:
    start, end = said.get(first), said.get(last)
    return start is not None and end is not None and end <= start
