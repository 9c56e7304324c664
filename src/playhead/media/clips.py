"""The sample clips: short lectures that a fresh installation draws for itself, so that there is something to watch."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playhead.media.ffmpeg import run_ffmpeg
from playhead.media.lectures import LECTURES, Lecture
from playhead.media.probe import duration_ms
from playhead.media.slides import HEIGHT, WIDTH, script

_FRAMES_A_SECOND = 8
_SECONDS_BETWEEN_KEYS = 2  # a seek lands within this
_DONE = "out_time_us="  # a line of ffmpeg's -progress: microseconds made so far


@dataclass(frozen=True, slots=True)
class Clip:
    """A file ready to be a video: `name` is stable and fit for an address, title and description are for people."""

    name: str
    title: str
    description: str
    path: Path
    duration_ms: int


def ensure_clips(folder: Path, *, progress: Callable[[int, int], None] | None = None) -> list[Clip]:
    """Make the clips that are missing in `folder` and return them all, the shortest first.

    A clip appears whole or not at all. `progress(done_ms, total_ms)` counts the media made; without it a line on
    standard error does. Raises `PlayheadError("no_ffmpeg")` or `Invalid("ffmpeg_failed")`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [lecture for lecture in LECTURES if not _path(folder, lecture).exists()]
    total_ms = sum(lecture.seconds for lecture in missing) * 1000
    show = progress or _progress_line
    before_ms = 0
    for lecture in missing:
        for done_ms in _make(lecture, folder):
            show(min(before_ms + done_ms, total_ms), total_ms)
        before_ms += lecture.seconds * 1000
    return [_clip(folder, lecture) for lecture in LECTURES]


def _path(folder: Path, lecture: Lecture) -> Path:
    return folder / f"{lecture.name}.mp4"


def _clip(folder: Path, lecture: Lecture) -> Clip:
    path = _path(folder, lecture)
    return Clip(lecture.name, lecture.title, lecture.description, path, duration_ms(path))


def _make(lecture: Lecture, folder: Path) -> Iterator[int]:
    """Encode beside the final place, then rename: nobody ever sees half a clip. Yields the ms made so far."""
    with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as name:
        desk = Path(name)
        slides = script(lecture, position=LECTURES.index(lecture) + 1, of=len(LECTURES))
        (desk / "slides.ass").write_text(slides, encoding="utf-8")
        for line in run_ffmpeg(_arguments(lecture), folder=desk):
            if line.startswith(_DONE) and line[len(_DONE) :].strip().isdigit():  # N/A before the first picture
                yield int(line[len(_DONE) :]) // 1000
        (desk / "clip.mp4").replace(_path(folder, lecture))


def _arguments(lecture: Lecture) -> list[str]:
    """ffmpeg's, to be run where `slides.ass` lies: a path inside a filter would need escaping twice."""
    rate, keys = _FRAMES_A_SECOND, _FRAMES_A_SECOND * _SECONDS_BETWEEN_KEYS
    length = str(lecture.seconds)
    paper = ["-f", "lavfi", "-i", f"color=0x{lecture.paper}:s={WIDTH}x{HEIGHT}:r={rate}:d={length}"]
    hum = f"sine=f={lecture.tone_hz}:r=22050:d={length},volume=0.3,tremolo=f=0.2:d=0.6"
    sound = ["-f", "lavfi", "-i", hum]
    picture = ["-vf", "ass=slides.ass", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "stillimage", "-crf", "27"]
    browser = ["-pix_fmt", "yuv420p", "-g", str(keys), "-c:a", "aac", "-b:a", "32k", "-movflags", "+faststart"]
    return ["-progress", "pipe:1", *paper, *sound, *picture, *browser, "-t", length, "clip.mp4"]


def _progress_line(done_ms: int, total_ms: int) -> None:
    end = "\n" if done_ms >= total_ms else ""
    sys.stderr.write(f"\rMaking sample lectures: {done_ms * 100 // total_ms:3d} %{end}")
    sys.stderr.flush()
