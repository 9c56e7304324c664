"""What is in a media file, without ffprobe: the ffmpeg of the `media` extra comes without it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from playhead.core import limits
from playhead.core.errors import Invalid, Missing
from playhead.media.confine import confined, reading
from playhead.media.ffmpeg import ask_ffmpeg, run_ffmpeg

_PROBE_CPU_S: Final = 3600
_RATE_FALLBACK: Final = Fraction(30)


def duration_ms(path: Path) -> int:
    """The end of the last picture or sound, whichever is later, in ms, read by one pass over the packets.

    Nothing is decoded. A header may lie or say nothing, as in recordings made by a browser; the packets do not.
    Raises `Missing("no_such_file")`, `Invalid("not_media")` and `PlayheadError("no_ffmpeg")`.
    """
    return _packets(path, ["-protocol_whitelist", "file", "-i", f"file:{path.resolve()}"]).end_ms


@dataclass(frozen=True, slots=True)
class Facts:
    """What an uploaded file holds; width and height as it is to be seen, 0 for sound alone."""

    duration_ms: int
    width: int
    height: int
    frame_rate: Fraction
    has_sound: bool


def examine(path: Path) -> Facts:
    """What is in a file that a stranger brought. Raises Invalid with a code of `media.refusals`."""
    _check_beginning(path)
    packets = _packets(path, reading(str(path.resolve())), before=confined(cpu_s=_PROBE_CPU_S))
    frame, told = ask_ffmpeg(_first_picture(path), before=confined(cpu_s=60))
    _check_length(packets, _header_ms(told))
    has_picture = any("(attached pic)" not in line for line in re.findall(r"Stream #0:.* Video: .*", told))
    has_sound = re.search(r"Stream #0:.* Audio: ", told) is not None
    if not has_picture:
        return Facts(packets.end_ms, 0, 0, Fraction(0), has_sound)
    width, height, rate = _size(frame)
    return Facts(packets.end_ms, width, height, rate, has_sound)


@dataclass(frozen=True, slots=True)
class _Packets:
    end_ms: int
    hole_ms: int  # the longest stretch in which nothing begins


def _packets(path: Path, source: list[str], *, before: Iterable[str] = ()) -> _Packets:
    if not path.is_file():
        raise Missing("no_such_file", f"There is no file {path.name}.")
    listing = [*source, "-map", "0:V?", "-map", "0:a?", "-c", "copy", "-f", "framecrc", "-"]
    try:
        found = _read_packets(run_ffmpeg(listing, before=list(before)))
    except Invalid as refused:
        raise Invalid("not_media", f"{path.name} cannot be read as audio or video. {refused.detail}") from refused
    if found.end_ms <= 0:
        raise Invalid("not_media", f"{path.name} holds neither picture nor sound.")
    return found


def _read_packets(lines: Iterable[str]) -> _Packets:
    """Read ffmpeg's framecrc: `#tb STREAM: N/D` (its unit of time), then `stream, dts, pts, duration, size, crc`."""
    units: dict[str, Fraction] = {}
    ends: dict[str, int] = {}
    newest, hole = Fraction(0), Fraction(0)
    for line in lines:
        if line.startswith("#tb "):
            stream, _, unit = line[4:].partition(":")
            units[stream] = Fraction(unit.strip())
        elif not line.startswith("#"):
            stream, _dts, pts, length, *_rest = line.split(",")
            ends[stream] = max(ends.get(stream, 0), int(pts) + int(length))
            begins = int(pts) * units[stream]
            hole, newest = max(hole, begins - newest), max(newest, begins)
    end = max((end * units[stream] for stream, end in ends.items()), default=Fraction(0))
    return _Packets(round(end * 1000), round(max(hole, end - newest) * 1000))


def _check_length(packets: _Packets, header_ms: int) -> None:
    if packets.end_ms > limits.VIDEO_MS:
        raise Invalid("too_long")
    if header_ms - packets.end_ms > max(limits.HEADER_LIE_MS, packets.end_ms // 20):
        raise Invalid("length_lie")
    if packets.hole_ms > limits.HOLE_MS:
        raise Invalid("holes")


def _first_picture(path: Path) -> list[str]:
    """One picture as it is to be seen (turned, if the file says so), in a format that tells its size and rate."""
    picture = ["-map", "0:V:0", "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "-"]
    return [*reading(str(path.resolve())), *picture]


def _size(frame: bytes) -> tuple[int, int, Fraction]:
    """From a YUV4MPEG2 header: `YUV4MPEG2 W1920 H1080 F30:1 Ip A1:1 ...`; pixels are made square."""
    header = frame.partition(b"\n")[0].decode("ascii", "replace").split()
    if header[:1] != ["YUV4MPEG2"]:
        raise Invalid("unreadable")
    told = {field[0]: field[1:] for field in header[1:]}
    width, height = int(told["W"]), int(told["H"])
    return round(width * (_ratio(told.get("A", "")) or 1)), height, _sensible(_ratio(told["F"]) or _RATE_FALLBACK)


def _ratio(text: str) -> Fraction | None:
    """`4:3`; None for what says nothing, which is written as 0:0."""
    over, _, under = text.partition(":")
    known = over.isdigit() and under.isdigit() and int(over) and int(under)
    return Fraction(int(over), int(under)) if known else None


def _sensible(rate: Fraction) -> Fraction:
    """Recordings of a screen claim a thousand pictures a second, still ones less than one."""
    if rate < 1 or rate > 4 * limits.FRAME_RATE_MOST:
        return _RATE_FALLBACK
    return min(rate, Fraction(limits.FRAME_RATE_MOST))


def _header_ms(told: str) -> int:
    """What the file says of its own length; 0 where it says nothing."""
    found = re.search(r"Duration: (\d+):(\d\d):(\d\d)\.(\d\d)", told)
    if found is None:
        return 0
    hours, minutes, seconds, hundredths = (int(part) for part in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10


# The first bytes of what ffmpeg may open, at their place. A file that begins as something else as well (a page, an
# archive, a program, a playlist) is refused before anything reads it.
_BEGINNINGS: Final[tuple[tuple[int, bytes], ...]] = (
    *((4, kind) for kind in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")),
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska, WebM
    (8, b"AVI "),
    (8, b"WAVE"),
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"ID3"),
    *((0, bytes([0xFF, second])) for second in (0xFB, 0xFA, 0xF3, 0xF2, 0xF1, 0xF9)),  # MP3, AAC
    (0, b"\x00\x00\x01\xba"),  # MPEG programme stream
    (0, b"\x00\x00\x01\xb3"),
    (0, b"FLV\x01"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),  # ASF, WMV
    (8, b"AIFF"),
    (188, b"\x47"),  # MPEG transport stream: the sync byte of its second packet
)


def _check_beginning(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(256)
    if not head:
        raise Invalid("empty")
    transport = head[:1] == b"\x47"
    for place, mark in _BEGINNINGS:
        if head[place : place + len(mark)] == mark and (place != 188 or transport):
            return
    raise Invalid("not_video")
