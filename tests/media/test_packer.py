"""The queue of uploads that wait: each is packaged once, whoever dies meanwhile."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from playhead.core import limits
from playhead.media import packer, uploads
from playhead.media.models import Asset, State, Upload
from playhead.media.packer import Packer, claim, incoming, tidy
from playhead.media.refusals import WORDS, words_of
from tests.media.conftest import Film, brought, packaged

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def left() -> list[str]:
    """The names of all files of uploads, desks and packaged videos."""
    folders = (settings.PLAYHEAD_INCOMING, settings.PLAYHEAD_DESK, Path(settings.PLAYHEAD_STORE))
    return [path.name for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.is_file()]


def test_what_waits_becomes_ready(film: Film) -> None:
    source = film(10)
    told: list[tuple[str, str]] = []
    asset = brought(source)

    assert Packer(told=lambda one: told.append((one.key, one.state))).package_next()
    asset.refresh_from_db()

    assert told == [(asset.key, "ready")]
    assert (asset.state, asset.progress_percent, asset.duration_ms) == (State.READY, 100, 10_000)
    assert asset.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert [one.name for one in asset.renditions.all()] == ["64p"]
    assert not incoming(asset).exists()
    assert not (settings.PLAYHEAD_DESK / asset.key).exists()
    assert not Packer().package_next()


@pytest.mark.parametrize(("content", "code"), [(b"", "empty"), (b"#EXTM3U\n", "not_video"), (None, "lost")])
def test_what_cannot_be_packaged_says_why_and_leaves_nothing(film: Film, content: bytes | None, code: str) -> None:
    asset = brought(film(10))
    if content is None:
        incoming(asset).unlink()
    else:
        incoming(asset).write_bytes(content)

    Packer().package_next()
    asset.refresh_from_db()

    assert (asset.state, asset.reason) == (State.FAILED, code)
    assert words_of(code) == str(WORDS[code])
    assert left() == []


def test_a_claim_is_for_one(film: Film) -> None:
    asset = brought(film(10))

    assert claim("first") == asset
    assert claim("second") is None


def test_who_died_in_the_middle_is_followed_by_another(film: Film) -> None:
    """Half a video in the store, clear segments on the desk, and a claim that nobody renews."""
    asset = brought(film(10))
    claim("dead")
    Asset.objects.filter(pk=asset.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    for place in (settings.PLAYHEAD_DESK / asset.key / "64p" / "7.ts", Path(settings.PLAYHEAD_STORE) / asset.key / "x"):
        place.parent.mkdir(parents=True)
        place.write_bytes(b"\x47" * 188)

    assert Packer().package_next()
    asset.refresh_from_db()

    assert (asset.state, asset.tries) == (State.READY, 2)
    assert "x" not in left()
    assert "7.ts" not in left()


def test_what_kills_its_packager_every_time_is_given_up(film: Film) -> None:
    asset = brought(film(10), tries=limits.PACKAGING_TRIES)

    Packer().package_next()
    asset.refresh_from_db()

    assert (asset.state, asset.reason) == (State.FAILED, "interrupted")


def test_being_asked_to_stop_gives_the_video_back(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = brought(film(10))
    stopping = Packer()
    stopping._over.set()

    stopping.package_next()
    asset.refresh_from_db()

    assert (asset.state, asset.tries) == (State.WAITING, 0)
    assert left() == [asset.key]


def test_a_full_disk_is_said(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    asset = brought(film(10))
    monkeypatch.setattr(packer, "package", full)
    Packer().package_next()
    asset.refresh_from_db()

    assert asset.reason == "storage_full"


def test_a_title_changed_meanwhile_stays(film: Film) -> None:
    asset = brought(film(10))
    taken = claim("me")
    assert taken is not None
    Asset.objects.filter(pk=asset.pk).update(title="A better title")
    packer.fail(taken, "unreadable")
    asset.refresh_from_db()

    assert asset.title == "A better title"


def test_uploads_nobody_takes_up_again_go(film: Film) -> None:
    asset, _address = uploads.begin(organisation_id=1, shelf="c", title="", name="a.mp4", size_bytes=10)
    tidy()
    assert Asset.objects.filter(pk=asset.pk).exists()
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    tidy()

    assert not Asset.objects.filter(pk=asset.pk).exists()
    assert left() == []


def test_what_was_removed_goes_after_its_grace(film: Film) -> None:
    asset = packaged(film(10))
    Asset.objects.filter(pk=asset.pk).update(delete_after=timezone.now() + timedelta(days=1))
    tidy()
    assert left()
    Asset.objects.filter(pk=asset.pk).update(delete_after=timezone.now() - timedelta(seconds=1))
    told: list[str] = []

    tidy(told=lambda one: told.append(one.state))

    assert told == ["deleted"]
    assert left() == []
