"""The storyboard of an uploaded video as a strip: what was to be seen when, over the class's map and as wide as it."""

from typing import Final

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playhead.core import limits
from playhead.core.errors import Missing
from playhead.lms.library import Item, picture
from playhead.lms.models import Video
from playhead.media.ladder import tile_size

_WIDE: Final = 1280
"""About the strip's width, in pixels of the storyboard: 8 pictures of 16:9, more of a portrait."""


def board(item: Item, page: int) -> bytes:
    """One page of an upload's storyboard, as JPEG. Raises Missing."""
    if page >= item.asset.boards:
        raise Missing("no_such_picture", "There is no such picture.")
    return picture(item.asset, f"board-{page}")


def strip(video: Video) -> SafeString:
    """Pictures from the middle of each of a few equally long parts, as SVG; nothing where there is no storyboard."""
    asset = video.asset
    if asset is None or not asset.boards or not asset.duration_ms:
        return SafeString("")
    (width, height), columns = tile_size(asset.width, asset.height), limits.BOARD_COLUMNS
    known = -(-asset.duration_ms // asset.board_every_ms)
    shown = max(1, min(known, round(_WIDE / width)))
    places = []
    for number in range(shown):
        page, place = divmod((2 * number + 1) * known // (2 * shown), columns * columns)
        row, column = divmod(place, columns)
        address = reverse("library-board", args=[video.course.key, asset.key, page])
        places.append((number * width, width, height, column * width, row * height, width, height, address))
    tiles = format_html_join(
        "",
        '<svg x="{}" width="{}" height="{}" viewBox="{} {} {} {}">'
        f'<image href="{{}}" width="{columns * width}" height="{columns * height}"/></svg>',
        places,
    )
    return format_html(
        '<svg class="storyboard" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        shown * width,
        height,
        _("Pictures of the video, from its beginning to its end"),
        tiles,
    )
