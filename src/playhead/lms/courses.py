"""Making a course, and putting it away. Whoever does it, a person on a page or another system, does it here."""

from django.db import transaction
from django.utils import timezone

from playhead.lms import trail
from playhead.lms.closing import close_archived
from playhead.lms.course_forms import CourseForm
from playhead.lms.models import Course, Enrolment, Role, User


@transaction.atomic
def make_course(form: CourseForm, *, by: trail.Actor) -> Course:
    """`form` is valid. A person who makes a course teaches it; one made by another system has no teacher yet."""
    course: Course = form.save()
    if isinstance(by, User):
        Enrolment.objects.create(course=course, user=by, role=Role.TEACHER)
    trail.note(course, by=by, what="made")
    return course


def archive(course: Course, *, by: trail.Actor) -> None:
    """Put the course away, and close what is being watched in it. May be repeated."""
    if course.archived_at is None:
        _set_archived(course, by=by, to=True)
    close_archived(course)


def restore(course: Course, *, by: trail.Actor) -> None:
    if course.archived_at is not None:
        _set_archived(course, by=by, to=False)


@transaction.atomic
def _set_archived(course: Course, *, by: trail.Actor, to: bool) -> None:
    course.archived_at = timezone.now() if to else None
    course.save(update_fields=["archived_at"])
    trail.note(course, by=by, what="archived" if to else "restored")
