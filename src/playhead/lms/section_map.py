"""The section map: one bar as wide as the video, exact to the pixel. Drawn here for every page, and by the page script
with the same markup (`tracker/pages/`), so that one stylesheet serves both.

No style attributes and no classes with positions: the content policy forbids inline styles. Positions are attributes,
in percent of the duration; second signals beside colour are patterns, defined once a page (`lms/_patterns.html`).
"""

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from playhead.core.sections import EMPTY, Sections
from playhead.lms.clock import clock

# What a screen reader is told stretch by stretch; the rest only as a sum.
SPOKEN_STRETCHES = 12


def section_map(
    *,
    duration_ms: int | None,
    coverage: Sections,
    again: Sections = EMPTY,
    refused: Sections = EMPTY,
    imported: Sections = EMPTY,
    most: int | None = None,
) -> SafeString:
    """The map as inline SVG with a text alternative. `most` joins the closest stretches of a small map, where their
    gaps are below a pixel. Without a duration the bar ends where the last stretch does."""
    length_ms = duration_ms or max(
        [pairs[-1][1] for pairs in map(_pairs, (coverage, refused, imported)) if pairs] or [1]
    )
    again, refused = again & coverage, refused - coverage
    layers = [
        ("watched", gettext_noop("watched %(from)s to %(to)s"), coverage, None),
        ("again", gettext_noop("watched again %(from)s to %(to)s"), again, "map-dots"),
        ("refused", gettext_noop("claimed, not credited %(from)s to %(to)s"), refused, "map-hatch"),
        ("imported", gettext_noop("imported %(from)s to %(to)s"), imported, "map-lines"),
    ]
    drawn = "".join(
        f'<g class="map-{name}">{_rects(_few(sections, most), length_ms, title=_(title), fill=fill)}</g>'
        for name, title, sections, fill in layers
        if sections
    )
    return format_html(
        '<svg class="section-map" width="100%" height="100%" role="img" aria-label="{}">{}</svg>',
        spoken(duration_ms=duration_ms, coverage=coverage, again=again, refused=refused),
        mark_safe(drawn),  # noqa: S308  its titles are escaped
    )


def spoken(*, duration_ms: int | None, coverage: Sections, again: Sections, refused: Sections) -> str:
    """The map in words; `again` lies in the coverage, `refused` outside."""
    if not coverage and not refused:
        return _("Nothing watched yet.")
    parts = []
    if duration_ms:
        amounts = {"covered": clock(coverage.length), "duration": clock(duration_ms)}
        parts.append(_("%(covered)s of %(duration)s watched") % amounts)
    parts += [
        f"{what}: {_listed(sections)}"
        for what, sections in (
            (pgettext("section map", "watched"), coverage),
            (pgettext("section map", "watched again"), again),
            (pgettext("section map", "claimed, not credited"), refused),
        )
        if sections
    ]
    return ". ".join(parts) + "."


def _listed(sections: Sections) -> str:
    pairs, words = _pairs(sections), _("%(from)s to %(to)s")
    told = ", ".join(words % _ends(pair) for pair in pairs[:SPOKEN_STRETCHES])
    rest = len(pairs) - SPOKEN_STRETCHES
    return told if rest <= 0 else _("%(told)s and %(rest)d more") % {"told": told, "rest": rest}


def _rects(sections: Sections, length_ms: int, *, title: str, fill: str | None) -> SafeString:
    """Numbers and clocks need no escaping, and a class has thousands of stretches: the title is escaped once."""
    paint, said = (f' fill="url(#{fill})"' if fill else ""), str(escape(title))
    rects = (
        f'<rect x="{start * 100 / length_ms:.4f}%" y="0" width="{(end - start) * 100 / length_ms:.4f}%" '
        f'height="100%"{paint}><title>{said % _ends((start, end))}</title></rect>'
        for start, end in _pairs(sections)
    )
    return mark_safe("".join(rects))  # noqa: S308  escaped above


def _few(sections: Sections, most: int | None) -> Sections:
    return sections if most is None else sections.limited(most)


def _pairs(sections: Sections) -> list[tuple[int, int]]:
    return list(sections.pairs())


def _ends(pair: tuple[int, int]) -> dict[str, str]:
    return {"from": clock(pair[0]), "to": clock(pair[1])}
