"""What the delivery door reads of an asset, kept in memory: none of it changes once a video is ready but the texts."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from playhead.core.errors import Missing
from playhead.media.keys import master_keys
from playhead.media.ladder import tile_size
from playhead.media.models import Asset, Captions, State
from playhead.media.packaging import Lock
from playhead.media.playlists import Variant
from playhead.media.segments import Segment, unpack

_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class Packaged:
    """A ready asset: its lock, its variants from the best down, and their segments by name."""

    lock: Lock
    duration_ms: int
    variants: list[Variant]
    segments: dict[str, Sequence[Segment]]
    board_every_ms: int
    boards: int
    board_size: tuple[int, int]
    keys: dict[tuple[str, int], bytes] = field(default_factory=dict)

    def key(self, rendition: str, group: int) -> bytes:
        known = self.keys.get((rendition, group))
        return known or self.keys.setdefault((rendition, group), self.lock.segment_key(rendition, group))


class Shelf:
    """`asset_of` tells which asset a video's key stands for now."""

    def __init__(self, asset_of: Callable[[str], str | None]) -> None:
        self._asset_of = asset_of
        self._kept: OrderedDict[str, Packaged] = OrderedDict()

    def packaged(self, video: str) -> Packaged:
        """Raises Missing where the video has no asset that is ready."""
        key = self._asset_of(video)
        if key is None:
            raise Missing("not_found", "There is no such video.")
        if key not in self._kept:
            self._kept[key] = load(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    def asset(self, video: str) -> Asset:
        """Its texts and its poster, read anew: those do change. Raises Missing."""
        found = Asset.objects.filter(key=self._asset_of(video) or "", state=State.READY).first()
        if found is None:
            raise Missing("not_found", "There is no such video.")
        return found

    def captions(self, video: str, language: str) -> str:
        """Raises Missing."""
        found = Captions.objects.filter(asset__key=self._asset_of(video) or "", language=language).first()
        if found is None:
            raise Missing("not_found", "There are no captions in this language.")
        return found.text


def load(key: str) -> Packaged:
    """Raises Missing where there is none that is ready, or its master key is lost."""
    asset = Asset.objects.filter(key=key, state=State.READY).first()
    if asset is None:
        raise Missing("not_found", "There is no such video.")
    renditions = list(asset.renditions.all())
    return Packaged(
        lock=Lock(asset.key, master_keys().get(asset.master), bytes(asset.salt)),
        duration_ms=asset.duration_ms or 0,
        variants=[
            Variant(one.name, one.bandwidth, one.average_bandwidth, one.codecs, one.width, one.height, one.frame_rate)
            for one in renditions
        ],
        segments={one.name: unpack(bytes(one.segments)) for one in renditions},
        board_every_ms=asset.board_every_ms,
        boards=asset.boards,
        board_size=tile_size(asset.width, asset.height),
    )
