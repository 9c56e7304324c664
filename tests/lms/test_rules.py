"""The rules of viewing: who says what for whom, and the pages that say it."""

from typing import Any

import pytest
from django.urls import reverse

from playhead.lms.models import Accommodation, Role, TrailEntry, User, Video
from playhead.lms.progress import watched_by
from playhead.lms.terms import policy_of, terms_for, terms_of_all
from playhead.recorder.policy import Policy
from tests.lms.conftest import School
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

NOTHING_SAID = {
    "seeking": "",
    "opens_at": "",
    "closes_at": "",
    "plays": "",
    "concurrent": "",
    "devices": "",
    "watermark": "",
    "presence_minutes": "",
}


def policy_for(user: User, video: Video, role: Role) -> Policy:
    return policy_of(terms_for(user, [video])[video.pk], role)


def opened(school: School, **more: Any) -> Any:
    body = {"video": school.film.key, "device": "d" * 20, **more}
    return school.client("bob").post("/v1/playbacks", body, content_type="application/json")


def test_nothing_is_restricted_where_nobody_says_anything(school: School) -> None:
    assert policy_for(school.bob, school.film, Role.STUDENT) == Policy()


def test_the_nearest_word_holds(school: School) -> None:
    course, film = school.course, school.film
    course.seeking, course.plays, course.watermark, course.rates = "none", 3, True, [1000]
    film.seeking, film.part_start_ms, film.part_end_ms, film.max_rate = "covered", 10_000, 40_000, 1500
    course.save()
    film.save()
    for_all = terms_of_all(film)
    assert (for_all.seeking, for_all.plays, for_all.watermark, for_all.rates) == ("covered", 3, True, (1000,))
    assert (for_all.part, for_all.max_rate) == ((10_000, 40_000), 1500)
    Accommodation.objects.create(course=course, user=school.bob, seeking="free", plays=0)
    Accommodation.objects.create(course=course, user=school.bob, video=film, part_end_ms=50_000)
    bobs = policy_for(school.bob, film, Role.STUDENT)
    assert (bobs.seeking, bobs.plays, bobs.part, bobs.no_skip) == ("free", None, (10_000, 50_000), False)
    assert policy_for(school.charlie, film, Role.STUDENT).no_skip


def test_who_teaches_is_bound_by_none_of_it(school: School) -> None:
    school.film.seeking, school.film.plays, school.film.part_end_ms = "none", 1, 5_000
    school.film.save()
    policy = policy_for(school.alice, school.film, Role.TEACHER)
    assert (policy.preview, policy.seeking, policy.plays, policy.part) == (True, "free", None, None)


def test_progress_is_of_the_part_before_anything_was_watched_too(school: School) -> None:
    school.film.part_start_ms, school.film.part_end_ms = 20_000, 40_000
    school.film.save()
    [one] = watched_by(school.bob, [school.film])
    assert (one.measured_ms, one.needed_ms) == (20_000, 18_050)


def test_a_teacher_says_how_videos_may_be_watched(live_school: School) -> None:
    alice = live_school.client("alice")
    of_course = reverse("course-rules", args=[live_school.course.key])
    of_film = reverse("video-rules", args=[live_school.film.key])
    said = {"seeking": "covered", "rates": ["1000", "1500"], "devices": "2", "watermark": "yes", "concurrent": "oldest"}
    assert alice.post(of_course, {**NOTHING_SAID, **said}).status_code == 302
    part = {**NOTHING_SAID, "alias": "mck_1", "part_start_ms": "0:10", "part_end_ms": "0:40", "max_rate": ""}
    assert alice.post(of_film, part).status_code == 302
    told = opened(live_school).json()
    assert told["policy"] == {
        "max_rate": 2000,
        "threshold_percent": 95,
        "no_skip": True,
        "part": [10_000, 40_000],
        "seeking": "covered",
        "rates": [1000, 1500],
        "watermark": True,
    }
    assert (told["resume_ms"], told["needed_ms"]) == (10_000, 27_550)
    entries = TrailEntry.objects.filter(what="rules").order_by("pk")
    assert "only inside what the student has watched" in entries[0].detail
    assert "only 0:10 to 0:40" in entries[1].detail
    page = alice.get(of_course).content.decode()
    assert "only 0:10 to 0:40" in page
    assert 'value="0:10"' in alice.get(of_film).content.decode()


@pytest.mark.parametrize("rate", ["250", "4000"])
def test_a_quarter_to_four_times_normal_speed_can_be_the_highest(live_school: School, rate: str) -> None:
    of_film = reverse("video-rules", args=[live_school.film.key])
    said = {**NOTHING_SAID, "max_rate": rate, "rates": [rate]}
    assert live_school.client("alice").post(of_film, said).status_code == 302
    policy = opened(live_school).json()["policy"]
    assert (policy["max_rate"], policy["rates"]) == (int(rate), [int(rate)])


@pytest.mark.parametrize(
    "spoiled",
    [
        {"part_start_ms": "0:40", "part_end_ms": "0:10"},
        {"part_end_ms": "soon"},
        {"opens_at": "2026-11-02T10:00", "closes_at": "2026-11-01T10:00"},
        {"devices": "11"},
        {"plays": "-1"},
        {"seeking": "sometimes"},
        {"rates": ["16000"]},
    ],
)
def test_rules_that_cannot_be_meant_change_nothing(live_school: School, spoiled: dict[str, Any]) -> None:
    address = reverse("video-rules", args=[live_school.film.key])
    answer = live_school.client("alice").post(address, {**NOTHING_SAID, **spoiled})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.content.decode()
    assert not TrailEntry.objects.filter(what="rules").exists()


def test_a_name_in_other_systems_belongs_to_one_video(live_school: School) -> None:
    alice = live_school.client("alice")
    live_school.link.alias = "mck_1"
    live_school.link.save()
    address = reverse("video-rules", args=[live_school.film.key])
    assert alice.post(address, {**NOTHING_SAID, "alias": "mck_1"}).status_code == 400


def test_a_device_is_taken_off_the_list(live_school: School) -> None:
    live_school.course.devices = 1
    live_school.course.save()
    assert opened(live_school).status_code == 201
    assert opened(live_school, device="e" * 20).json()["code"] == "device_not_registered"
    alice, args = live_school.client("alice"), [live_school.course.key, live_school.bob.key]
    number = live_school.bob.devices.get().pk
    assert "Take off the list" in alice.get(reverse("student-terms", args=args)).content.decode()
    assert alice.post(reverse("forget-device", args=[*args, number])).status_code == 302
    assert opened(live_school, device="e" * 20).status_code == 201


def test_the_environment_is_shown_to_the_teacher(live_school: School, clock: HandClock) -> None:
    told = {"screen": "1920x1080", "network_type": "4g", "language": "es-ES", "unknown": "x", "bad": "<script>"}
    opened(live_school, told=told)
    address = reverse("student", args=[live_school.course.key, live_school.bob.key])
    page = live_school.client("alice").get(address).content.decode()
    assert "Where it was watched" in page
    for shown in ("screen 1920x1080", "network 4g", "language es-ES", "from 127.0.0.0/24"):
        assert shown in page
    assert "opened only" in page


def test_every_rule_can_be_agreed_on_with_one_student(live_school: School) -> None:
    """Bob may play faster, in the second half alone, without a mark, and where he began last goes on."""
    live_school.course.watermark, live_school.course.concurrent = True, "oldest"
    live_school.course.save()
    alice, where = live_school.client("alice"), [live_school.course.key, live_school.bob.key]
    address = reverse("student-terms", args=where)
    page = alice.get(address).content.decode()
    for name in ("rates", "part_start_ms", "part_end_ms", "concurrent", "watermark", "presence_minutes"):
        assert f'name="{name}"' in page
    said = {"video": live_school.film.pk, "max_rate": "3000", "rates": ["1000", "3000"], "part_start_ms": "0:30"}
    more = {"part_end_ms": "1:00", "watermark": "no", "concurrent": "newest", "reason": "agreed with the dean"}
    assert alice.post(address, {**said, **more}).status_code == 302

    policy = policy_for(live_school.bob, live_school.film, Role.STUDENT)
    assert (policy.max_rate, policy.rates, policy.part) == (3000, (1000, 3000), (30_000, 60_000))
    assert (policy.watermark, policy.concurrent) == (False, "newest")
    assert opened(live_school).json()["resume_ms"] == 30_000
    assert "only 0:30 to 1:00" in alice.get(address).content.decode()


@pytest.mark.parametrize("spoiled", [{"part_start_ms": "0:40", "part_end_ms": "0:10"}, {"rates": ["9"]}, {}])
def test_what_cannot_be_meant_is_not_agreed(live_school: School, spoiled: dict[str, Any]) -> None:
    address = reverse("student-terms", args=[live_school.course.key, live_school.bob.key])

    assert live_school.client("alice").post(address, {"video": "", "reason": "", **spoiled}).status_code == 400
    assert not Accommodation.objects.exists()
