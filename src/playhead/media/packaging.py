"""From an uploaded file to encrypted segments: what is clear lies in a private folder, and only for moments."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playhead.core import limits
from playhead.core.errors import Invalid
from playhead.media import keys
from playhead.media.confine import confined, reading
from playhead.media.ffmpeg import run_ffmpeg
from playhead.media.ladder import Board, Rung, board_of, ladder, packaging, pictures
from playhead.media.probe import Facts, examine
from playhead.media.segments import Segment, group_of
from playhead.media.store import Store

_DONE: Final = "out_time_us="  # a line of ffmpeg's -progress: microseconds made so far
_IV_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Lock:
    """What an asset's segments are locked with."""

    asset: str
    master: bytes
    salt: bytes

    def picture_key(self, name: str) -> bytes:
        return keys.derived(self.master, salt=self.salt, purpose=f"pictures/{name}")

    def segment_key(self, rendition: str, group: int) -> bytes:
        return keys.segment_key(self.master, salt=self.salt, rendition=rendition, group=group)


@dataclass(frozen=True, slots=True)
class Package:
    """What was made: each rung with its segments, and the pictures."""

    facts: Facts
    renditions: list[tuple[Rung, list[Segment]]]
    board: Board | None
    stills: int
    size_bytes: int


def package(source: Path, *, lock: Lock, store: Store, desk: Path, progress: Callable[[int], None]) -> Package:
    """Package one file; `desk` is an empty folder nobody else looks into. `progress` hears percents.

    Segments are encrypted and their clear form removed while the next ones are still being made. Raises Invalid with a
    code of `media.refusals`; what was stored until then is the caller's to remove.
    """
    facts = examine(source)
    rungs, board = ladder(facts), board_of(facts)
    sealer = _Sealer(lock, store, desk, rungs)
    for done_ms in _run(source, facts, rungs, board, desk=desk):
        sealer.take_finished()
        progress(min(99, done_ms * 100 // facts.duration_ms))
    sealer.take_finished()
    stills = sealer.take_pictures()
    renditions = [(rung, _placed(sealer.sealed[rung.name], desk / rung.name, facts)) for rung in rungs]
    return Package(facts, renditions, board, stills, sealer.size_bytes)


def _run(source: Path, facts: Facts, rungs: list[Rung], board: Board | None, *, desk: Path) -> Iterator[int]:
    """Run ffmpeg on the desk; yields the ms made so far, twice a second."""
    for rung in rungs:
        (desk / rung.name).mkdir()
    arguments = ["-progress", "pipe:1", "-stats_period", "0.5", *reading(str(source.resolve()))]
    arguments += packaging(facts, rungs)
    if board is not None:
        arguments += pictures(facts, board)
    within_s = max(limits.PACKAGING_LEAST_S, facts.duration_ms / 1000 * limits.PACKAGING_TIMES)
    # Processor time counts for all cores together: the wall's limit is the one that is met first.
    before = confined(cpu_s=int(within_s) * 16)
    try:
        for line in run_ffmpeg(arguments, folder=desk, before=before, within_s=within_s):
            if line.startswith(_DONE) and line[len(_DONE) :].strip().isdigit():  # N/A before the first picture
                yield int(line[len(_DONE) :]) // 1000
    except Invalid as refused:
        raise Invalid("unreadable" if refused.code == "ffmpeg_failed" else refused.code, refused.detail) from refused


@dataclass
class _Sealer:
    """Takes what ffmpeg has finished from the desk, encrypts it, stores it, and removes the clear form."""

    lock: Lock
    store: Store
    desk: Path
    rungs: list[Rung]
    size_bytes: int = 0
    sealed: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)  # by rung: size, initialisation vector

    def __post_init__(self) -> None:
        self.sealed = {rung.name: [] for rung in self.rungs}

    def take_finished(self) -> None:
        """A segment has its final name only when it is whole (`-hls_flags temp_file`)."""
        for name, done in self.sealed.items():
            while (clear := self.desk / name / f"{len(done)}.ts").exists():
                done.append(self._seal_segment(name, len(done), clear))

    def _seal_segment(self, rendition: str, number: int, clear: Path) -> tuple[int, bytes]:
        iv = secrets.token_bytes(_IV_BYTES)
        key = self.lock.segment_key(rendition, group_of(number))
        content = keys.encrypt_segment(clear.read_bytes(), key, iv)
        self._keep(f"{rendition}/{number}.ts", content)
        clear.unlink()
        return len(content), iv

    def take_pictures(self) -> int:
        """Returns how many stills there are."""
        stills = 0
        for clear in sorted(self.desk.glob("*.jpg")):
            self._keep(clear.stem, keys.seal(clear.read_bytes(), self.lock.picture_key(clear.stem)))
            clear.unlink()
            stills += clear.stem.startswith("still-")
        return stills

    def _keep(self, name: str, content: bytes) -> None:
        self.store.put(f"{self.lock.asset}/{name}", content)
        self.size_bytes += len(content)


def _placed(sealed: list[tuple[int, bytes]], folder: Path, facts: Facts) -> list[Segment]:
    """Where each segment lies, by the lengths in ffmpeg's playlist; the last one reaches to the video's end."""
    listed = (folder / "index.m3u8").read_text().splitlines()
    lengths = [float(line.removeprefix("#EXTINF:").rstrip(",")) for line in listed if line.startswith("#EXTINF:")]
    if len(lengths) != len(sealed) or not lengths:
        raise Invalid("unreadable", f"{len(lengths)} segments were announced, {len(sealed)} made.")
    edges = [0.0]
    for length in lengths:
        edges.append(edges[-1] + length)
    edges[-1] = max(edges[-1], facts.duration_ms / 1000)
    return [
        Segment(round(edges[number] * 1000), round(edges[number + 1] * 1000), size, iv)
        for number, (size, iv) in enumerate(sealed)
    ]
