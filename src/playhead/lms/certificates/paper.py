"""The certificate as a page to print (A4), with every video's section map and the link that checks it.

Lengths are points. The same facts give the same bytes: no clock and no random ids go into the file.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from playhead.core.sections import Sections
from playhead.lms import words
from playhead.lms.certificates.facts import Facts, VideoFacts
from playhead.lms.certificates.letters import draw
from playhead.lms.clock import clock

WIDTH, HEIGHT = A4
MARGIN: Final = 56.0
INNER: Final = WIDTH - 2 * MARGIN
INK, MUTED, LINE, MAP, GROUND = (HexColor(one) for one in ("#16202c", "#5b6776", "#d5dbe3", "#1f7a5c", "#eceff3"))
ROW: Final = 40.0
TABLE_TOP: Final = HEIGHT - 330
TABLE_END: Final = 190.0  # above the sum and the link, which stand on the last page
QR: Final = 84.0
STRETCHES: Final = 400  # of a map: more could not be told apart in print


def paper_of(facts: Facts, *, maps: Sequence[Sections], link: str, fingerprint: str) -> bytes:
    """The PDF. `maps` holds each video's coverage, in the order of the facts."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=1)
    canvas.setTitle(_("Certificate of completion: %(title)s") % {"title": facts.course_title})
    canvas.setAuthor(facts.school)
    canvas.setSubject(facts.name)
    _head(canvas, facts)
    y = TABLE_TOP
    for video, coverage in zip(facts.videos, maps, strict=True):
        if y - ROW < TABLE_END:
            _foot(canvas, facts)
            canvas.showPage()
            y = HEIGHT - 80
        _row(canvas, y, video, coverage)
        y -= ROW
    _sum(canvas, facts, link, fingerprint)
    _foot(canvas, facts)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _head(canvas: Canvas, facts: Facts) -> None:
    canvas.setFillColor(MAP)
    canvas.rect(0, HEIGHT - 10, WIDTH, 10, stroke=0, fill=1)
    _line(canvas, HEIGHT - 72, facts.school, size=12, color=MUTED)
    _line(canvas, HEIGHT - 118, _("Certificate of completion"), size=28, bold=True)
    _line(canvas, HEIGHT - 158, _("This is to certify that"), size=11, color=MUTED)
    _line(canvas, HEIGHT - 196, facts.name, size=26)
    _line(canvas, HEIGHT - 226, _("has watched the videos of"), size=11, color=MUTED)
    _line(canvas, HEIGHT - 252, facts.course_title, size=17, bold=True)
    issued = _("Issued on %(date)s") % {"date": _date(facts.issued_at)}
    _line(canvas, HEIGHT - 276, issued, size=10, color=MUTED)
    canvas.setStrokeColor(LINE)
    canvas.line(MARGIN, HEIGHT - 300, WIDTH - MARGIN, HEIGHT - 300)


def _row(canvas: Canvas, y: float, video: VideoFacts, coverage: Sections) -> None:
    """Title and figures, and below them the map over the whole width."""
    _line(canvas, y, video.title, size=10.5, width=INNER * 0.45)
    told = " · ".join(_told(video))
    canvas.setFillColor(MUTED)
    draw(canvas, MARGIN + INNER * 0.48, y, told, size=9, width=INNER * 0.52)
    canvas.setFillColor(GROUND)
    canvas.rect(MARGIN, y - 14, INNER, 7, stroke=0, fill=1)
    length_ms = video.duration_ms or max((end for _start, end in coverage.pairs()), default=1)
    canvas.setFillColor(MAP)
    for start, end in (coverage.limited(STRETCHES) if coverage else coverage).pairs():
        canvas.rect(MARGIN + INNER * start / length_ms, y - 14, INNER * (end - start) / length_ms, 7, stroke=0, fill=1)


def _told(video: VideoFacts) -> list[str]:
    length = clock(video.duration_ms) if video.duration_ms else _("unknown length")
    figures = {"covered": clock(video.covered_ms), "length": length}
    told = [_("%(covered)s of %(length)s watched") % figures]
    if video.by_word:
        told.append(_("complete by a teacher's word"))
    elif video.completed_at is not None:
        told.append(_("complete on %(date)s") % {"date": _date(video.completed_at)})
    told.append(str(words.evidence(video.evidence).short))
    return told


def _sum(canvas: Canvas, facts: Facts, link: str, fingerprint: str) -> None:
    figures = {
        "covered": clock(facts.total("covered_ms")),
        "watched": clock(facts.total("watched_ms")),
        "paid": clock(facts.total("paid_ms")),
        "refused": clock(facts.total("refused_ms")),
    }
    lines = facts.total("lines")
    counted = ngettext("%(n)d ledger line", "%(n)d ledger lines", lines) % {"n": lines}
    canvas.setStrokeColor(LINE)
    canvas.line(MARGIN, 172, WIDTH - MARGIN, 172)
    room = INNER - QR - 20
    said = _("%(covered)s of video seen, %(watched)s with repeats, for %(paid)s of real time.") % figures
    _line(canvas, 152, f"{counted}: {said}", size=9.5, width=room)
    refused = _("%(refused)s was claimed and not credited. Every second above is backed by real time.") % figures
    _line(canvas, 137, refused, size=9.5, width=room)
    _line(canvas, 112, _("Check it, against the ledger as it is now, at"), size=9, color=MUTED, width=room)
    _line(canvas, 98, link, size=9, width=room)
    _line(canvas, 84, _("Fingerprint %(digits)s") % {"digits": fingerprint}, size=8, color=MUTED, width=room)
    x, y = WIDTH - MARGIN - QR, 76.0
    canvas.linkURL(link, (MARGIN, 94, MARGIN + room, 108))
    code = QrCodeWidget(link, barWidth=QR, barHeight=QR, barBorder=0)
    drawing = Drawing(QR, QR)
    drawing.add(code)
    renderPDF.draw(drawing, canvas, x, y)


def _foot(canvas: Canvas, facts: Facts) -> None:
    page = _("%(number)s · page %(page)d") % {"number": facts.certificate, "page": canvas.getPageNumber()}
    _line(canvas, 44, page, size=8, color=MUTED)


def _line(
    canvas: Canvas, y: float, text: str, *, size: float, bold: bool = False, color: Color = INK, width: float = INNER
) -> None:
    canvas.setFillColor(color)
    draw(canvas, MARGIN, y, text, size=size, bold=bold, width=width)


def _date(epoch_ms: int) -> str:
    return date_format(localtime(datetime.fromtimestamp(epoch_ms / 1000, tz=UTC)), "j F Y")
