"""Which qualities an uploaded video gets, and how ffmpeg is asked for all of them at once. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from playhead.core import limits
from playhead.media.probe import Facts

_AUDIO_CODEC: Final = "mp4a.40.2"
_TILE: Final = 90  # px, the height of a picture in the storyboard
_STILL: Final = 720  # px, the longest side of a still


@dataclass(frozen=True, slots=True)
class Rung:
    """One quality. `kbit_s` bounds its pictures, 0 for sound alone."""

    name: str
    width: int
    height: int
    kbit_s: int
    audio_kbit_s: int
    level: str = ""
    frame_rate: Fraction = Fraction(0)
    has_sound: bool = True

    @property
    def codecs(self) -> str:
        """As RFC 6381 writes them: High profile at its level, and AAC."""
        picture = f"avc1.6400{int(self.level.replace('.', '')):02x}" if self.kbit_s else ""
        return ",".join(filter(None, [picture, _AUDIO_CODEC if self.has_sound else ""]))


# By the shorter side, so that a portrait gets the same: px, kbit/s of pictures and sound, H.264 level up to 30 and 60 a
# second.
_Step = tuple[int, int, int, str, str]
_WELL_ABOVE_PERCENT: Final = 115
_STEPS: Final[tuple[_Step, ...]] = (
    (1080, 5000, 160, "4.0", "4.2"),
    (720, 2800, 128, "3.1", "3.2"),
    (480, 1200, 96, "3.1", "3.1"),
    (240, 400, 64, "2.1", "2.1"),
)


def ladder(facts: Facts) -> list[Rung]:
    """None larger than the source, and one of its own size where that lies well between two steps."""
    if not facts.width:
        return [Rung("audio", 0, 0, 0, 128)]
    short = min(facts.width, facts.height)
    steps = [step for step in _STEPS if step[0] <= short]
    above = next((step for step in reversed(_STEPS) if step[0] > short), None)
    if above is not None and (not steps or short * 100 >= steps[0][0] * _WELL_ABOVE_PERCENT):
        steps.insert(0, (short, max(100, above[1] * short // above[0]), *above[2:]))
    return [_rung(step, facts) for step in steps]


def _rung(step: _Step, facts: Facts) -> Rung:
    short, kbit_s, audio_kbit_s, level, fast_level = step
    scale = Fraction(short, min(facts.width, facts.height))
    width, height = _even(facts.width * scale), _even(facts.height * scale)
    fast = facts.frame_rate > 30
    chosen = fast_level if fast else level
    kbits = kbit_s * 3 // 2 if fast else kbit_s
    return Rung(f"{short}p", width, height, kbits, audio_kbit_s, chosen, facts.frame_rate, facts.has_sound)


def _even(length: Fraction) -> int:
    return max(2, round(length / 2) * 2)


@dataclass(frozen=True, slots=True)
class Board:
    """The storyboard: a picture every `every_ms`, ten in a row, ten rows on a page."""

    every_ms: int
    width: int
    height: int
    pages: int


def board_of(facts: Facts) -> Board | None:
    """At most so many pictures, however long the video is; none for sound alone."""
    if not facts.width:
        return None
    every_ms = max(2000, math.ceil(facts.duration_ms / limits.BOARD_TILES / 1000) * 1000)
    tiles = math.ceil(facts.duration_ms / every_ms)
    return Board(every_ms, *tile_size(facts.width, facts.height), math.ceil(tiles / limits.BOARD_COLUMNS**2))


def tile_size(width: int, height: int) -> tuple[int, int]:
    """Of one picture in the storyboard."""
    return (min(4 * _TILE, _even(Fraction(_TILE * width, height))), _TILE) if height else (0, 0)


def segment_time(frame_rate: Fraction) -> tuple[int, Fraction]:
    """(pictures in a group, its length in seconds): whole groups, so that every segment is as long as the others."""
    pictures = max(1, round(frame_rate * limits.SEGMENT_S))
    return pictures, pictures / frame_rate


def packaging(facts: Facts, rungs: Sequence[Rung]) -> list[str]:
    """ffmpeg's arguments for all qualities in one pass, each into a folder of its name: `720p/3.ts`, `720p/index.m3u8`.

    To be run where those folders are. The input is decoded once.
    """
    arguments: list[str] = []
    if facts.width:
        names = [f"[v{number}]" for number in range(len(rungs))]
        split = f"[0:V:0]fps={facts.frame_rate},split={len(rungs)}{''.join(names)}"
        scaled = [
            f"{name}scale={rung.width}:{rung.height},setsar=1,format=yuv420p[s{number}]"
            for number, (name, rung) in enumerate(zip(names, rungs, strict=True))
        ]
        arguments += ["-filter_complex", ";".join([split, *scaled])]
    for number, rung in enumerate(rungs):
        arguments += _output(number, rung)
    return arguments


def pictures(facts: Facts, board: Board) -> list[str]:
    """ffmpeg's arguments for the storyboard and the stills; further outputs of the same pass."""
    columns = limits.BOARD_COLUMNS
    jpeg = ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-f", "image2"]
    tiles = f"fps=1000/{board.every_ms}:start_time=0,scale={board.width}:{board.height},tile={columns}x{columns}"
    apart_s = facts.duration_ms / 1000 / limits.STILLS
    fit = f"scale='if(gt(iw,ih),min({_STILL},iw),-2)':'if(gt(iw,ih),-2,min({_STILL},ih))'"
    stills = f"trim=start={apart_s / 2:.3f},setpts=PTS-STARTPTS,fps={1 / apart_s:.6f}:start_time=0,{fit},setsar=1"
    return [
        *["-map", "0:V:0", "-vf", tiles, "-q:v", "6", *jpeg, "-start_number", "0", "board-%d.jpg"],
        *["-map", "0:V:0", "-vf", stills, "-frames:v", str(limits.STILLS), "-q:v", "4", *jpeg],
        *["-start_number", "0", "still-%d.jpg"],
    ]


def _output(number: int, rung: Rung) -> list[str]:
    arguments: list[str] = []
    length_s = Fraction(limits.SEGMENT_S)
    if rung.kbit_s:
        group, length_s = segment_time(rung.frame_rate)
        arguments += ["-map", f"[s{number}]", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23"]
        arguments += ["-profile:v", "high", "-level:v", rung.level]
        arguments += ["-maxrate", f"{rung.kbit_s}k", "-bufsize", f"{2 * rung.kbit_s}k"]
        arguments += ["-g", str(group), "-keyint_min", str(group), "-sc_threshold", "0"]
    if rung.has_sound:
        arguments += ["-map", "0:a:0", "-c:a", "aac", "-b:a", f"{rung.audio_kbit_s}k", "-ac", "2", "-ar", "48000"]
        arguments += ["-af", "aresample=async=1:first_pts=0"]
    # Rounded down: a segment ends with the first group at or after this.
    time = f"{math.floor(length_s * 1_000_000) / 1_000_000:.6f}"
    hls = ["-f", "hls", "-hls_time", time, "-hls_playlist_type", "vod", "-hls_flags", "temp_file"]
    return [*arguments, *hls, "-hls_segment_filename", f"{rung.name}/%d.ts", f"{rung.name}/index.m3u8"]
