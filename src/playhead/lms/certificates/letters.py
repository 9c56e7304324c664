"""Setting a line of any script in a PDF: for each letter a font that has it, in the order it is read.

Shaping (joined Arabic, Indic clusters) is HarfBuzz's, through reportlab. The order of runs follows the rule of a line
without nested directions (UAX #9, without explicit levels): enough for names and titles, which is all that is set here.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, shapeStr
from reportlab.pdfgen.canvas import Canvas

FOLDER: Final = Path(__file__).resolve().parents[1] / "fonts"
# The first that has a letter sets it. What none has is a box of the last.
REGULAR: Final = (
    "NotoSans_400Regular",
    "NotoSansHebrew_400Regular",
    "NotoSansArabic_400Regular",
    "NotoSansDevanagari_400Regular",
    "NotoSansBengali_400Regular",
    "NotoSansTamil_400Regular",
    "NotoSansThai_400Regular",
    "NanumGothic_400Regular",
    "NotoSansSC_400Regular",
    "DejaVuSans",
)
SMALLEST: Final = 0.75  # of the size asked for
BOLD: Final = ("NotoSans_700Bold", *REGULAR)
_RIGHT_TO_LEFT: Final = {"R", "AL"}
_LEFT_TO_RIGHT: Final = {"L", "EN", "AN"}


@dataclass(frozen=True, slots=True)
class Run:
    """Letters that follow one another in one font and one direction."""

    text: str
    font: str
    from_right: bool


def draw(
    canvas: Canvas, x: float, y: float, text: str, *, size: float, bold: bool = False, width: float | None = None
) -> float:
    """Set `text` in one line from `x`; returns the points it took. Where `width` (points) would be passed it is set
    smaller, and where that would be too small, cut."""
    fonts = BOLD if bold else REGULAR
    pieces = [(run.font, shapeStr(run.text, run.font, size)) for run in runs(text, fonts)]
    taken = sum(_advance(piece, font, size) for font, piece in pieces)
    if width is not None and taken * SMALLEST > width and len(text) > 2:
        kept = max(1, int(len(text) * width / (taken * SMALLEST)) - 2)
        return draw(canvas, x, y, text[:kept].removesuffix("…").rstrip() + "…", size=size, bold=bold, width=width)
    if width is not None and taken > width:
        return draw(canvas, x, y, text, size=size * width / taken, bold=bold)
    at = x
    for font, piece in pieces:
        line = canvas.beginText(at, y)
        line.setFont(font, size)
        line.textOut(piece)
        canvas.drawText(line)
        at += _advance(piece, font, size)
    return taken


def runs(text: str, fonts: Sequence[str] = REGULAR) -> list[Run]:
    """The runs of a line from left to right, as they stand on paper."""
    letters = unicodedata.normalize("NFC", " ".join(text.split()))
    placed = list(zip(letters, _fonts_of(letters, fonts), _directions_of(letters), strict=True))
    logical = [
        Run("".join(letter for letter, _, _ in group), font, from_right)
        for (font, from_right), group in ((key, list(group)) for key, group in groupby(placed, key=lambda one: one[1:]))
    ]
    stretches = [list(group) for _, group in groupby(logical, key=lambda run: run.from_right)]
    ordered = [stretch[::-1] if stretch[0].from_right else stretch for stretch in stretches]
    if placed and placed[0][2]:
        ordered.reverse()
    return [run for stretch in ordered for run in stretch]


def _fonts_of(letters: str, fonts: Sequence[str]) -> Iterator[str]:
    """A mark stays with its letter, and a space with the word before it: they must be shaped together."""
    latest = ""
    for letter in letters:
        stays = latest and (letter == " " or unicodedata.category(letter) in {"Mn", "Mc", "Cf"})
        if not (stays and ord(letter) in _letters_of(latest)):
            latest = next((font for font in fonts if ord(letter) in _letters_of(font)), fonts[-1])
        yield latest


def _directions_of(letters: str) -> list[bool]:
    """Whether each letter is read from the right. What has no direction of its own goes on in that of its neighbours,
    where they agree, else in the line's."""
    own = [_direction(letter) for letter in letters]
    line = next((one for one in own if one is not None), False)
    after: list[bool] = []
    following = line
    for one in reversed(own):
        following = following if one is None else one
        after.append(following)
    found: list[bool] = []
    before = line
    for one, then in zip(own, reversed(after), strict=True):
        before = one if one is not None else before
        found.append(before if one is not None or before == then else line)
    return found


def _direction(letter: str) -> bool | None:
    kind = unicodedata.bidirectional(letter)
    return True if kind in _RIGHT_TO_LEFT else False if kind in _LEFT_TO_RIGHT else None


def _advance(piece: str, font: str, size: float) -> float:
    shaped = getattr(piece, "__shapeData__", None)
    if shaped is None:
        return float(pdfmetrics.stringWidth(piece, font, size))
    return float(sum(one.x_advance for one in shaped) * size / 1000)


@cache
def _letters_of(font: str) -> frozenset[int]:
    """The code points it has; reportlab knows it from then on. Raises FileNotFoundError where it is not installed."""
    file = FOLDER / f"{font}.ttf"
    if not file.is_file():
        raise FileNotFoundError(f"The font {file} is missing: `make install` puts it there.")
    made = TTFont(font, str(file))
    pdfmetrics.registerFont(made)
    return frozenset(made.face.charToGlyph)
