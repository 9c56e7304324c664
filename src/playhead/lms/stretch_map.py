"""What lies over and beside a section map: stretches that can be pointed at, and the map of a whole class.

Positions are SVG attributes in percent of the duration, as in `section_map`: no styles are written into a page.
"""

from collections.abc import Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playhead.lms.clock import clock
from playhead.lms.explain import Stretch


def stretches_map(stretches: Sequence[Stretch], duration_ms: int | None) -> SafeString:
    """One clear rectangle for each stretch, to be laid over the map: it tells when, how often, why not.

    Only the first can be reached by Tab: the page's script leads from one to the next by the arrow keys.
    """
    length_ms = duration_ms or max((one.end_ms for one in stretches), default=1)
    rects = format_html_join(
        "",
        '<rect x="{}%" y="0" width="{}%" height="100%" tabindex="{}" role="img" aria-label="{}">'
        "<title>{}</title></rect>",
        (
            (
                f"{one.start_ms * 100 / length_ms:.4f}",
                f"{(one.end_ms - one.start_ms) * 100 / length_ms:.4f}",
                -1 if number else 0,
                one.told,
                one.told,
            )
            for number, one in enumerate(stretches)
        ),
    )
    return format_html(
        '<svg class="map-stretches" width="100%" height="100%" role="group" aria-label="{}">{}</svg>',
        _("Stretches of the video"),
        rects,
    )


_MOST_STEPS: Final = 2400  # of a path: twice as many as a wide screen's map has pixels


def class_section_map(viewers: Sequence[int], views: Sequence[int], audience: int) -> SafeString:
    """The class's section map: as high as the share of the audience that saw a second; darker where it was seen again.

    One path for each, a step a second, or for a few seconds their most where nobody could see a second.
    """
    if not viewers:
        return SafeString("")
    most = max(audience, *viewers, 1)
    watched = _steps(viewers, most)
    repeats = (seen - once for seen, once in zip(views, viewers, strict=True))
    again = _steps(list(map(min, repeats, viewers)), most)
    return format_html(
        '<svg class="section-map class-map" width="100%" height="100%" viewBox="0 0 {} 100" preserveAspectRatio="none" '
        'role="img" aria-label="{}"><path class="class-watched" d="{}"/><path class="class-again" d="{}"/></svg>',
        len(viewers),
        class_in_words(viewers, audience),
        watched,
        again,
    )


def class_in_words(viewers: Sequence[int], audience: int) -> str:
    """The map for who does not see it: the most and the least seen second."""
    most, least = max(viewers), min(viewers)
    told = {
        "audience": audience,
        "most": most,
        "most_at": clock(viewers.index(most) * 1000),
        "least": least,
        "least_at": clock(viewers.index(least) * 1000),
    }
    words = _(
        "Of %(audience)d students, %(most)d saw the most seen second, at %(most_at)s, and %(least)d the least seen "
        "one, at %(least_at)s."
    )
    return words % told


def _steps(counts: Sequence[int], most: int) -> str:
    """A closed path from the ground, as high as the share of `most`; only where the height changes."""
    wide = -(-len(counts) // _MOST_STEPS)
    steps = counts if wide == 1 else [max(counts[at : at + wide]) for at in range(0, len(counts), wide)]
    heights = {count: f"V{100 - count * 100 / most:.1f}" for count in set(steps)}
    parts, last = ["M0 100"], 0
    for number, count in enumerate(steps):
        if count != last:
            parts.append(f"H{number * wide}{heights[count]}")
            last = count
    return f"{''.join(parts)}H{len(counts)}V100Z"
