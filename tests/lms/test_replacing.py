"""A new version of an uploaded video takes the old one's place, and students keep what they had."""

from typing import Any

import pytest
from django.urls import reverse

from playhead.core.errors import Conflict, Invalid
from playhead.core.sections import Sections
from playhead.lms import library, replacing
from playhead.lms.explain import explained
from playhead.lms.models import Accommodation, TrailEntry, Video
from playhead.lms.replacing import Range, parse_ranges
from playhead.media.models import Asset, State
from playhead.recorder import service
from playhead.recorder.models import Playback, Progress
from tests.lms.conftest import School
from tests.lms.watching import watch
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

WATCHED = [(0, 20_000), (40_000, 50_000)]


def version(school: School, title: str, *, seconds: int) -> Video:
    asset = Asset.objects.create(
        shelf=school.course.key, title=title, name=f"{title}.mp4", size_bytes=1, state=State.READY,
        duration_ms=seconds * 1000,
    )  # fmt: skip
    made = library.publish(asset)
    assert made is not None
    return made


def watched(video: Video) -> list[tuple[int, int]]:
    row = Progress.objects.filter(video=video.key).first()
    return [] if row is None else Sections.unpack(bytes(row.coverage)).pairs()


@pytest.fixture
def half_watched(live_school: School, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> tuple[Video, Video]:
    monkeypatch.setattr("playhead.lms.opening.delivery_is_evidence", lambda _video: False)
    old, new = version(live_school, "Old", seconds=60), version(live_school, "New", seconds=70)
    old.rates, old.title, old.alias = [1000, 1500], "Waves", "mck-1"
    old.save()
    Accommodation.objects.create(course=live_school.course, user=live_school.bob, video=old, max_rate=3000)
    opened = live_school.client("bob").post("/v1/playbacks", {"video": old.key}, content_type="application/json").json()
    watch(opened, clock, WATCHED)
    assert watched(old) == WATCHED
    return old, new


def test_the_same_seconds_are_kept_where_nobody_says_anything(
    live_school: School, half_watched: tuple[Video, Video]
) -> None:
    old, new = half_watched
    alice, where = live_school.client("alice"), [live_school.course.key, old.asset.key]  # type: ignore[union-attr]
    page = alice.get(reverse("library-replace", args=where)).content.decode()
    assert "New (1:10)" in page
    assert alice.post(reverse("library-replace", args=where), {"ranges": ""}).status_code == 400
    answer = alice.post(reverse("library-replace", args=where), {"new": new.asset.key, "ranges": ""}, follow=True)  # type: ignore[union-attr]

    assert "“Waves” has a new version. 1 student keeps progress." in answer.content.decode()
    assert watched(new) == WATCHED
    new.refresh_from_db()
    assert (new.title, new.rates, new.alias, new.position) == ("Waves", [1000, 1500], "mck-1", old.position)
    assert Accommodation.objects.get().video == new
    assert not Video.objects.filter(pk=old.pk).exists()
    assert Playback.objects.get(video=old.key).closed_reason == "revoked"
    assert TrailEntry.objects.filter(what="video_replaced", detail="0:00-1:00 = 0:00").count() == 1
    bob = live_school.client("bob")
    opened = bob.post("/v1/playbacks", {"video": new.key}, content_type="application/json").json()
    assert (opened["covered_ms"], opened["resume_ms"], opened["policy"]["max_rate"]) == (30_000, 50_000, 3000)
    why = explained(live_school.bob, new)
    assert why.adds_up
    assert {one.kind for one in why.openings.values()} == {"kept"}
    assert (
        "kept from the version before"
        in bob.get(reverse("explain", args=[new.key, live_school.bob.key])).content.decode()
    )


def test_a_teacher_says_where_the_seconds_went(live_school: School, half_watched: tuple[Video, Video]) -> None:
    """An introduction was put before it, and ten seconds in the middle were cut out."""
    old, new = half_watched
    ranges = parse_ranges("0:00-0:15 = 0:10\n0:45 - 1:00 → 0:25\n", old=old, new=new)

    assert replacing.replace(old, new, ranges, by=live_school.alice) == 1
    assert watched(new) == [(10_000, 30_000)]
    assert Progress.objects.get(video=new.key).position_ms == 30_000


def test_broken_off_it_can_be_done_again(
    live_school: School, half_watched: tuple[Video, Video], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal has what was kept, and the site does not know of it."""
    old, new = half_watched
    ranges, keep = replacing.same_seconds(old, new), service.keep_progress

    def broken_off(*asked: Any, **named: Any) -> list[bool]:
        keep(*asked, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(service, "keep_progress", broken_off)
    with pytest.raises(KeyboardInterrupt):
        replacing.replace(old, new, ranges, by=live_school.alice)
    assert (Video.objects.get(pk=old.pk).alias, Video.objects.get(pk=new.pk).title) == ("mck-1", "New")
    monkeypatch.setattr(service, "keep_progress", keep)
    old, new = Video.objects.get(pk=old.pk), Video.objects.get(pk=new.pk)
    assert replacing.replace(old, new, ranges, by=live_school.alice) == 0, "nobody gets it twice"
    assert (watched(new), Video.objects.get(pk=new.pk).title) == (WATCHED, "Waves")


def test_what_somebody_has_watched_replaces_nothing(live_school: School, half_watched: tuple[Video, Video]) -> None:
    old, new = half_watched
    items = {item.video: item for item in library.items_of(live_school.course)}
    assert [item.video for item in replacing.candidates(live_school.course, items[old])] == [new]
    assert replacing.candidates(live_school.course, items[new]) == []
    with pytest.raises(Conflict, match="watched_already"):
        replacing.replace(new, old, [Range(0, 1000, 0)], by=live_school.alice)


@pytest.mark.parametrize(
    "text",
    ["later", "0:00", "0:00-0:00", "0:10-0:05", "0:00-1:01", "0:00-1:00 = 0:11", "0:00-0:10 = 0:20\n0:20-0:30 = 0:25"],
)
def test_ranges_that_cannot_be_meant(live_school: School, text: str) -> None:
    old, new = version(live_school, "Old", seconds=60), version(live_school, "New", seconds=70)
    with pytest.raises(Invalid, match="range"):
        parse_ranges(text, old=old, new=new)


def test_only_the_course_s_teachers(live_school: School) -> None:
    old: Any = version(live_school, "Old", seconds=60)
    where = reverse("library-replace", args=[live_school.course.key, old.asset.key])

    page = live_school.client("alice").get(where)
    assert (page.status_code, "Upload the new version first" in page.content.decode()) == (200, True)
    assert {live_school.client(who).get(where).status_code for who in ("bob", "charlie", "olga")} == {403}
