"""From a file to encrypted segments: whole, exact, and nothing of it left in the clear."""

import struct
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from playhead.core.errors import Invalid
from playhead.media import keys, playlists
from playhead.media.ffmpeg import find_ffmpeg, run_ffmpeg
from playhead.media.ladder import ladder
from playhead.media.packaging import Lock, Package, package
from playhead.media.probe import Facts, duration_ms, examine
from playhead.media.segments import group_of
from playhead.media.store import Folder
from tests.media.conftest import Film, make

LOCK = Lock("a_test", b"m" * 32, b"s" * 16)


def done(source: Path, folder: Path) -> Package:
    desk = folder / "table"
    desk.mkdir()
    made = package(source, lock=LOCK, store=Folder(folder / "videos"), desk=desk, progress=lambda _percent: None)
    assert [path for path in desk.rglob("*") if path.is_file() and path.name != "index.m3u8"] == []
    return made


def unlocked(made: Package, folder: Path, rendition: int = 0) -> Path:
    """A rendition as a player would put it together again."""
    rung, segments = made.renditions[rendition]
    clear = folder / f"{rung.name}.ts"
    with clear.open("wb") as file:
        for number, segment in enumerate(segments):
            content = (folder / "videos" / "a_test" / rung.name / f"{number}.ts").read_bytes()
            assert len(content) == segment.size_bytes
            key = LOCK.segment_key(rung.name, group_of(number))
            command = ["openssl", "enc", "-d", "-aes-128-cbc", "-K", key.hex(), "-iv", segment.iv.hex()]
            file.write(subprocess.run(command, input=content, capture_output=True, check=True).stdout)
    return clear


def test_a_film_comes_back_as_long_as_it_went_in(film: Film, tmp_path: Path) -> None:
    made = done(film(10, size="160x120"), tmp_path)

    (rung, segments) = made.renditions[0]
    assert [(segment.start_ms, segment.end_ms) for segment in segments] == [(0, 4000), (4000, 8000), (8000, 10000)]
    assert (rung.name, rung.width, rung.height) == ("120p", 160, 120)
    assert abs(duration_ms(unlocked(made, tmp_path)) - 10_000) <= 100


def test_the_playlist_plays_in_another_program(film: Film, tmp_path: Path) -> None:
    """ffmpeg itself, with the keys beside the playlist, gets pictures and sound to the end."""
    made = done(film(10), tmp_path)
    rung, segments = made.renditions[0]
    folder = tmp_path / "videos" / "a_test"
    (folder / "index.m3u8").write_text(playlists.media(rung.name, segments))
    (folder / rung.name / "0.key").write_bytes(LOCK.segment_key(rung.name, 0))
    command = ["-allowed_extensions", "ALL", "-extension_picky", "0", "-i", str(folder / "index.m3u8")]

    lines = list(run_ffmpeg([*command, "-map", "0:v", "-f", "framemd5", "-"]))

    assert sum(not line.startswith("#") for line in lines) == 100


@pytest.mark.parametrize("rate", ["24000/1001", "12.5", "60", "1000/41"])
def test_odd_rates_have_segments_of_whole_groups(film: Film, tmp_path: Path, rate: str) -> None:
    made = done(film(9, rate=rate), tmp_path)

    ((rung, segments),) = made.renditions
    whole = round(Fraction(rung.frame_rate) * 4) / rung.frame_rate * 1000
    for number, segment in enumerate(segments[:-1]):
        assert abs(segment.start_ms - number * whole) <= 2
        assert abs(segment.end_ms - segment.start_ms - whole) <= 2
    assert segments[-1].end_ms >= made.facts.duration_ms


def test_sound_alone(film: Film, tmp_path: Path) -> None:
    made = done(film(9, size="", ending="mp3"), tmp_path)

    ((rung, segments),) = made.renditions
    assert (rung.name, rung.codecs, made.stills, made.board) == ("audio", "mp4a.40.2", 0, None)
    assert len(segments) == 3


def test_pictures_without_sound(film: Film, tmp_path: Path) -> None:
    made = done(film(5, sound=False), tmp_path)

    assert made.renditions[0][0].codecs == "avc1.640015"


def test_a_portrait_stays_one_even_if_the_file_says_so_by_a_turn(film: Film, tmp_path: Path) -> None:
    flat = film(5, size="160x96")
    turned = make(tmp_path / "turned.mp4", "-display_rotation", "90", "-i", str(flat), "-c", "copy")

    made = done(turned, tmp_path)

    assert (made.facts.width, made.facts.height) == (96, 160)
    assert (made.renditions[0][0].width, made.renditions[0][0].height) == (96, 160)


def test_stills_and_storyboard(film: Film, tmp_path: Path) -> None:
    made = done(film(10), tmp_path)

    assert made.stills == 5
    assert made.board is not None
    assert (made.board.every_ms, made.board.pages) == (2000, 1)
    sealed = (tmp_path / "videos" / "a_test" / "board-0").read_bytes()
    assert keys.unseal(sealed, LOCK.picture_key("board-0"))[:3] == b"\xff\xd8\xff"


def test_nothing_in_the_store_is_clear_and_no_key_is(film: Film, tmp_path: Path) -> None:
    made = done(film(10), tmp_path)

    stored = [path.read_bytes() for path in (tmp_path / "videos").rglob("*") if path.is_file()]
    secret = [
        LOCK.master,
        *(LOCK.segment_key(rung.name, 0) for rung, _ in made.renditions),
        LOCK.picture_key("board-0"),
    ]
    assert len(stored) == 3 + 1 + 5
    assert not any(looks_clear(content) for content in stored)
    assert not any(key in content or key.hex().encode() in content for key in secret for content in stored)


def test_the_scan_would_notice(film: Film, tmp_path: Path) -> None:
    """The planted bug: one segment in the clear."""
    made = done(film(5), tmp_path)

    assert looks_clear(unlocked(made, tmp_path).read_bytes())
    assert looks_clear(b"\xff\xd8\xff\xe0")


def looks_clear(content: bytes) -> bool:
    """A transport stream has 0x47 at every 188th byte; pictures begin as such."""
    return content[:3] == b"\xff\xd8\xff" or (len(content) > 376 and set(content[0 : 188 * 10 : 188]) == {0x47})


def test_every_segment_has_its_own_vector_and_keys_rotate(film: Film, tmp_path: Path) -> None:
    made = done(film(40, rate="2", size="32x32", sound=False), tmp_path)

    ((rung, segments),) = made.renditions
    assert len({segment.iv for segment in segments}) == len(segments) == 10
    assert LOCK.segment_key(rung.name, group_of(7)) != LOCK.segment_key(rung.name, group_of(8))


def facts(width: int, height: int, rate: int = 25) -> Facts:
    return Facts(60_000, width, height, Fraction(rate), True)


@pytest.mark.parametrize(
    ("width", "height", "names"),
    [
        (3840, 2160, ["1080p", "720p", "480p", "240p"]),
        (1920, 1080, ["1080p", "720p", "480p", "240p"]),
        (1080, 1920, ["1080p", "720p", "480p", "240p"]),
        (1600, 900, ["900p", "720p", "480p", "240p"]),
        (640, 360, ["360p", "240p"]),
        (426, 240, ["240p"]),
        (64, 48, ["48p"]),
        (1921, 1079, ["1079p", "720p", "480p", "240p"]),
    ],
)
def test_no_quality_is_larger_than_the_source(width: int, height: int, names: list[str]) -> None:
    rungs = ladder(facts(width, height))

    assert [rung.name for rung in rungs] == names
    for rung in rungs:
        assert rung.width <= width + 1
        assert rung.height <= height + 1
        assert rung.width % 2 == rung.height % 2 == 0


# --- What strangers bring.


def refused(path: Path) -> str:
    with pytest.raises(Invalid) as said:
        examine(path)
    return said.value.code


def test_nothing_at_all(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"")

    assert refused(path) == "empty"


@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:9/segment.ts\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        b"%PDF-1.7\n" + b"\0" * 500,
        b"PK\x03\x04" + b"\0" * 500,
        b"\x7fELF" + b"\0" * 500,
        b"GIF89a/*" + b"\0" * 400 + b"*/=1;alert(1)",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 400,
        b"#!/bin/sh\nrm -rf /\n",
    ],
)
def test_what_is_no_video_is_refused_before_anything_reads_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)

    assert refused(path) == "not_video"


def test_a_playlist_that_is_a_film_as_well(film: Film, tmp_path: Path) -> None:
    """A polyglot: it begins as a playlist and goes on as a film."""
    path = tmp_path / "film.mp4"
    path.write_bytes(b"#EXTM3U\nhttp://127.0.0.1:9/\n" + film(5).read_bytes())

    assert refused(path) == "not_video"


def test_a_film_that_is_a_playlist_further_down_fetches_nothing(film: Film, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film(5).read_bytes() + b"\n#EXTM3U\nhttp://127.0.0.1:9/\n<script>alert(1)</script>")

    assert examine(path).duration_ms == 5000


def test_a_header_that_says_ten_hours(film: Film, tmp_path: Path) -> None:
    content = bytearray(film(5, ending="mkv").read_bytes())
    at = content.index(b"\x44\x89\x88") + 3  # Matroska's Duration, in ms
    content[at : at + 8] = struct.pack(">d", 10 * 3600 * 1000)
    path = tmp_path / "film.mkv"
    path.write_bytes(content)

    assert refused(path) == "length_lie"


def test_a_header_that_nobody_reads_changes_nothing(film: Film, tmp_path: Path) -> None:
    """MP4 says its length three times; ffmpeg believes the tables of samples, and so do we."""
    content = bytearray(film(5).read_bytes())
    at = content.index(b"mvhd") + 4 + 12  # version 0: two times of 4 bytes after version and flags, then the scale
    scale = int.from_bytes(content[at : at + 4], "big")
    content[at + 4 : at + 8] = (10 * 3600 * scale).to_bytes(4, "big")
    path = tmp_path / "film.mp4"
    path.write_bytes(content)

    assert examine(path).duration_ms == 5000


def test_two_pictures_ten_hours_apart(tmp_path: Path) -> None:
    slow = "color=black:s=64x64:r=1/36000:d=72000"
    path = make(tmp_path / "slow.mp4", "-f", "lavfi", "-i", slow, "-frames:v", "2", "-c:v", "libx264")

    assert refused(path) == "holes"


def test_longer_than_a_day(tmp_path: Path) -> None:
    long = "color=black:s=16x16:r=1/300:d=87000"
    path = make(tmp_path / "long.mkv", "-f", "lavfi", "-i", long, "-c:v", "libx264")

    assert refused(path) == "too_long"


def test_a_film_that_was_cut_off(film: Film, tmp_path: Path) -> None:
    whole = film(10, ending="mkv").read_bytes()
    path = tmp_path / "film.mkv"
    path.write_bytes(whole[: len(whole) // 4])

    assert refused(path) == "length_lie"


def test_noise_in_the_clothes_of_a_film(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x20ftypisom" + b"\x55" * 50_000)

    assert refused(path) == "not_media"


def test_the_program_is_ended_in_time(film: Film) -> None:
    endless = ["-f", "lavfi", "-i", "testsrc2=s=640x480", "-f", "null", "-"]

    with pytest.raises(Invalid, match="took_too_long"):
        list(run_ffmpeg(endless, within_s=0.5))
    assert find_ffmpeg()
