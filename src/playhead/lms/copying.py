"""A course once more, for a new term: the same videos and rules, nobody's progress."""

from datetime import timedelta

from django.db import transaction

from playhead.lms import trail
from playhead.lms.models import Course, Enrolment, Role, User, Video, course_key, video_key


@transaction.atomic
def copy_course(course: Course, *, title: str, by: trail.Actor, weeks_later: int | None = None) -> Course:
    """New videos over the same files: what was watched belongs to the course it was watched in.

    Teachers and assistants come along, students and what was agreed with them do not. Due dates move by whole weeks, or
    are left out.
    """
    staff = list(course.enrolments.exclude(role=Role.STUDENT))
    videos = list(course.videos.all())
    copy = Course.objects.get(pk=course.pk)
    copy.pk, copy.key, copy.title, copy.archived_at = None, course_key(), title, None
    copy._state.adding = True
    copy.save()
    for video in videos:
        moved = video.due_at + timedelta(weeks=weeks_later) if video.due_at and weeks_later is not None else None
        video.pk, video.key, video.course, video.due_at = None, video_key(), copy, moved
        video.alias = ""  # by that name other systems ask for the one it was copied from
        video._state.adding = True
    Video.objects.bulk_create(videos)
    Enrolment.objects.bulk_create([Enrolment(course=copy, user_id=one.user_id, role=one.role) for one in staff])
    if isinstance(by, User) and all(one.user_id != by.pk for one in staff):
        Enrolment.objects.create(course=copy, user=by, role=Role.TEACHER)
    trail.note(copy, by=by, what="copied", detail=course.title)
    return copy
