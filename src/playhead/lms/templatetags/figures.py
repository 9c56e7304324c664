"""How a figure reaches its page."""

import msgspec
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from playhead.analytics.figures import Figure

register = template.Library()


@register.simple_tag
def figure_script(figure: Figure, element_id: str) -> SafeString:
    """As Django's `json_script`, in a hundredth of its time: a lecture's figures are half a megabyte."""
    text = msgspec.json.encode(figure).decode()
    for sign, escaped in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        text = text.replace(sign, escaped)
    return format_html(
        '<script id="{}" type="application/json">{}</script>',
        element_id,
        mark_safe(text),  # noqa: S308  escaped above
    )
