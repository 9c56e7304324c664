"""What is said at a moment of a video, from its captions."""

import re
from collections.abc import Iterator
from typing import Final

from playhead.lms.models import Video
from playhead.media.models import Captions

_TIMES: Final = re.compile(r"(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})\s+-->\s+(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})")
_MARKS: Final = re.compile(r"<[^>]*>")
_MOST_CHARS: Final = 400


def captions_of(video: Video) -> str:
    """The WebVTT of the video's first language; empty where nothing was brought."""
    if video.asset_id is None:
        return ""
    return Captions.objects.filter(asset=video.asset_id).values_list("text", flat=True).first() or ""


def spoken(captions: str, start_ms: int, end_ms: int) -> str:
    """The words of every caption that is shown within a stretch, cut at a length that can be read at a glance."""
    said = " ".join(text for start, end, text in cues(captions) if start < end_ms and end > start_ms)
    return said if len(said) <= _MOST_CHARS else f"{said[:_MOST_CHARS].rsplit(' ', 1)[0]} …"


def cues(captions: str) -> Iterator[tuple[int, int, str]]:
    """Start and end in ms, and the text in one line."""
    for block in re.split(r"\n\s*\n", captions.replace("\r\n", "\n")):
        lines = block.strip().split("\n")
        for at, line in enumerate(lines):
            if found := _TIMES.match(line.strip()):
                numbers = [int(part or 0) for part in found.groups()]
                text = " ".join(_MARKS.sub("", each).strip() for each in lines[at + 1 :])
                yield _ms(*numbers[:4]), _ms(*numbers[4:]), text
                break


def _ms(hours: int, minutes: int, seconds: int, ms: int) -> int:
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms
