"""What the templates need to show times, shares and maps."""

from typing import Any

from django import template
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playhead.lms import navigation, words
from playhead.lms.clock import clock as clock_text
from playhead.lms.icons import icon as draw_icon
from playhead.lms.progress import Watched
from playhead.lms.section_map import section_map as draw

register = template.Library()

# Maps in tables are a few hundred pixels wide: more stretches than that cannot be seen.
SMALL_MAP_STRETCHES = 400


@register.filter
def clock(ms: int | None) -> str:
    return _("not known") if ms is None else clock_text(ms)


@register.filter
def seconds(ms: int) -> str:
    """A short time, as `1.4 s`."""
    return _("%(s).1f s") % {"s": ms / 1000}


@register.filter
def iso_duration(ms: int) -> str:
    """For `<time datetime>`: a length as ISO 8601 has it."""
    return f"PT{ms // 1000}S"


@register.filter
def percent(number: int | None) -> str:
    return _("not known") if number is None else _("%(number)d %%") % {"number": number}


@register.filter
def speed(rate: int) -> str:
    """Thousandths as `1.5×`."""
    return f"{rate / 1000:g}×"


@register.simple_tag
def section_map(watched: Watched, *, small: bool = False) -> SafeString:
    return draw(
        duration_ms=watched.duration_ms,
        coverage=watched.coverage,
        again=watched.again,
        refused=watched.refused,
        imported=watched.imported,
        most=SMALL_MAP_STRETCHES if small else None,
    )


@register.simple_tag
def words_for_script() -> SafeString:
    """Why something was not counted, for the script that tells it while one watches."""
    return json_script({f"refused_{code}": str(said.sentence) for code, said in words.REASONS.items()}, "words")


@register.filter
def reasons(refusals: dict[str, int]) -> list[tuple[words.Words, int]]:
    """The words and the milliseconds, the largest first."""
    return [(words.reason(code), ms) for code, ms in sorted(refusals.items(), key=lambda item: (-item[1], item[0]))]


@register.filter
def evidence(level: str) -> words.Words:
    return words.evidence(level)


@register.simple_tag
def icon(name: str) -> SafeString:
    return draw_icon(name)


@register.simple_tag
def ring(percent: int | None, label: str) -> SafeString:
    """A ring that is full at 100 %; `label` says of what."""
    return format_html(
        '<svg class="ring" viewBox="0 0 40 40" role="img" aria-label="{}"><title>{}</title>'
        '<circle class="ring-ground" cx="20" cy="20" r="17" pathLength="100"/>'
        '<circle class="ring-share" cx="20" cy="20" r="17" pathLength="100" stroke-dasharray="{} 100" '
        'transform="rotate(-90 20 20)"/>'
        '<text x="20" y="20.5" text-anchor="middle" dominant-baseline="central">{}</text></svg>',
        label,
        label,
        percent or 0,
        "–" if percent is None else f"{percent}%",
    )


@register.inclusion_tag("lms/_links.html", takes_context=True)
def site_links(context: dict[str, Any]) -> dict[str, Any]:
    """The places of the header."""
    return {"links": navigation.links(context["request"], navigation.SITE)}


@register.inclusion_tag("lms/_links.html", takes_context=True)
def admin_links(context: dict[str, Any]) -> dict[str, Any]:
    """The bar of the admins' area."""
    return {"links": navigation.links(context["request"], navigation.ADMIN)}
