"""What teachers set for a course, agree with one student, and decide with a reason; and what assistants may not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from playhead.core.credit import Claim
from playhead.lms.due import due
from playhead.lms.models import Course, Enrolment, Override, Role, TrailEntry, Video
from playhead.recorder.models import Playback, Progress
from tests.lms.conftest import Browser, School
from tests.lms.watching import claim, watch
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

RULES = {"title": "Film basics", "description": "", "threshold_percent": "80", "max_rate": "1500", "no_skip": "on"}


def opened(client: Browser, video: Video) -> dict[str, Any]:
    answer = client.post("/v1/playbacks", {"video": video.key}, content_type="application/json")
    told: dict[str, Any] = answer.json()
    assert answer.status_code == 201, told
    return told


def page(client: Browser, name: str, *arguments: str) -> str:
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


def test_rules_bind_what_is_opened_from_now_on_and_stand_in_the_trail(live_school: School) -> None:
    alice, bob = live_school.client("alice"), live_school.client("bob")
    before = opened(bob, live_school.film)
    assert alice.post(reverse("course-settings", args=[live_school.course.key]), RULES).status_code == 302
    after = opened(bob, live_school.film)
    assert before["policy"]["max_rate"] == 2_000
    said = ("max_rate", "threshold_percent", "no_skip", "part")
    assert [after["policy"][name] for name in said] == [1_500, 80, True, None]
    entry = TrailEntry.objects.get(what="settings")
    assert entry.by_name == "Alice Archer"
    assert "2000 → 1500" in entry.detail


def test_a_rule_that_makes_no_sense_changes_nothing(live_school: School) -> None:
    address = reverse("course-settings", args=[live_school.course.key])
    for wrong in ({"threshold_percent": "0"}, {"threshold_percent": "101"}, {"max_rate": "9000"}, {"title": ""}):
        assert live_school.client("alice").post(address, RULES | wrong).status_code == 400
    live_school.course.refresh_from_db()
    assert live_school.course.threshold_percent == 95


def test_teachers_and_assistants_only_look(live_school: School) -> None:
    Enrolment.objects.create(course=live_school.course, user=live_school.charlie, role=Role.ASSISTANT)
    previews = {
        who: opened(live_school.client(who), live_school.film)["playback"] for who in ("alice", "charlie", "ada", "bob")
    }
    marked = {who: Playback.objects.get(key=key).preview for who, key in previews.items()}
    assert marked == {"alice": True, "charlie": True, "ada": True, "bob": False}


# --- due dates

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "state", "text"),
    [
        (NOW - timedelta(minutes=1), "overdue", "overdue since 11:59 today"),
        (NOW - timedelta(days=1), "overdue", "overdue by 1 day"),
        (NOW - timedelta(days=12), "overdue", "overdue by 12 days"),
        (NOW + timedelta(hours=6), "soon", "due today at 18:00"),
        (NOW + timedelta(hours=13), "soon", "due tomorrow at 01:00"),
        (NOW + timedelta(days=3), "soon", "due in 3 days, Monday"),
        (NOW + timedelta(days=20), "later", "due 10 December"),
        (NOW + timedelta(days=60), "later", "due 19 January 2027"),
    ],
)
def test_dates_in_words(moment: datetime, state: str, text: str) -> None:
    assert due(moment, now=NOW) == (state, text)


def test_a_course_may_count_only_what_is_in_view(live_school: School, clock: HandClock) -> None:
    alice, bob = live_school.client("alice"), live_school.client("bob")
    answer = alice.post(reverse("course-settings", args=[live_school.course.key]), RULES | {"needs_visible": "on"})
    assert answer.status_code == 302
    opening = opened(bob, live_school.film)
    clock.forward(30_000)
    behind = Claim(0, 10_000, 0, 10_000, visible=False)
    in_front = Claim(10_000, 20_000, 10_000, 20_000)
    small = Claim(20_000, 30_000, 20_000, 30_000, visible=False, pip=True)
    claim(opening, clock, behind, in_front, small)
    after = opened(bob, live_school.film)
    assert (after["coverage"], after["refusals"]) == ([[10_000, 30_000]], {"not_visible": 10_000})


def test_what_is_due_stands_on_the_first_page_until_it_is_done(live_school: School, clock: HandClock) -> None:
    alice, bob = live_school.client("alice"), live_school.client("bob")
    form = {live_school.film.key: (timezone.now() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")}
    assert alice.post(reverse("due-dates", args=[live_school.course.key]), form).status_code == 302
    assert "overdue by 2 days" in page(bob, "home")
    assert "overdue by 2 days" in page(bob, "course", live_school.course.key)
    watch(opened(bob, live_school.film), clock, [(0, 60_000)])
    assert "overdue" not in page(bob, "home")


# --- one student


def agree(client: Browser, school: School, **what: str) -> int:
    address = reverse("student-terms", args=[school.course.key, school.bob.key])
    return int(client.post(address, what).status_code)


def test_one_student_may_have_terms_of_their_own(live_school: School) -> None:
    alice = live_school.client("alice")
    assert agree(alice, live_school, max_rate="4000", threshold_percent="70", reason="Agreed with the office") == 302
    assert agree(alice, live_school, video=str(live_school.film.pk), max_rate="1000") == 302
    film, link = (opened(live_school.client("bob"), video)["policy"] for video in (live_school.film, live_school.link))
    assert (film["max_rate"], film["threshold_percent"]) == (1_000, 70)
    assert (link["max_rate"], link["threshold_percent"]) == (4_000, 70)
    assert opened(live_school.client("alice"), live_school.film)["policy"]["max_rate"] == 2_000
    assert agree(alice, live_school, reason="nothing at all") == 400
    assert TrailEntry.objects.filter(what="accommodation", about_user=live_school.bob).count() == 2


def test_a_date_of_ones_own_takes_the_place_of_the_others(live_school: School) -> None:
    live_school.film.due_at = timezone.now() - timedelta(days=5)
    live_school.film.save()
    later = (timezone.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    agree(live_school.client("alice"), live_school, due_at=later)
    assert "overdue" not in page(live_school.client("bob"), "home")


def override(client: Browser, school: School, reason: str) -> int:
    address = reverse("override", args=[school.course.key, school.bob.key])
    return int(client.post(address, {"video": school.film.pk, "reason": reason}).status_code)


def test_an_override_changes_no_number_and_keeps_who_when_and_why(live_school: School, clock: HandClock) -> None:
    alice, bob = live_school.client("alice"), live_school.client("bob")
    watch(opened(bob, live_school.film), clock, [(0, 30_000)])
    before = Progress.objects.filter(video=live_school.film.key).values().get()
    assert override(alice, live_school, "") == 400
    assert override(alice, live_school, "Saw it with me") == 302
    assert Progress.objects.filter(video=live_school.film.key).values().get() == before
    html = page(bob, "course", live_school.course.key)
    assert "Done, as agreed" in html
    assert "Marked as complete by Alice Archer: “Saw it with me”" in html
    assert override(alice, live_school, "Again") == 400
    entry = TrailEntry.objects.get(what="override")
    assert (entry.by, entry.about_user, entry.about_video, entry.reason) == (
        live_school.alice, live_school.bob, live_school.film, "Saw it with me",
    )  # fmt: skip


def test_a_withdrawn_override_stays_in_the_trail(live_school: School) -> None:
    alice = live_school.client("alice")
    override(alice, live_school, "Saw it with me")
    address = reverse("withdraw-override", args=[live_school.course.key, live_school.bob.key, live_school.film.key])
    assert [alice.post(address).status_code for _ in range(2)] == [302, 302]
    assert Override.objects.get().withdrawn_by == live_school.alice
    assert TrailEntry.objects.filter(what="override_withdrawn").count() == 1
    assert "Done, as agreed" not in page(live_school.client("bob"), "course", live_school.course.key)
    assert "Saw it with me" in page(alice, "trail", live_school.course.key)


# --- assistants


@pytest.fixture
def helping(live_school: School) -> School:
    Enrolment.objects.create(course=live_school.course, user=live_school.charlie, role=Role.ASSISTANT)
    return live_school


def test_an_assistant_sees_everything(helping: School) -> None:
    client, key = helping.client("charlie"), helping.course.key
    for name, arguments in {
        "course": [key], "people": [key], "course-settings": [key], "trail": [key], "video": [helping.film.key],
        "student": [key, helping.bob.key], "student-terms": [key, helping.bob.key],
        "explain": [helping.film.key, helping.bob.key],
    }.items():  # fmt: skip
        page(client, name, *arguments)


def test_an_assistant_changes_nothing_but_which_students_are_enrolled(helping: School) -> None:
    client, key, bob = helping.client("charlie"), helping.course.key, helping.bob.key
    refused = {
        "course-settings": [key], "due-dates": [key], "archive-course": [key], "restore-course": [key],
        "copy-course": [key], "add-video": [key], "change-role": [key, helping.charlie.key],
        "student-terms": [key, bob], "override": [key, bob],
        "withdraw-override": [key, bob, helping.film.key], "unenrol": [key, helping.alice.key],
    }  # fmt: skip
    sent = {
        name: client.post(reverse(name, args=arguments), {"role": "teacher"}).status_code
        for name, arguments in refused.items()
    }
    assert sent == dict.fromkeys(refused, 403)
    for name in ("people", "invite"):
        form = {"who": "olga", "role": "teacher"}
        assert client.post(reverse(name, args=[key]), form).status_code == 400
    assert client.post(reverse("people", args=[key]), {"who": "olga", "role": "student"}).status_code == 302
    assert client.post(reverse("unenrol", args=[key, helping.olga.key])).status_code == 302


def test_a_changed_role_ends_what_was_opened_in_the_old_one(helping: School) -> None:
    told = opened(helping.client("charlie"), helping.film)
    address = reverse("change-role", args=[helping.course.key, helping.charlie.key])
    assert helping.client("alice").post(address, {"role": "student"}).status_code == 302
    assert Playback.objects.get(key=told["playback"]).closed_at is not None
    own = reverse("change-role", args=[helping.course.key, helping.alice.key])
    assert helping.client("alice").post(own, {"role": "student"}).status_code == 409


# --- the end of a term


def test_an_archived_course_is_read_only_and_comes_back(live_school: School) -> None:
    alice, bob, key = live_school.client("alice"), live_school.client("bob"), live_school.course.key
    told = opened(bob, live_school.film)
    assert alice.post(reverse("archive-course", args=[key])).status_code == 302
    assert Playback.objects.get(key=told["playback"]).closed_reason == "revoked"
    refused = bob.post("/v1/playbacks", {"video": live_school.film.key}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "course_archived")
    for name in ("course-settings", "people", "due-dates", "invite", "bring-list"):
        assert alice.post(reverse(name, args=[key]), RULES).status_code == 409
    assert "This course is over" in page(bob, "watch", live_school.film.key)
    assert "Your courses" not in page(bob, "home")
    assert alice.post(reverse("restore-course", args=[key])).status_code == 302
    opened(bob, live_school.film)


def test_a_copy_has_the_same_videos_and_nobodys_progress(live_school: School, clock: HandClock) -> None:
    watch(opened(live_school.client("bob"), live_school.film), clock, [(0, 30_000)])
    Video.objects.filter(pk=live_school.film.pk).update(due_at=NOW)
    agree(live_school.client("alice"), live_school, max_rate="1000")
    address = reverse("copy-course", args=[live_school.course.key])
    assert live_school.client("alice").post(address, {"title": "Film basics 2", "weeks_later": "2"}).status_code == 302
    copy = Course.objects.get(title="Film basics 2")
    assert copy.key != live_school.course.key
    assert [video.file or video.url for video in copy.videos.all()] == [live_school.film.file, live_school.link.url]
    assert not {video.key for video in copy.videos.all()} & {live_school.film.key, live_school.link.key}
    first = copy.videos.get(position=1)
    assert first.due_at == NOW + timedelta(weeks=2)
    assert [(place.user, place.role) for place in copy.enrolments.all()] == [(live_school.alice, Role.TEACHER)]
    assert not copy.accommodations.exists()
    assert live_school.course.videos.count() == 2


def test_whoever_teaches_makes_courses(live_school: School) -> None:
    answer = live_school.client("alice").post(reverse("new-course"), RULES | {"title": "Brand new"})
    assert answer.status_code == 302
    course = Course.objects.get(title="Brand new")
    assert course.enrolments.get().user == live_school.alice


def test_the_help_page_is_led_to_from_the_watch_page(live_school: School) -> None:
    html = page(live_school.client("bob"), "watch", live_school.film.key)
    assert html.count(reverse("help-tracking")) == 2
    assert "POST https://testserver/v1/batches" in page(Browser(), "help-tracking")
