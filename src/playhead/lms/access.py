"""Who may see and change what. Every page and endpoint about a course or a video asks here, and nowhere else.

Teachers see and change everything of their course. Assistants see the same and change nothing but who is enrolled as a
student. Admins are teachers of every course. In an archived course nothing changes but that it is archived.
"""

from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest

from playhead.core.errors import Conflict, Forbidden, Missing, Unauthorised
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


def course_to_change(user: User, key: str, *, archived: bool = False) -> Course:
    """For teachers. Raises Conflict for an archived course, unless `archived` says that it may be one."""
    course, role = course_for(user, key, teaching=True)
    _check_change(course, role, archived=archived)
    return course


def video_to_change(user: User, key: str) -> Video:
    """For teachers. Raises Conflict when the course is archived."""
    video, role = video_for(user, key, teaching=True)
    _check_change(video.course, role)
    return video


def course_to_enrol_in(user: User, key: str) -> CourseSeat:
    """For teachers and assistants; the latter may only enrol students. Raises Conflict for an archived course."""
    course, role = course_for(user, key, teaching=True)
    check_open(course)
    return CourseSeat(course, role)


def admin(request: HttpRequest) -> User:
    """The admin logged in. Raises Forbidden for anybody else."""
    user = person(request)
    if not user.is_superuser:
        raise Forbidden("not_admin", "Only admins may open this.")
    return user


def check_open(course: Course) -> None:
    """Raises Conflict for an archived course: nothing in it changes."""
    if course.archived_at is not None:
        raise Conflict("course_archived", "This course is archived: take it out of the archive to change anything.")


def check_earning(course: Course) -> None:
    """Raises Forbidden when nothing is earned in this course any more."""
    if course.archived_at is not None:
        raise Forbidden("course_archived", "This course is over. What was watched is kept; nothing is added to it.")


def student_for(course: Course, key: str) -> User:
    """A person enrolled in the course. Raises Missing for anybody else, whether or not they have an account."""
    found = User.objects.filter(key=key, enrolments__course=course).first()
    if found is None:
        raise Missing("no_such_student", "There is no such person in this course.")
    return found


def number_for(user: User, video_key: str, user_key: str) -> tuple[User, VideoSeat]:
    """Whose number of which video this is: one's own, or as a teacher that of a person in the course."""
    seat = video_for(user, video_key, teaching=user.key != user_key)
    return (user if user.key == user_key else student_for(seat.video.course, user_key)), seat


def courses_taught_by(user: User) -> QuerySet[Course]:
    if user.is_superuser:
        return Course.objects.filter(organisation=user.organisation_id)
    return _courses_as(user, Role.TEACHER, Role.ASSISTANT)


def courses_taken_by(user: User) -> QuerySet[Course]:
    return _courses_as(user, Role.STUDENT)


def _courses_as(user: User, *roles: Role) -> QuerySet[Course]:
    # Not by a join, which would narrow whatever is counted over the course's enrolments afterwards.
    return Course.objects.filter(pk__in=Enrolment.objects.filter(user=user, role__in=roles).values("course"))


def _role(course: Course, user: User, *, teaching: bool) -> Role:
    role = role_in(course, user)
    if role is None:
        raise Forbidden("not_enrolled", "You are not enrolled in the course this belongs to.")
    if teaching and not role.sees_class:
        raise Forbidden("not_teacher", "This is for the teachers of the course.")
    return role


def _check_change(course: Course, role: Role, *, archived: bool = False) -> None:
    if role != Role.TEACHER:
        raise Forbidden("only_teachers", "Assistants see everything here, and change nothing but enrolments.")
    if not archived:
        check_open(course)
