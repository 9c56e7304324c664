"""The simulated class on the learning site, so that teachers see it, and what the tables hold for it afterwards."""

from playhead.cli.roster import Clip, Person, make_course
from playhead.cli.simulation.cast import Behaviour
from playhead.cli.simulation.outcome import Earned
from playhead.cli.simulation.virtual import Stage
from playhead.core.sections import Sections
from playhead.lms.models import Course, course_key, user_key, video_key
from playhead.recorder.models import Progress
from playhead.recorder.policy import Policy

_TITLE = "Simulated class"


def make_school(behaviours: list[Behaviour], durations_ms: list[int], *, begins_at: int, policy: Policy) -> Stage:
    """A new course 'Simulated class N' of these students, named after what they do, and of videos nobody can fetch."""
    number = Course.objects.filter(title__startswith=_TITLE).count() + 1
    people = [
        Person(user_key(), f"sim{number}.{student + 1:04}", f"{student + 1:04} {behaviour.name}")
        for student, behaviour in enumerate(behaviours)
    ]
    clips = [
        Clip(
            video_key(),
            f"Simulated video {video + 1}",
            f"https://simulated.invalid/{number}/{video + 1}.mp4",
            duration_ms,
        )
        for video, duration_ms in enumerate(durations_ms)
    ]
    make_course(
        key=course_key(),
        title=f"{_TITLE} {number}",
        description="Made by `playhead simulate`: each student is named after what they do.",
        people=people,
        clips=clips,
    )
    return Stage(
        [person.key for person in people], [clip.key for clip in clips], durations_ms, begins_at, [policy] * len(clips)
    )


def earned(stage: Stage) -> list[Earned]:
    """What the recorder's tables hold for every student of the stage."""
    students = {key: Earned() for key in stage.viewers}
    videos = {key: number for number, key in enumerate(stage.videos)}
    held = Progress.objects.filter(video__in=stage.videos).values_list("viewer__key", "video", "coverage", "watched_ms")
    for viewer, video, coverage, watched_ms in held:
        students[viewer].coverage[videos[video]] = Sections.unpack(bytes(coverage))
        students[viewer].watched_ms += watched_ms
    return list(students.values())
