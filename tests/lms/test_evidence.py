"""What is odd about how playing went is told as it was recorded; what is not odd is not told."""

from typing import Any

import pytest
from django.urls import reverse

from playhead.analytics.models import PlaybackSums
from playhead.lms.evidence import facts
from playhead.recorder.models import Viewer
from tests.lms.conftest import School
from tests.world import START_MS

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
HOUR_MS = 3_600_000


def played(viewer: Viewer, video: str, number: int, **more: Any) -> None:
    begun: dict[str, Any] = {
        "opened_at": START_MS, "first_at": START_MS, "last_at": START_MS + HOUR_MS, "claims": 100, "even_claims": 30,
        "claim_ms": 10_000, "watched_ms": HOUR_MS, "paid_ms": HOUR_MS, "contested_ms": 0, "pauses": 2, "run_ms": 0,
        "longest_run_ms": HOUR_MS // 2, "waits": 0, "waited_ms": 0, "seeking": False, "rate": 1000,
    }  # fmt: skip
    PlaybackSums.objects.create(playback_id=number, viewer_id=viewer.pk, video=video, **(begun | more))


@pytest.fixture
def bob(school: School) -> Viewer:
    return Viewer.objects.create(key=school.bob.key)


def told(school: School, viewer: Viewer) -> list[str]:
    return [fact.told for fact in facts([school.film, school.link], [viewer.pk])]


def test_what_is_usual_is_not_told(school: School, bob: Viewer) -> None:
    played(bob, school.film.key, 1)
    played(bob, school.link.key, 2)  # beside it, and nothing claimed twice: one of them stood still
    played(bob, school.film.key, 3, claims=20, even_claims=19)
    assert told(school, bob) == []


def test_reports_as_regular_as_no_timer_is(school: School, bob: Viewer) -> None:
    played(bob, school.film.key, 1, even_claims=98)
    assert told(school, bob) == [
        "98 of 100 reports took exactly as long as the one before, to the millisecond (10.000 s)"
    ]
    page = school.client("alice").get(reverse("insights", args=[school.course.key])).content.decode()
    assert "98 of 100 reports" in page
    assert "Facts for a person to judge" in page


def test_hours_without_a_pause_in_one_or_in_several(school: School, bob: Viewer) -> None:
    played(bob, school.film.key, 1, longest_run_ms=3 * HOUR_MS)
    [said] = told(school, bob)
    assert said.startswith("played for 3:00:00 without a pause, from 1 Sep, 08:00 on")
    PlaybackSums.objects.all().delete()
    for number in range(3):
        first_at = START_MS + number * (HOUR_MS + 60_000)
        played(bob, school.film.key, number, pauses=0, first_at=first_at, last_at=first_at + HOUR_MS)
    [said] = told(school, bob)
    assert "3:00:00" in said
    assert "3 playbacks" in said
    PlaybackSums.objects.filter(playback_id=1).update(pauses=1)
    assert told(school, bob) == []


def test_two_places_at_once(school: School, bob: Viewer) -> None:
    phone = {"device": "phone", "browser": "Safari", "country": "ES"}
    played(bob, school.film.key, 1, device="desktop", country="KR")
    played(bob, school.link.key, 2, contested_ms=95_000, **phone)
    played(
        bob, school.film.key, 3, contested_ms=95_000, first_at=START_MS + 9 * HOUR_MS, last_at=START_MS + 9 * HOUR_MS
    )
    [said] = told(school, bob)
    assert "in 2 places on 1 Sep, 08:00" in said
    assert "“The second film” (phone, Safari, ES) · “The first film” (computer, KR)" in said
    assert "1:35 of it was claimed twice" in said
