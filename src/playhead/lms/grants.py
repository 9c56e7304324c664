"""What an integration may see and change here: the courses given to it, and the people it sent; or, where all of the
school was given to it, everything and everybody there. What lies beyond is Missing, never Forbidden: it tells nothing.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from playhead.core.errors import Missing
from playhead.lms.models import Course, CourseGrant, Enrolment, Role, User, Video
from playhead.recorder.integrations import Integration


def has_whole_school(integration: Integration) -> bool:
    return CourseGrant.objects.filter(integration=integration.key, course=None).exists()


def courses_of(integration: Integration) -> QuerySet[Course]:
    courses = Course.objects.filter(organisation=integration.organisation_id)
    if has_whole_school(integration):
        return courses
    # Not by a join: what is counted over the courses afterwards must not be multiplied.
    return courses.filter(pk__in=CourseGrant.objects.filter(integration=integration.key).values("course"))


def course_of(integration: Integration, key: str) -> Course:
    found = courses_of(integration).filter(key=key).first()
    if found is None:
        raise Missing("no_such_course", "There is no such course.")
    return found


def videos_of(integration: Integration) -> QuerySet[Video]:
    """With their courses at hand."""
    return Video.objects.filter(course__in=courses_of(integration)).select_related("course", "asset")


def video_of(integration: Integration, key: str) -> Video:
    found = videos_of(integration).filter(key=key).first()
    if found is None:
        raise Missing("no_such_video", "There is no such video.")
    return found


def people_of(integration: Integration) -> QuerySet[User]:
    if has_whole_school(integration):
        return User.objects.filter(organisation=integration.organisation_id)
    return User.objects.filter(called__integration=integration.key)


def person_of(integration: Integration, key: str) -> User:
    found = people_of(integration).filter(key=key).first()
    if found is None:
        raise Missing("no_such_viewer", "There is no such viewer.")
    return found


def student_of(integration: Integration, course: Course, key: str) -> User:
    """Raises Missing for who is no student of the course, too."""
    user = person_of(integration, key)
    if not Enrolment.objects.filter(course=course, user=user, role=Role.STUDENT).exists():
        raise Missing("no_such_student", "There is no such student in this course.")
    return user


def give_course(integration: Integration, course: Course) -> None:
    CourseGrant.objects.get_or_create(integration=integration.key, course=course)


@transaction.atomic
def give(integration: Integration, courses: Iterable[Course], *, whole_school: bool) -> None:
    """From now on these courses and no others; with `whole_school`, all there are and will be."""
    CourseGrant.objects.filter(integration=integration.key).delete()
    given: list[Course | None] = [None] if whole_school else list(courses)
    CourseGrant.objects.bulk_create(CourseGrant(integration=integration.key, course=course) for course in given)
