"""The library page: uploads begin, become videos, are edited, removed and had back."""

import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from playhead.lms import library, storyboard
from playhead.lms.models import Source, Video
from playhead.media import keys, store
from playhead.media.ffmpeg import run_ffmpeg
from playhead.media.models import Asset, State
from playhead.media.packer import Packer, incoming
from playhead.recorder.models import Playback
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.PLAYHEAD_STORE = str(tmp_path / "videos")
    settings.PLAYHEAD_MEDIA_KEYS = tmp_path / "media-keys.json"
    settings.PLAYHEAD_INCOMING = tmp_path / "incoming"
    settings.PLAYHEAD_DESK = tmp_path / "desk"
    keys.master_keys.cache_clear()
    store.store.cache_clear()


@pytest.fixture
def shown(live_school: School, tmp_path: Path) -> Video:
    """A film that was uploaded by Alice and packaged."""
    film = tmp_path / "film.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=96x64:r=10:d=10", "-preset", "ultrafast", str(film)]
    list(run_ffmpeg(source))
    begun(live_school.client("alice"), live_school, "waves.mp4", film.stat().st_size)
    asset = Asset.objects.get()
    incoming(asset).write_bytes(film.read_bytes())
    Asset.objects.update(state=State.WAITING)
    Packer(told=library.packaged).package_next()
    return Video.objects.get(asset=asset)


def begun(client: Client, school: School, name: str, size: int) -> Any:
    told = f"filename {b64encode(name.encode()).decode()}"
    headers = {"Upload-Length": str(size), "Upload-Metadata": told, "Tus-Resumable": "1.0.0"}
    return client.post(reverse("begin-upload", args=[school.course.key]), headers=headers)


def opened_by(client: Client, video: Video) -> Any:
    return client.post("/v1/playbacks", {"video": video.key}, content_type="application/json").json()


def test_an_upload_is_begun_by_a_teacher(live_school: School) -> None:
    answer = begun(live_school.client("alice"), live_school, "waves.mp4", 1000)

    assert (answer.status_code, answer.headers["Location"].startswith("/uploads/")) == (201, True)
    page = live_school.client("alice").get(reverse("library", args=[live_school.course.key])).content.decode()
    assert "waves.mp4" in page
    assert answer.headers["Location"] not in page


@pytest.mark.parametrize(
    ("name", "size", "status"),
    [("../waves.mp4", 10, 400), ("waves.mp4", 0, 400), ("waves.mp4", 60 * 1024**3, 413), ("", 10, 400)],
)
def test_what_is_refused_before_its_first_byte(live_school: School, name: str, size: int, status: int) -> None:
    answer = begun(live_school.client("alice"), live_school, name, size)

    assert answer.status_code == status
    assert answer.json()["detail"]
    assert not Asset.objects.exists()


def test_packaged_it_is_a_video_of_the_course(live_school: School, shown: Video) -> None:
    assert (shown.title, shown.source, shown.duration_ms) == ("waves", Source.ASSET, 10_000)
    assert shown.position > live_school.link.position
    assert library.publish(Asset.objects.get()) is None
    opened = (
        live_school.client("bob").post("/v1/playbacks", {"video": shown.key}, content_type="application/json").json()
    )
    assert opened["media"]["src"] == f"/hls/{opened['ticket']}/master.m3u8"
    assert opened["media"]["poster"].endswith("/poster.jpg")
    assert Playback.objects.get(key=opened["playback"]).delivery_is_evidence


def test_what_a_worker_had_no_time_to_tell_is_published_later(live_school: School, shown: Video) -> None:
    Video.all_objects.filter(pk=shown.pk).delete()

    library.publish_what_is_ready()

    assert Video.objects.filter(asset__isnull=False).count() == 1


def test_a_failure_is_said_in_words(live_school: School) -> None:
    begun(live_school.client("alice"), live_school, "waves.mp4", 10)
    incoming(Asset.objects.get()).write_bytes(b"#EXTM3U...")
    Asset.objects.update(state=State.WAITING)
    Packer(told=library.packaged).package_next()

    page = live_school.client("alice").get(reverse("library", args=[live_school.course.key])).content.decode()
    assert "This is no video or sound file, whatever its name says." in page
    told = live_school.client("alice").get(reverse("library-states", args=[live_school.course.key])).json()
    assert [(one["state"], one["undecided"]) for one in told.values()] == [("failed", False)]


def test_title_chapters_picture_and_captions(live_school: School, shown: Video) -> None:
    alice = live_school.client("alice")
    where = [live_school.course.key, Asset.objects.get().key]
    form = {"title": "Waves, anew", "description": "All of it", "chapters": "0:00 One\n0:05 Two", "poster": "3"}

    assert alice.post(reverse("library-edit", args=where), form).status_code == 302
    shown.refresh_from_db()
    asset = Asset.objects.get()
    assert (shown.title, shown.description, asset.poster) == ("Waves, anew", "All of it", 3)
    assert [chapter["start_ms"] for chapter in asset.chapters] == [0, 5000]
    bad = alice.post(reverse("library-edit", args=where), form | {"chapters": "later One"})
    assert (bad.status_code, "Write a chapter as 1:30" in bad.content.decode()) == (400, True)

    def bring(content: bytes) -> Any:
        file = SimpleUploadedFile("waves.vtt", content, "text/vtt")
        return alice.post(reverse("add-captions", args=where), {"language": "en", "label": "English", "file": file})

    assert bring(b"1\n00:00:01,000 --> 00:00:02,000\nSubRip\n").status_code == 400
    assert bring(b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n").status_code == 302
    opened = (
        live_school.client("bob").post("/v1/playbacks", {"video": shown.key}, content_type="application/json").json()
    )
    assert [one["language"] for one in opened["media"]["captions"]] == ["en"]
    assert alice.post(reverse("remove-captions", args=[*where, "en"])).status_code == 302
    assert not asset.captions.exists()


def test_pictures_are_for_its_teachers(live_school: School, shown: Video) -> None:
    where = reverse("library-still", args=[live_school.course.key, Asset.objects.get().key, 0])

    assert live_school.client("alice").get(where).content[:3] == b"\xff\xd8\xff"
    for who in ("bob", "charlie", "olga"):
        assert live_school.client(who).get(where).status_code == 403


def test_the_class_map_has_the_storyboard_over_it_for_teachers_alone(live_school: School, shown: Video) -> None:
    """Ten seconds, a picture every two: all five stand over the map, in their order."""
    asset = Asset.objects.get()
    where = reverse("library-board", args=[live_school.course.key, asset.key, 0])
    alice = live_school.client("alice")

    strip = storyboard.strip(shown)

    assert strip.count(f'href="{where}"') == 5
    assert re.findall(r'viewBox="(\d+) 0 \d+ \d+"><image', strip) == [f"{n * 136}" for n in range(5)]
    assert alice.get(where).content[:3] == b"\xff\xd8\xff"
    assert alice.get(where.replace("0.jpg", "1.jpg")).status_code == 404
    for who in ("bob", "charlie", "olga"):
        assert live_school.client(who).get(where).status_code == 403


def test_removed_nobody_watches_it_and_it_can_be_had_back(live_school: School, shown: Video) -> None:
    alice, bob, course = live_school.client("alice"), live_school.client("bob"), live_school.course
    opened = opened_by(bob, shown)
    asset = Asset.objects.get()

    alice.post(reverse("library-remove", args=[course.key]), {"asset": [asset.key]})
    asset.refresh_from_db()

    assert Playback.objects.get(key=opened["playback"]).closed_reason == "revoked"
    assert bob.get(reverse("watch", args=[shown.key])).status_code == 404
    assert asset.delete_after is not None
    assert "gone for good on" in alice.get(reverse("library", args=[course.key])).content.decode()
    alice.post(reverse("library-restore", args=[course.key, asset.key]))
    assert bob.get(reverse("watch", args=[shown.key])).status_code == 200
    asset.refresh_from_db()
    assert asset.delete_after is None


def test_search(live_school: School, shown: Video) -> None:
    address = reverse("library", args=[live_school.course.key])

    assert "waves.mp4" in live_school.client("alice").get(address, {"q": "WAV"}).content.decode()
    assert "Nothing found" in live_school.client("alice").get(address, {"q": "xyz"}).content.decode()
