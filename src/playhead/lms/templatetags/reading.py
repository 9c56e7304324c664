"""What the teachers' reading pages need beside the tags of every page."""

from collections.abc import Sequence

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from playhead.lms import stretch_map
from playhead.lms.explain import Stretch

register = template.Library()


@register.filter
def seconds(ms: int) -> str:
    """`12.345`: to the millisecond, so that a sum can be checked by hand."""
    return f"{ms / 1000:,.3f}"


@register.filter
def backticks(text: str) -> SafeString:
    """What stands in backticks as code; all else as it is."""
    parts = [conditional_escape(part) for part in text.split("`")]
    return mark_safe("".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts)))  # noqa: S308  escaped above


@register.simple_tag
def stretches_map(stretches: Sequence[Stretch], duration_ms: int | None) -> SafeString:
    return stretch_map.stretches_map(stretches, duration_ms)
