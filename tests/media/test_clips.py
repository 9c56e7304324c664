"""The sample clips appear whole, once, and say how far they are."""

import dataclasses
from pathlib import Path

import pytest

from playhead.core.errors import Invalid
from playhead.media import clips, slides
from playhead.media.lectures import LECTURES, WAVES, Lecture

SHORT = dataclasses.replace(WAVES, name="short", seconds=2, slides=WAVES.slides[:2])


@pytest.fixture
def one_short_lecture(monkeypatch: pytest.MonkeyPatch) -> Lecture:
    monkeypatch.setattr(clips, "LECTURES", (SHORT,))
    return SHORT


def ignore(_done_ms: int, _total_ms: int) -> None:
    """Nobody watches the progress."""


def test_a_clip_is_as_long_as_its_lecture(tmp_path: Path, one_short_lecture: Lecture) -> None:
    (clip,) = clips.ensure_clips(tmp_path / "media", progress=ignore)

    assert clip.path == tmp_path / "media" / "short.mp4"
    assert (clip.name, clip.title) == ("short", WAVES.title)
    assert clip.duration_ms == 2000


def test_a_second_start_makes_nothing(tmp_path: Path, one_short_lecture: Lecture) -> None:
    (first,) = clips.ensure_clips(tmp_path, progress=ignore)
    made_at = first.path.stat().st_mtime_ns
    told: list[tuple[int, int]] = []

    (second,) = clips.ensure_clips(tmp_path, progress=lambda done, total: told.append((done, total)))

    assert second == first
    assert second.path.stat().st_mtime_ns == made_at
    assert told == []


def test_progress_grows_to_the_whole(tmp_path: Path, one_short_lecture: Lecture) -> None:
    told: list[int] = []

    clips.ensure_clips(tmp_path, progress=lambda done, _total: told.append(done))

    assert told == sorted(told)
    assert told[-1] in {1999, 2000}


def test_the_progress_line_is_for_people(
    tmp_path: Path, one_short_lecture: Lecture, capsys: pytest.CaptureFixture[str]
) -> None:
    clips.ensure_clips(tmp_path)

    assert capsys.readouterr().err.endswith("Making sample lectures: 100 %\n")


def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, one_short_lecture: Lecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "script", lambda *_args, **_kwargs: "this is no subtitle script")

    with pytest.raises(Invalid, match="ffmpeg_failed"):
        clips.ensure_clips(tmp_path, progress=ignore)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda lecture: lecture.name)
def test_every_line_of_a_script_lies_within_its_lecture(lecture: Lecture) -> None:
    text = slides.script(lecture, position=1, of=3)
    times = [line.split(",")[1:3] for line in text.splitlines() if line.startswith("Dialogue:")]

    assert all(start < end <= slides._time(lecture.seconds * 1000) for start, end in times)


def test_the_clock_shows_every_second() -> None:
    text = slides.script(SHORT, position=1, of=1)

    for shown, at in (("00:00", "0:00:00.00"), ("00:01", "0:00:01.00")):
        digits = slides._digits(shown, *slides.CLOCK)
        assert any(digits in line and f",{at}," in line for line in text.splitlines())


def test_every_lecture_has_its_own_name_and_length() -> None:
    assert len({lecture.name for lecture in LECTURES}) == len(LECTURES)
    assert [lecture.seconds for lecture in LECTURES] == sorted({lecture.seconds for lecture in LECTURES})
