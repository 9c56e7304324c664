"""The demo's school: there after one run, the same after two."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.urls import reverse

from playhead.lms import seed
from playhead.lms.models import Course, Enrolment, Role, User, Video
from playhead.media.models import Asset, State
from playhead.media.packer import incoming
from tests.lms.conftest import Browser, log_in

pytestmark = pytest.mark.django_db(databases=["default", "tracking"])


class Clip(NamedTuple):
    title: str
    description: str
    path: Path
    duration_ms: int


@pytest.fixture(autouse=True)
def clips(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two clips, without the half minute it takes to draw real ones."""
    made = [Clip(f"Clip {n}", "About it", tmp_path / f"clip-{n}.mp4", n * 60_000) for n in (1, 2)]
    monkeypatch.setattr("playhead.media.clips.ensure_clips", lambda _folder: made)


def counts() -> list[int]:
    return [model.objects.count() for model in (User, Course, Video, Enrolment)]


def test_it_is_there_once_however_often_it_is_made() -> None:
    assert "alice" in seed.demo_school()
    once = counts()
    seed.demo_school()
    assert counts() == once == [4, 1, 2, 2]


def test_what_was_changed_stays_changed() -> None:
    seed.demo_school()
    Video.objects.filter(position=1).update(title="My own title")
    User.objects.get(username="bob").set_password("changed")
    seed.demo_school()
    assert Video.objects.get(position=1).title == "My own title"


def test_an_upload_waits_for_the_worker_once(tmp_path: Path, settings: Any) -> None:
    settings.PLAYHEAD_INCOMING = tmp_path / "incoming"
    (tmp_path / "clip-1.mp4").write_bytes(b"a film")
    seed.demo_school()
    seed.demo_upload()
    seed.demo_upload()
    asset = Asset.objects.get()
    assert (asset.state, asset.size_bytes, asset.shelf) == (State.WAITING, 6, seed.RECORDED_KEY)
    assert incoming(asset).read_bytes() == b"a film"
    bob = User.objects.get(username="bob")
    course = Course.objects.get(key=seed.RECORDED_KEY)
    assert course.watermark
    assert Enrolment.objects.get(user=bob, course=course).role == Role.STUDENT


def test_the_cast_gets_where_it_should() -> None:
    seed.demo_school()
    course = reverse("course", args=[seed.COURSE_KEY])
    for who, status in (("alice", 200), ("bob", 200), ("charlie", 403), ("admin", 200)):
        browser = Browser()
        log_in(browser, who, seed.PASSWORD)
        assert browser.get(course).status_code == status
