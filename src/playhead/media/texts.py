"""WebVTT: captions as they are brought, chapters and the storyboard as they are made."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from playhead.core import limits
from playhead.core.errors import Invalid, TooLarge

LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
LANGUAGE_CHARS: Final = 16
CONTENT_TYPE: Final = "text/vtt; charset=utf-8"
_TIMING: Final = re.compile(r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})")
_CUE: Final = re.compile(rf"^{_TIMING.pattern}[ \t]+-->[ \t]+{_TIMING.pattern}(?:[ \t].*)?$", re.MULTILINE)


def check_captions(content: bytes) -> str:
    """The text of a WebVTT file, with plain line ends. Raises Invalid or TooLarge, in words for who brought it."""
    if len(content) > limits.CAPTIONS_BYTES:
        raise TooLarge("captions_too_large", f"Captions may have at most {limits.CAPTIONS_BYTES >> 20} MiB.")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise Invalid("captions_encoding", "The captions are not written in UTF-8. Save them as UTF-8.") from None
    if "\0" in text or not re.match(r"WEBVTT(?:[ \t\n]|$)", text):
        raise Invalid("captions_kind", "This is not WebVTT: such a file begins with the line WEBVTT.")
    if not _CUE.search(text):
        raise Invalid("captions_empty", "There is no caption in it: 00:01.000 --> 00:04.000, and a line of text.")
    for line in text.splitlines():
        if "-->" in line and not _CUE.match(line):
            raise Invalid("captions_time", f"This is no time: {line.strip()[:80]}")
    return text


def chapters(listed: Sequence[dict[str, Any]], *, duration_ms: int) -> str:
    """Chapters `{start_ms, title}` in order; each lasts until the next begins."""
    ends = [chapter["start_ms"] for chapter in listed[1:]] + [duration_ms]
    cues = [
        f"{_time(chapter['start_ms'])} --> {_time(end)}\n{_plain(chapter['title'])}\n"
        for chapter, end in zip(listed, ends, strict=True)
        if chapter["start_ms"] < end
    ]
    return "\n".join(["WEBVTT\n", *cues])


def parse_chapters(text: str, *, duration_ms: int) -> list[dict[str, Any]]:
    """From lines such as `1:30 The second wave`. Raises Invalid, naming the line."""
    found: list[dict[str, Any]] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        told, _space, title = line.partition(" ")
        match = re.fullmatch(r"(?:(\d{1,2}):)?(\d{1,2}):([0-5]\d)", told)
        if match is None or not title.strip():
            raise Invalid("chapter", f"Write a chapter as 1:30 and its name: {line[:80]}")
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        found.append({"start_ms": ((hours * 60 + minutes) * 60 + seconds) * 1000, "title": title})
    return check_chapters(found, duration_ms=duration_ms)


def check_chapters(found: Sequence[dict[str, Any]], *, duration_ms: int) -> list[dict[str, Any]]:
    """Chapters `{start_ms, title}` as they are kept. Raises Invalid, naming the one that cannot be."""
    last_ms = -1
    for chapter in found:
        if not last_ms < chapter["start_ms"] < duration_ms:
            raise Invalid("chapter", f"Chapters follow one another within the video: {chapter['title'][:80]}")
        last_ms = chapter["start_ms"]
    if len(found) > limits.CHAPTERS:
        raise Invalid("chapter", f"A video has at most {limits.CHAPTERS} chapters.")
    return [{"start_ms": one["start_ms"], "title": one["title"].strip()[:200]} for one in found]


def storyboard(*, duration_ms: int, every_ms: int, size: tuple[int, int]) -> str:
    """Which part of which picture shows which stretch: `board-0.jpg#xywh=160,0,160,90`."""
    return "\n".join(["WEBVTT\n", *_tiles(duration_ms, every_ms, size)])


def _tiles(duration_ms: int, every_ms: int, size: tuple[int, int]) -> Iterator[str]:
    columns, (width, height) = limits.BOARD_COLUMNS, size
    for number, start_ms in enumerate(range(0, duration_ms, every_ms)):
        page, place = divmod(number, columns * columns)
        row, column = divmod(place, columns)
        end_ms = min(duration_ms, start_ms + every_ms)
        yield (
            f"{_time(start_ms)} --> {_time(end_ms)}\n"
            f"board-{page}.jpg#xywh={column * width},{row * height},{width},{height}\n"
        )


def _time(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{ms:03}"


def _plain(text: str) -> str:
    """What WebVTT would read as markup is written out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("-->", "--&gt;").replace("\n", " ")
