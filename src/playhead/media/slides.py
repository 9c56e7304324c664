"""Draws a lecture as one ASS subtitle script: ffmpeg's libass turns it into pictures.

All shapes are vectors, the running clock included, so a machine without any font loses the words and nothing else.
The picture is 960 x 540. Format: libass's guide to ASS tags (`\\p1` drawings, `\\move`, `\\clip`, `\\fad`).
"""

import math
from collections.abc import Iterator
from itertools import pairwise

from playhead.media.lectures import Curve, Lecture, Slide

WIDTH, HEIGHT = 960, 540
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 900, 300, 484
CLOCK = (_RIGHT - 94, 24)  # above: a player's controls cover what is below
_INK, _MUTED = "F4F6FA", "8E9BB0"
_LINE_PX = 5

_HEAD = f"""[Script Info]
ScriptType: v4.00+
PlayResX: {WIDTH}
PlayResY: {HEIGHT}
WrapStyle: 2

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Outline, Shadow, Alignment, MarginL, MarginR, MarginV
Style: all,Sans,26,&H00FFFFFF,0,0,0,7,0,0,0

[Events]
Format: Layer, Start, End, Style, Text
"""


def script(lecture: Lecture, *, position: int, of: int) -> str:
    """The whole lecture, whose slides share its time evenly; `position` counts from 1."""
    times = [lecture.seconds * 1000 * index // len(lecture.slides) for index in range(len(lecture.slides) + 1)]
    lines = [*_frame(lecture, position=position, of=of), *_clock(lecture)]
    for index, (slide, (start, end)) in enumerate(zip(lecture.slides, pairwise(times), strict=True)):
        lines += _slide(slide, lecture, start, end)
        lines += _place(index, lecture, start, end)
    return _HEAD + "".join(f"{line}\n" for line in lines)


def _frame(lecture: Lecture, *, position: int, of: int) -> Iterator[str]:
    end = lecture.seconds * 1000
    yield _shape(_rectangle(0, 0, 12, HEIGHT), lecture.accent, 0, end)
    yield _text(f"Waves and sound  ·  {position} of {of}  ·  {lecture.title}", _LEFT, 30, 18, _MUTED, 0, end)
    for index in range(len(lecture.slides)):
        yield _shape(_rectangle(_LEFT + index * 34, 508, 26, 5), _MUTED, 0, end)


def _place(index: int, lecture: Lecture, start: int, end: int) -> Iterator[str]:
    """The mark, at the bottom, of the slide that is shown."""
    yield _shape(_rectangle(_LEFT + index * 34, 506, 26, 9), lecture.accent, start, end)


def _slide(slide: Slide, lecture: Lecture, start: int, end: int) -> Iterator[str]:
    yield _text(r"{\b1}" + slide.heading, _LEFT, 60, 48, _INK, start, end)
    for index, point in enumerate(slide.points):
        shown = start + (end - start) * index // (len(slide.points) + 2)
        y = 140 + index * 46
        yield _shape(_rectangle(_LEFT, y + 9, 11, 11), lecture.accent, shown, end)
        yield _text(point, _LEFT + 30, y, 27, _INK, shown, end)
    for curve in slide.curves:
        yield from _curve(curve, _MUTED if curve.faint else lecture.accent, start, end)


def _curve(curve: Curve, colour: str, start: int, end: int) -> Iterator[str]:
    if curve.stems:
        yield _shape("".join(_stems(curve)), colour, start, end)
    elif curve.speed_px == 0:
        yield _shape(_ribbon(curve, _LEFT, _RIGHT), colour, start, end)
    else:
        yield from _travelling(curve, colour, start, end)


def _travelling(curve: Curve, colour: str, start: int, end: int) -> Iterator[str]:
    """Move by one whole period again and again: seamless, and the path stays short."""
    period_px = math.lcm(*(length for _, length in curve.waves))
    path = _ribbon(curve, _LEFT, _RIGHT + period_px)
    lap_ms = period_px * 1000 // curve.speed_px
    for begin in range(start, end, lap_ms):
        stop = min(begin + lap_ms, end)
        moved = -period_px * (stop - begin) // lap_ms
        tags = rf"\move(0,0,{moved},0)\clip({_LEFT},{_TOP},{_RIGHT},{_BOTTOM})"
        yield _shape(path, colour, begin, stop, tags=tags)


def _height(curve: Curve, x: int) -> int:
    return round(curve.y - sum(high * math.sin(2 * math.pi * (x - _LEFT) / length) for high, length in curve.waves))


def _thickness(curve: Curve, x: int) -> int:
    """Measured upright, so that the line is as wide where it is steep as where it is flat."""
    slope = (_height(curve, x + 2) - _height(curve, x - 2)) / 4
    return round(_LINE_PX * math.hypot(1, slope))


def _ribbon(curve: Curve, left: int, right: int) -> str:
    """The line as an area: there along its upper edge, back along its lower one."""
    shortest_px = min(length for _, length in curve.waves)
    xs = range(left, right + 1, max(3, min(12, shortest_px // 14)))
    there = [f"{x} {_height(curve, x) - _thickness(curve, x) // 2}" for x in xs]
    back = [f"{x} {_height(curve, x) + (_thickness(curve, x) + 1) // 2}" for x in reversed(xs)]
    return f"m {there[0]} l {' '.join(there[1:] + back)} "


def _stems(curve: Curve) -> Iterator[str]:
    """Samples: a thin stem from the middle line, a square at the height measured."""
    for x in range(_LEFT, _RIGHT + 1, curve.stems):
        y = _height(curve, x)
        yield _rectangle(x - 1, min(y, curve.y), 2, abs(curve.y - y) + 1)
        yield _rectangle(x - 3, y - 3, 7, 7)


# The seven strokes of a digit as (x, y, width, height) in a box of 14 x 26, and which of them each digit lights.
_STROKES = (
    (2, 0, 10, 3),
    (11, 2, 3, 10),
    (11, 14, 3, 10),
    (2, 23, 10, 3),
    (0, 14, 3, 10),
    (0, 2, 3, 10),
    (2, 12, 10, 3),
)
_LIT = ("012345", "12", "01346", "01236", "1256", "02356", "023456", "012", "0123456", "012356")


def _clock(lecture: Lecture) -> Iterator[str]:
    for second in range(lecture.seconds):
        path = _digits(f"{second // 60:02d}:{second % 60:02d}", *CLOCK)
        yield _shape(path, _INK, second * 1000, second * 1000 + 1000)


def _digits(text: str, x: int, y: int) -> str:
    path = ""
    for character in text:
        if character == ":":
            path += _rectangle(x, y + 7, 3, 3) + _rectangle(x, y + 17, 3, 3)
            x += 10
            continue
        for stroke in _LIT[int(character)]:
            dx, dy, width, height = _STROKES[int(stroke)]
            path += _rectangle(x + dx, y + dy, width, height)
        x += 21
    return path


def _rectangle(x: int, y: int, width: int, height: int) -> str:
    return f"m {x} {y} l {x + width} {y} {x + width} {y + height} {x} {y + height} "


def _shape(path: str, colour: str, start: int, end: int, *, tags: str = r"\pos(0,0)") -> str:
    return _line(start, end, rf"{{{tags}\1c{_colour(colour)}\p1}}{path}")


def _text(text: str, x: int, y: int, size: int, colour: str, start: int, end: int) -> str:
    return _line(start, end, rf"{{\pos({x},{y})\fs{size}\1c{_colour(colour)}\fad(300,0)}}{text}")


def _line(start: int, end: int, text: str) -> str:
    return f"Dialogue: 0,{_time(start)},{_time(end)},all,{text}"


def _time(at_ms: int) -> str:
    """Hours to hundredths, as ASS wants it."""
    seconds, rest_ms = divmod(at_ms, 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest_ms // 10:02d}"


def _colour(rgb: str) -> str:
    return f"&H{rgb[4:6]}{rgb[2:4]}{rgb[0:2]}&"
