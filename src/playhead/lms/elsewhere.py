"""Videos at providers in a course's library: they become videos of the course, and stay in step with it.

What is said about one is said in three places: its row in the library, the course's video that shows it, and at its
provider. A change in any of them reaches the other two.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from playhead.lms import trail
from playhead.lms.embeds import content_type, recognise
from playhead.lms.forms import content_type as type_of_file
from playhead.lms.models import Course, Source, Video
from playhead.lms.removing import remove_video, restore_video
from playhead.providers import remotes
from playhead.providers.kollus import media_key_of
from playhead.providers.models import RemoteVideo, State
from playhead.recorder import service


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the library: a video at a provider, and the course's video that shows it, once there is one."""

    remote: RemoteVideo
    video: Video | None

    @property
    def title(self) -> str:
        return self.video.title if self.video else self.remote.title

    @property
    def is_removed(self) -> bool:
        return self.remote.delete_after is not None or (self.video is not None and self.video.removed_at is not None)


def lines_of(course: Course, *, named: str = "") -> list[Line]:
    """Newest first; what was deleted for good is not listed, what was deleted at its provider is."""
    found = list(RemoteVideo.objects.select_related("account").filter(shelf=course.key).exclude(state=State.DELETED))
    shown = {video.key: video for video in Video.all_objects.filter(key__in=[one.video for one in found])}
    lines = [Line(one, shown.get(one.video)) for one in found]
    return [line for line in lines if named.casefold() in f"{line.title}\n{line.remote.name}".casefold()]


def line_of(course: Course, key: str) -> Line:
    """Raises Missing for what is not in this course's library."""
    remote = remotes.find(course.key, key)
    return Line(remote, Video.all_objects.filter(key=remote.video).first())


def heard(remote: RemoteVideo) -> None:
    """Hears of every video at a provider of which something changed there; other systems are told of what matters."""
    before = Video.all_objects.filter(key=remote.video).first()
    if remote.state == State.READY:
        if before is None:
            publish(remote)
        else:
            _follow(before, remote)
    kind = {State.FAILED: "content.failed", State.DELETED: "content.deleted"}.get(State(remote.state))
    if remote.state == State.READY and before is None:
        kind = "content.ready"
    if kind is not None:
        _announce(kind, remote)


def publish(remote: RemoteVideo) -> Video | None:
    """Make it a video of its course, at the end of it. May be repeated; None where it is one already, or cannot be."""
    with transaction.atomic():
        course = Course.objects.select_for_update().filter(key=remote.shelf).first()
        held = RemoteVideo.objects.select_for_update().get(pk=remote.pk)
        if course is None or held.video or not held.url:
            return None
        last = Video.all_objects.filter(course=course).aggregate(last=Max("position"))["last"]
        embed = recognise(held.url)
        video = Video.objects.create(
            course=course,
            title=held.title,
            description=held.description,
            position=0 if last is None else last + 1,
            source=embed.source,
            url=embed.url,
            content_type=content_type(embed) or type_of_file(embed.url),
            duration_ms=held.duration_ms,
            alias=media_key_of(held.url) if embed.source == Source.KOLLUS else "",
        )
        held.video = remote.video = video.key
        held.save(update_fields=["video"])
    return video


def publish_what_is_ready() -> None:
    """What became ready while nobody was there to hear it."""
    for remote in RemoteVideo.objects.filter(state=State.READY, video="", delete_after=None):
        publish(remote)


def describe(line: Line, *, title: str, description: str) -> None:
    """What is said about it: here now, at its provider as soon as the worker has told it."""
    with transaction.atomic():
        remotes.describe(line.remote, title=title, description=description)
        if line.video is not None:
            line.video.title, line.video.description = title, description
            line.video.save(update_fields=["title", "description"])


def describe_there(video: Video) -> None:
    """The course's video was changed elsewhere on this site: its provider is told, too."""
    for remote in RemoteVideo.objects.filter(video=video.key).exclude(state=State.DELETED):
        if (remote.title, remote.description) != (video.title, video.description):
            remotes.describe(remote, title=video.title, description=video.description)


def remove(lines: Iterable[Line], *, by: trail.Actor) -> int:
    """Hide them, and end what is being watched of them; returns how many. Where they were uploaded from here they are
    deleted at their provider, too, once they can no longer be had back."""
    count = 0
    for line in lines:
        if line.is_removed:
            continue
        count += 1
        if line.video is not None:
            remove_video(line.video, by=by)
        else:
            remotes.let_go(line.remote)
    return count


def restore(line: Line, *, by: trail.Actor) -> None:
    """As it was. Raises Conflict once it is gone for good."""
    if line.video is not None:
        restore_video(line.video, by=by)
    else:
        remotes.have_back(line.remote)


def _follow(video: Video, remote: RemoteVideo) -> None:
    """What changed at the provider, in the course's video. A new length binds what is opened from now on."""
    told: dict[str, object] = {"title": remote.title, "description": remote.description}
    if remote.duration_ms:
        told["duration_ms"] = remote.duration_ms
    changed = [name for name, value in told.items() if getattr(video, name) != value]
    for name in changed:
        setattr(video, name, told[name])
    if changed:
        video.save(update_fields=changed)


def _announce(kind: str, remote: RemoteVideo) -> None:
    told = {
        "asset": remote.key,
        "course": remote.shelf,
        "video": remote.video or None,
        "title": remote.title,
        "duration_ms": remote.duration_ms,
        "reason": remote.reason,
    }
    service.announce(kind, told, organisation_id=remote.account.organisation_id)
