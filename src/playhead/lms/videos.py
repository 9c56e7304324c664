"""Where a video's media is. Pages never tell; the media doors ask, after they have checked the ticket."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings

from playhead.lms.models import Source, Video
from playhead.media.store import store


def file_of(video_key: str) -> Path | None:
    """The path in the media folder; None for a video that lies elsewhere, or whose name leads out of the folder."""
    name = Video.objects.filter(key=video_key, source=Source.FILE).values_list("file", flat=True).first()
    if not name or name in {".", ".."} or Path(name).name != name:
        return None
    media: Path = settings.PLAYHEAD_MEDIA
    return media / name


def asset_of(video_key: str) -> str | None:
    """The uploaded video that this one shows; None for one that lies elsewhere, or was removed."""
    return Video.objects.filter(key=video_key, source=Source.ASSET).values_list("asset__key", flat=True).first()


INFERRED: Final = frozenset({Source.YOUTUBE, Source.KOLLUS})
"""Whose players tell neither seeks nor played ranges: positions come from position, wall time and rate."""


def delivery_is_evidence(video: Video) -> bool:
    """Whether we see each segment leave: of an uploaded video that is not fetched from a bucket."""
    return video.source == Source.ASSET and store().path("") is not None


def media_of(ticket: str, video: Video) -> dict[str, Any]:
    """What a player is told: an address that holds the ticket for what is ours, its own for what lies elsewhere."""
    if video.asset is not None:
        return {"src": f"/hls/{ticket}/master.m3u8", "type": video.content_type, **_beside(f"/hls/{ticket}", video)}
    return {"src": video.url or f"/media/{ticket}/{quote(video.file, safe='')}", "type": video.content_type}


def _beside(address: str, video: Video) -> dict[str, Any]:
    """What an uploaded video has beside its pictures and its sound."""
    asset = video.asset
    assert asset is not None
    captions = [
        {"src": f"{address}/captions/{one.language}.vtt", "language": one.language, "label": one.label}
        for one in asset.captions.all()
    ]
    return {
        "poster": f"{address}/poster.jpg" if asset.stills else "",
        "storyboard": f"{address}/storyboard.vtt" if asset.boards else "",
        "chapters": f"{address}/chapters.vtt" if asset.chapters else "",
        "captions": captions,
        "qualities": [{"name": one.name, "src": f"{address}/{one.name}.m3u8"} for one in asset.renditions.all()],
    }
