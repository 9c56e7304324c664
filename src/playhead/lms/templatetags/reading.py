"""What the teachers' reading pages need beside the tags of every page."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from playhead.lms import stretch_map
from playhead.lms.explain import Stretch

register = template.Library()


@register.filter
def seconds(ms: int) -> str:
    """`12.345`: to the millisecond, so that a sum can be checked by hand."""
    return f"{ms / 1000:,.3f}"


@register.simple_tag
def stretches_map(stretches: Sequence[Stretch], duration_ms: int | None) -> SafeString:
    return stretch_map.stretches_map(stretches, duration_ms)
