"""Leaving a course, and becoming something else in it; entering one is `invitations.enrol`."""

from django.db import transaction

from playhead.core.errors import Conflict
from playhead.lms import telling, trail
from playhead.lms.closing import close_course
from playhead.lms.models import Course, Enrolment, Role, User


def unenrol(place: Enrolment, *, by: trail.Actor) -> None:
    """Take a person out of a course, which closes what they watch in it. Raises Conflict for the last teacher."""
    _keep_a_teacher(place.course, place.user)
    with transaction.atomic():
        place.delete()
        trail.note(place.course, by=by, what="unenrolled", about=place.user)
        telling.unenrolled(place.course, place.user, place.role)


def change_role(place: Enrolment, role: Role, *, by: trail.Actor) -> None:
    """Raises Conflict for the last teacher. What is being watched now was opened as what the person was before."""
    if role != Role.TEACHER:
        _keep_a_teacher(place.course, place.user)
    place.role = role
    place.save(update_fields=["role"])
    close_course(place.user, place.course)
    trail.note(place.course, by=by, what="role", about=place.user, detail=str(role.label))


def _keep_a_teacher(course: Course, user: User) -> None:
    teachers = course.enrolments.filter(role=Role.TEACHER)
    if list(teachers.values_list("user_id", flat=True)) == [user.pk]:
        raise Conflict("last_teacher", "A course keeps at least one teacher.")
