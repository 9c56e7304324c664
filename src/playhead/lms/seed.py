"""The demo's small school: one course, Alice who teaches, Bob who is enrolled, Charlie who must see nothing."""

import shutil

from django.conf import settings
from django.db import transaction

from playhead.lms.models import Course, Enrolment, Role, Source, User, Video, default_organisation

PASSWORD = "playhead-demo"  # noqa: S105  printed by the demo, known to everybody
COURSE_KEY = "c_waves_and_sound"
RECORDED_KEY = "c_recorded_lectures"
ACCOUNTS = f"alice teaches, bob is enrolled, charlie is not, admin runs it · password {PASSWORD}"


def demo_school() -> str:
    """Make what is missing, change nothing that is there; returns the accounts in one line, for people."""
    # ffmpeg is only needed here and where teachers measure files.
    from playhead.media.clips import ensure_clips

    clips = ensure_clips(settings.PLAYHEAD_MEDIA)
    with transaction.atomic():
        course = _course()
        _person("admin", "Ada Admin", is_superuser=True, is_staff=True)
        alice, bob = _person("alice", "Alice Archer"), _person("bob", "Bob Brown")
        _person("charlie", "Charlie Chen")
        Enrolment.objects.get_or_create(course=course, user=alice, defaults={"role": Role.TEACHER})
        Enrolment.objects.get_or_create(course=course, user=bob, defaults={"role": Role.STUDENT})
        for position, clip in enumerate(clips, start=1):
            Video.objects.get_or_create(
                course=course,
                file=clip.path.name,
                defaults={
                    "title": clip.title,
                    "description": clip.description,
                    "position": position,
                    "source": Source.FILE,
                    "duration_ms": clip.duration_ms,
                },
            )
    return ACCOUNTS


def demo_upload() -> None:
    """Put a film into the library of a course of its own, as if a teacher had uploaded it: the worker packages it."""
    from playhead.media.clips import ensure_clips
    from playhead.media.models import Asset, State
    from playhead.media.packer import incoming

    clip = ensure_clips(settings.PLAYHEAD_MEDIA)[0]
    course, is_new = _recorded()
    if not is_new:
        return
    told = {"title": f"{clip.title}, protected", "description": clip.description, "name": clip.path.name}
    asset = Asset(shelf=course.key, organisation_id=course.organisation_id, size_bytes=clip.path.stat().st_size, **told)
    source = incoming(asset)
    source.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(clip.path, source)
    asset.state = State.WAITING
    asset.save()


def _recorded() -> tuple[Course, bool]:
    """The course, and whether it was made just now."""
    texts = {
        "title": "Recorded lectures",
        "description": "Uploaded, encrypted, and shown with the name of whoever watches over the picture.",
        "watermark": True,
    }
    with transaction.atomic():
        course, is_new = Course.objects.get_or_create(
            key=RECORDED_KEY, defaults={**texts, "organisation_id": default_organisation()}
        )
        if is_new:
            for name, role in (("alice", Role.TEACHER), ("bob", Role.STUDENT)):
                Enrolment.objects.create(course=course, user=User.objects.get(username=name), role=role)
    return course, is_new


def _course() -> Course:
    texts = {
        "title": "Waves and sound",
        "description": "What waves are, how they add up, and how sound becomes numbers.",
    }
    course, _made = Course.objects.get_or_create(
        key=COURSE_KEY, defaults={**texts, "organisation_id": default_organisation()}
    )
    return course


def _person(username: str, name: str, **rights: bool) -> User:
    user = User.objects.filter(username__iexact=username).first()
    if user is None:
        user = User(username=username, name=name, email=f"{username}@example.org", **rights)
        user.set_password(PASSWORD)
        user.save()
    return user
