"""Who may see what. Every page and endpoint about a course or a video asks here, and nowhere else."""

from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest

from playhead.core.errors import Forbidden, Missing, Unauthorised
from playhead.lms.models import Course, Enrolment, Role, User, Video


class CourseSeat(NamedTuple):
    course: Course
    role: Role


class VideoSeat(NamedTuple):
    video: Video
    role: Role


def person(request: HttpRequest) -> User:
    """The person logged in. Raises Unauthorised for anybody else."""
    if isinstance(request.user, User):
        return request.user
    raise Unauthorised("not_logged_in", "Log in first.")


def role_in(course: Course, user: User) -> Role | None:
    """An admin may do in every course of the organisation what its teachers may."""
    if course.organisation_id != user.organisation_id:
        return None
    if user.is_superuser:
        return Role.TEACHER
    role = Enrolment.objects.filter(course=course, user=user).values_list("role", flat=True).first()
    return Role(role) if role else None


def course_for(user: User, key: str, *, teaching: bool = False) -> CourseSeat:
    """Raises Missing when there is no such course, Forbidden when it is not for this person."""
    course = Course.objects.filter(key=key).first()
    if course is None:
        raise Missing("no_such_course", "There is no such course.")
    return CourseSeat(course, _role(course, user, teaching=teaching))


def video_for(user: User, key: str, *, teaching: bool = False) -> VideoSeat:
    """Raises Missing when there is no such video, Forbidden when it is not for this person."""
    video = Video.objects.select_related("course").filter(key=key).first()
    if video is None:
        raise Missing("no_such_video", "There is no such video.")
    return VideoSeat(video, _role(video.course, user, teaching=teaching))


def courses_taught_by(user: User) -> QuerySet[Course]:
    if user.is_superuser:
        return Course.objects.filter(organisation=user.organisation_id)
    return _courses_as(user, Role.TEACHER)


def courses_taken_by(user: User) -> QuerySet[Course]:
    return _courses_as(user, Role.STUDENT)


def _courses_as(user: User, role: Role) -> QuerySet[Course]:
    # Not by a join, which would narrow whatever is counted over the course's enrolments afterwards.
    return Course.objects.filter(pk__in=Enrolment.objects.filter(user=user, role=role).values("course"))


def _role(course: Course, user: User, *, teaching: bool) -> Role:
    role = role_in(course, user)
    if role is None:
        raise Forbidden("not_enrolled", "You are not enrolled in the course this belongs to.")
    if teaching and role != Role.TEACHER:
        raise Forbidden("not_teacher", "This is for the teachers of the course.")
    return role
