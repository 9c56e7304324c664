"""The trail of a course: what its teachers decided, when and why. Written beside each decision, in its transaction."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from playhead.lms.models import Course, TrailEntry, User, Video

WORDS = {
    "made": _("Course made"),
    "copied": _("Course copied from another"),
    "settings": _("Settings changed"),
    "due_dates": _("Due dates changed"),
    "rules": _("Rules of viewing changed"),
    "archived": _("Course archived"),
    "restored": _("Course taken out of the archive"),
    "enrolled": _("Person enrolled"),
    "list": _("List of students brought in"),
    "invited": _("Person invited"),
    "unenrolled": _("Person unenrolled"),
    "role": _("Role changed"),
    "accommodation": _("Accommodation made"),
    "accommodation_ended": _("Accommodation removed"),
    "override": _("Marked as complete"),
    "override_withdrawn": _("Mark of completion withdrawn"),
    "video_removed": _("Video removed"),
    "video_restored": _("Video restored"),
    "video_replaced": _("Video replaced by a new version"),
    "certificate_withdrawn": _("Certificate withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Machine:
    """Another system that acts by itself, without a person."""

    name: str

    def __str__(self) -> str:
        return self.name


Actor = User | Machine


def person_of(by: Actor) -> User | None:
    """None for a machine, which is known by its name alone."""
    return by if isinstance(by, User) else None


def note(
    course: Course,
    *,
    by: Actor,
    what: str,
    about: User | None = None,
    video: Video | None = None,
    detail: str = "",
    reason: str = "",
) -> None:
    """Names are kept as they are now: an entry says the same when a person is renamed or gone."""
    TrailEntry.objects.create(
        course=course,
        by=person_of(by),
        by_name=str(by)[:200],
        what=what,
        about_user=about,
        about_name=str(about or "")[:200],
        about_video=video,
        video_title=str(video or "")[:200],
        detail=detail,
        reason=reason,
    )
