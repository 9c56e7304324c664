"""A rendition's segments: where each lies in the video, how large it is, and its initialisation vector."""

import struct
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from playhead.core import limits

_ROW: Final = struct.Struct("<qqI16s")


class Segment(NamedTuple):
    """`[start_ms, end_ms)` of the video, `size_bytes` as stored."""

    start_ms: int
    end_ms: int
    size_bytes: int
    iv: bytes


def pack(segments: Sequence[Segment]) -> bytes:
    return b"".join(_ROW.pack(*segment) for segment in segments)


def unpack(packed: bytes) -> list[Segment]:
    return [Segment(*row) for row in _ROW.iter_unpack(packed)]


def group_of(number: int) -> int:
    """Which key a segment has: keys rotate every few segments."""
    return number // limits.SEGMENTS_A_KEY


def at(segments: Sequence[Segment], position_ms: int) -> int:
    """The number of the segment that holds a position."""
    return max(0, bisect_right(segments, position_ms, key=lambda segment: segment.start_ms) - 1)


def peak_bandwidth(segments: Sequence[Segment]) -> int:
    """Bits a second of the heaviest segment (RFC 8216 section 4.3.4.2: BANDWIDTH)."""
    return max(segment.size_bytes * 8000 // max(1, segment.end_ms - segment.start_ms) for segment in segments)


def average_bandwidth(segments: Sequence[Segment]) -> int:
    bits = sum(segment.size_bytes for segment in segments) * 8000
    return bits // max(1, segments[-1].end_ms - segments[0].start_ms)
