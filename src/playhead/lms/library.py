"""A course's library: uploaded videos from their first byte to the day they are gone for good.

An upload becomes a video of the course when it is packaged. Removing hides the video and ends what is being watched of
it; what was watched is kept, and for some weeks all of it can be had back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from playhead.core import limits
from playhead.core.errors import Conflict, Missing
from playhead.lms import trail
from playhead.lms.embeds import HLS
from playhead.lms.models import Course, Source, Video
from playhead.lms.removing import remove_video, restore_video
from playhead.media.keys import master_keys, unseal
from playhead.media.models import Asset, Captions, State
from playhead.media.packaging import Lock
from playhead.media.store import store
from playhead.recorder import service


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the library: an uploaded video, and the course's video that shows it, once there is one."""

    asset: Asset
    video: Video | None

    @property
    def title(self) -> str:
        return self.video.title if self.video else self.asset.title

    @property
    def is_removed(self) -> bool:
        return self.asset.delete_after is not None or (self.video is not None and self.video.removed_at is not None)


def items_of(course: Course, *, named: str = "") -> list[Item]:
    """Newest first; what is gone for good is not listed."""
    assets = list(Asset.objects.filter(shelf=course.key).exclude(state=State.DELETED))
    shown = {video.asset_id: video for video in Video.all_objects.filter(course=course, asset__in=assets)}
    items = [Item(asset, shown.get(asset.pk)) for asset in assets]
    return [item for item in items if named.casefold() in f"{item.title}\n{item.asset.name}".casefold()]


def item_of(course: Course, key: str) -> Item:
    """Raises Missing for what is not in this course's library."""
    asset = Asset.objects.filter(shelf=course.key, key=key).exclude(state=State.DELETED).first()
    if asset is None:
        raise Missing("no_such_upload", "There is no such video in this library.")
    return Item(asset, Video.all_objects.filter(course=course, asset=asset).first())


def publish(asset: Asset) -> Video | None:
    """Make a packaged upload a video of its course, at the end of it. May be repeated; None where it is one already."""
    with transaction.atomic():
        course = Course.objects.select_for_update().filter(key=asset.shelf).first()
        if course is None or Video.all_objects.filter(asset=asset).exists():
            return None
        last = Video.all_objects.filter(course=course).aggregate(last=Max("position"))["last"]
        return Video.objects.create(
            course=course,
            title=asset.title,
            description=asset.description,
            position=0 if last is None else last + 1,
            source=Source.ASSET,
            asset=asset,
            content_type=HLS,
            duration_ms=asset.duration_ms,
        )


def publish_what_is_ready() -> None:
    """What was packaged by a worker that died before it could say so."""
    for asset in Asset.objects.filter(state=State.READY, videos=None, delete_after=None):
        publish(asset)


def packaged(asset: Asset) -> None:
    """Hears of every upload that became ready, failed or is gone; tells other systems."""
    if asset.state == State.READY:
        publish(asset)
    kinds = {State.READY: "content.ready", State.FAILED: "content.failed", State.DELETED: "content.deleted"}
    kind = kinds.get(State(asset.state))
    if kind is None:
        return
    video = Video.all_objects.filter(asset=asset).values_list("key", flat=True).first()
    told = {
        "asset": asset.key,
        "course": asset.shelf,
        "video": video,
        "title": asset.title,
        "duration_ms": asset.duration_ms,
        "reason": asset.reason,
    }
    service.announce(kind, told, organisation_id=asset.organisation_id)


def remove(items: Iterable[Item], *, by: trail.Actor) -> int:
    """Hide them, and end what is being watched of them; returns how many. What never became a video goes at once."""
    count = 0
    for item in items:
        if item.is_removed or item.asset.state == State.PACKAGING:
            continue
        count += 1
        if item.video is not None:
            remove_video(item.video, by=by)
        else:
            kept = 0 if item.asset.state in {State.FAILED, State.UPLOADING} else limits.REMOVED_DAYS
            item.asset.delete_after = timezone.now() + timedelta(days=kept)
            item.asset.save(update_fields=["delete_after"])
    return count


def restore(item: Item, *, by: trail.Actor) -> None:
    """As it was. Raises Conflict once it is gone for good."""
    if item.video is not None:
        restore_video(item.video, by=by)
    elif item.asset.state == State.DELETED:
        raise Conflict("gone", "Its files are gone for good.")
    else:
        item.asset.delete_after = None
        item.asset.save(update_fields=["delete_after"])


def describe(item: Item, *, title: str, description: str, chapters: list[dict[str, Any]], poster: int) -> None:
    """What is said about an upload, and about the video that shows it."""
    asset, video = item.asset, item.video
    asset.title, asset.description, asset.chapters, asset.poster = title, description, chapters, poster
    asset.save(update_fields=["title", "description", "chapters", "poster"])
    if video is not None:
        video.title, video.description = title, description
        video.save(update_fields=["title", "description"])


def still(item: Item, number: int) -> bytes:
    """One of the pictures of an upload, as JPEG. Raises Missing."""
    if number >= item.asset.stills:
        raise Missing("no_such_picture", "There is no such picture.")
    return picture(item.asset, f"still-{number}")


def picture(asset: Asset, name: str) -> bytes:
    """One that packaging made, opened."""
    lock = Lock(asset.key, master_keys().get(asset.master), bytes(asset.salt))
    return unseal(store().read(f"{asset.key}/{name}"), lock.picture_key(name))


def caption(item: Item, language: str, *, label: str, text: str) -> Captions:
    """Captions in a language, in the place of those there were."""
    found, _made = Captions.objects.update_or_create(
        asset=item.asset, language=language, defaults={"label": label, "text": text}
    )
    return found
