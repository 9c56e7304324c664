"""The playlists of HLS (RFC 8216), written anew for whoever asks. Every address in them is relative: the ticket in the
path of the first carries over to all others."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from playhead.media.segments import Segment, group_of

CONTENT_TYPE = "application/vnd.apple.mpegurl"


@dataclass(frozen=True, slots=True)
class Variant:
    """One line of the master playlist; `frame_rate` in thousandths, 0 for sound alone."""

    name: str
    bandwidth: int
    average_bandwidth: int
    codecs: str
    width: int = 0
    height: int = 0
    frame_rate: int = 0


def master(variants: Iterable[Variant]) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for variant in variants:
        told = f'BANDWIDTH={variant.bandwidth},AVERAGE-BANDWIDTH={variant.average_bandwidth},CODECS="{variant.codecs}"'
        if variant.height:
            told += f",RESOLUTION={variant.width}x{variant.height},FRAME-RATE={variant.frame_rate / 1000:.3f}"
        lines += [f"#EXT-X-STREAM-INF:{told}", f"{variant.name}.m3u8"]
    return "\n".join(lines) + "\n"


def media(name: str, segments: Sequence[Segment]) -> str:
    """A rendition's own playlist: a key every few segments, an initialisation vector for each."""
    longest_ms = max(segment.end_ms - segment.start_ms for segment in segments)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{math.ceil(longest_ms / 1000)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    for number, segment in enumerate(segments):
        lines += [
            f'#EXT-X-KEY:METHOD=AES-128,URI="{name}/{group_of(number)}.key",IV=0x{segment.iv.hex()}',
            f"#EXTINF:{(segment.end_ms - segment.start_ms) / 1000:.3f},",
            f"{name}/{number}.ts",
        ]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"
