"""Where the file of a video lies. Pages never tell; the media door asks, after it has checked the ticket."""

from pathlib import Path

from django.conf import settings

from playhead.lms.models import Source, Video


def file_of(video_key: str) -> Path | None:
    """The path in the media folder; None for a video that lies elsewhere, or whose name leads out of the folder."""
    name = Video.objects.filter(key=video_key, source=Source.FILE).values_list("file", flat=True).first()
    if not name or name in {".", ".."} or Path(name).name != name:
        return None
    media: Path = settings.PLAYHEAD_MEDIA
    return media / name
