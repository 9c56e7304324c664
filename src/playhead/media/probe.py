"""How long a media file is, without ffprobe: the ffmpeg of the `media` extra comes without it."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from playhead.core.errors import Invalid, Missing
from playhead.media.ffmpeg import run_ffmpeg


def duration_ms(path: Path) -> int:
    """The end of the last picture or sound, whichever is later, in ms, read by one pass over the packets.

    Nothing is decoded. A header may lie or say nothing, as in recordings made by a browser; the packets do not.
    Raises `Missing("no_such_file")`, `Invalid("not_media")` and `PlayheadError("no_ffmpeg")`.
    """
    if not path.is_file():
        raise Missing("no_such_file", f"There is no file {path.name}.")
    try:
        end_s = _last_end_s(run_ffmpeg(_list_packets(path)))
    except Invalid as refused:
        raise Invalid("not_media", f"{path.name} cannot be read as audio or video. {refused.detail}") from refused
    if end_s <= 0:
        raise Invalid("not_media", f"{path.name} holds neither picture nor sound.")
    return round(end_s * 1000)


def _list_packets(path: Path) -> list[str]:
    # Only files: a playlist must not make the server fetch addresses, and "file:" keeps odd names from being options.
    source = ["-protocol_whitelist", "file", "-i", f"file:{path.resolve()}"]
    return [*source, "-map", "0:V?", "-map", "0:a?", "-c", "copy", "-f", "framecrc", "-"]


def _last_end_s(lines: Iterable[str]) -> Fraction:
    """Read ffmpeg's framecrc: `#tb STREAM: N/D` (its unit of time), then `stream, dts, pts, duration, size, crc`."""
    units: dict[str, Fraction] = {}
    ends: dict[str, int] = {}
    for line in lines:
        if line.startswith("#tb "):
            stream, _, unit = line[4:].partition(":")
            units[stream] = Fraction(unit.strip())
        elif not line.startswith("#"):
            stream, _dts, pts, length, *_rest = line.split(",")
            ends[stream] = max(ends.get(stream, 0), int(pts) + int(length))
    return max((end * units[stream] for stream, end in ends.items()), default=Fraction(0))
