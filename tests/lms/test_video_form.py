"""Adding a video: by a file that lies in the media folder, or by a web address."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from playhead.core.errors import Invalid
from playhead.lms.models import Video
from playhead.lms.videos import file_of
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(databases=["default", "tracking"])

MEASURED_MS = 61_234


@pytest.fixture
def media(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A media folder with one film in it, and a probe that needs no ffmpeg."""
    settings.PLAYHEAD_MEDIA = tmp_path
    for name in ("film.mp4", "talk.webm", "notes.txt", ".secret"):
        (tmp_path / name).touch()
    (tmp_path / "folder.mp4").mkdir()

    def measure(path: Path) -> int:
        assert path.parent == tmp_path
        return MEASURED_MS

    monkeypatch.setattr("playhead.media.probe.duration_ms", measure)
    return tmp_path


def add(client: Client, school: School, **fields: str) -> Any:
    form = {"title": "A new one", "source": "url", "url": "https://cdn.example/a.mp4", **fields}
    return client.post(reverse("add-video", args=[school.course.key]), form)


def added(school: School) -> Video:
    return school.course.videos.get(title="A new one")


def test_by_a_web_address_with_its_length(school: School, media: Path) -> None:
    answer = add(school.client("alice"), school, length="1:02:45", description="About it")
    assert answer["Location"] == reverse("course", args=[school.course.key])
    video = added(school)
    assert (video.url, video.file, video.duration_ms) == ("https://cdn.example/a.mp4", "", 3_765_000)
    assert (video.position, video.content_type, video.description) == (3, "video/mp4", "About it")


def test_without_a_length_it_is_not_known(school: School, media: Path) -> None:
    add(school.client("alice"), school, url="https://cdn.example/talk.webm?x=1")
    assert added(school).duration_ms is None
    assert added(school).content_type == "video/webm"


def test_by_a_file_which_is_measured(school: School, media: Path) -> None:
    add(school.client("alice"), school, source="file", file="film.mp4", length="9:59")
    video = added(school)
    assert (video.file, video.url, video.duration_ms) == ("film.mp4", "", MEASURED_MS)
    assert file_of(video.key) == media / "film.mp4"


def test_only_playable_files_of_the_folder_itself_are_offered(school: School, media: Path) -> None:
    html = school.client("alice").get(reverse("add-video", args=[school.course.key])).content.decode()
    assert '<option value="film.mp4">' in html
    assert '<option value="talk.webm">' in html
    for name in ("notes.txt", ".secret", "folder.mp4"):
        assert name not in html


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"title": ""}, "This field is required."),
        ({"url": ""}, "Give the address of the video."),
        ({"url": "ftp://cdn.example/a.mp4"}, "The address must begin with https:// or http://"),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"url": "https://user:pass@cdn.example/a.mp4"}, "and hold no name or password"),
        ({"url": "file:///etc/passwd"}, "The address must begin with https:// or http://"),
        ({"source": "file"}, "Choose a file."),
        ({"source": "file", "file": "../../etc/passwd"}, "Select a valid choice."),
        ({"source": "file", "file": "notes.txt"}, "Select a valid choice."),
        ({"source": "elsewhere"}, "Select a valid choice."),
        ({"length": "an hour"}, "Write the length as 1:02:45 or 2:45."),
        ({"length": "1:75"}, "Write the length as 1:02:45 or 2:45."),
        ({"length": "25:00:00"}, "A video may be up to 24 hours long."),
        ({"length": "0"}, "A video may be up to 24 hours long."),
    ],
)
def test_what_is_refused_and_why(school: School, media: Path, fields: dict[str, str], told: str) -> None:
    answer = add(school.client("alice"), school, **fields)
    assert answer.status_code == 400
    html = answer.content.decode()
    assert told in html
    assert "The video was not added." in html
    assert school.course.videos.count() == 2


def test_a_file_that_cannot_be_measured_is_refused(
    school: School, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path) -> int:
        raise Invalid("not_media", f"{path.name} cannot be read as audio or video.")

    monkeypatch.setattr("playhead.media.probe.duration_ms", broken)
    answer = add(school.client("alice"), school, source="file", file="film.mp4")
    assert answer.status_code == 400
    assert "film.mp4 cannot be read as audio or video." in answer.content.decode()


@pytest.mark.parametrize("name", ["../secrets.json", "/etc/passwd", "a/b.mp4", "..", "."])
def test_a_name_that_leads_out_of_the_folder_opens_nothing(school: School, media: Path, name: str) -> None:
    school.film.file = name
    school.film.save()
    assert file_of(school.film.key) is None


def test_a_video_elsewhere_and_one_that_is_not_there_have_no_file(school: School, media: Path) -> None:
    assert file_of(school.link.key) is None
    assert file_of("v_nothing") is None
