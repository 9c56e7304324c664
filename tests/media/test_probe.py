"""How long a file is, read from its packets; and what is said of files that hold no media."""

import shutil
import sys
from pathlib import Path

import pytest

from playhead.core.errors import Invalid, Missing, PlayheadError
from playhead.media import ffmpeg
from playhead.media.probe import duration_ms

PICTURE = ("-f", "lavfi", "-i", "color=black:s=64x64:r=25:d=3")
SOUND = ("-f", "lavfi", "-i", "sine=r=22050:d=4")


def make(path: Path, *arguments: str) -> Path:
    list(ffmpeg.run_ffmpeg([*arguments, str(path)]))
    return path


def test_picture_and_sound_are_as_long_as_the_longer(tmp_path: Path) -> None:
    path = make(tmp_path / "both.mp4", *PICTURE, *SOUND, "-c:v", "libx264", "-c:a", "aac")

    assert duration_ms(path) == 4000


def test_a_picture_without_sound(tmp_path: Path) -> None:
    path = make(tmp_path / "silent.mp4", *PICTURE, "-c:v", "libx264")

    assert duration_ms(path) == 3000


def test_sound_alone(tmp_path: Path) -> None:
    assert duration_ms(make(tmp_path / "sound.wav", *SOUND)) == 4000


def test_a_recording_whose_header_says_nothing(tmp_path: Path) -> None:
    path = make(tmp_path / "live.webm", *PICTURE, "-c:v", "libvpx", "-f", "webm", "-live", "1")

    assert duration_ms(path) == 3000


def test_names_that_look_like_options_or_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = make(tmp_path / "sound.wav", *SOUND)
    for name in ("-loglevel", "http:x y.wav", "pipe:0"):
        shutil.copy(made, tmp_path / name)
        assert duration_ms(Path(name)) == 4000


@pytest.mark.parametrize("content", [b"", b"no video at all", b"\0" * 10_000])
def test_no_media(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.mp4"
    path.write_bytes(content)

    with pytest.raises(Invalid) as refused:
        duration_ms(path)

    assert refused.value.code == "not_media"
    assert "notes.mp4" in refused.value.detail


def test_a_playlist_fetches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "list.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:9/segment.ts\n#EXT-X-ENDLIST\n")

    with pytest.raises(Invalid, match="not_media"):
        duration_ms(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="no_such_file"):
        duration_ms(tmp_path / "gone.mp4")


def test_without_ffmpeg_the_error_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)

    with pytest.raises(PlayheadError, match="apt-get install ffmpeg"):
        ffmpeg.find_ffmpeg()
