"""Enrolling and unenrolling, and that whoever may no longer watch stops earning at once."""

import pytest
from django.test import Client
from django.urls import reverse

from playhead.core.errors import PlayheadError, Unavailable
from playhead.lms.models import Enrolment, Organisation, Role, User
from playhead.recorder import service
from playhead.recorder.models import Playback
from tests.lms.conftest import School
from tests.lms.watching import watch
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def enrol(client: Client, school: School, who: str, role: str = "student") -> str:
    answer = client.post(reverse("people", args=[school.course.key]), {"who": who, "role": role}, follow=True)
    return answer.content.decode()


def unenrol(client: Client, school: School, user: User) -> int:
    address = reverse("unenrol", args=[school.course.key, user.key])
    return int(client.post(address).status_code)


def opened(client: Client, school: School) -> dict[str, str]:
    answer = client.post("/v1/playbacks", {"video": school.film.key}, content_type="application/json")
    told: dict[str, str] = answer.json()
    return told


@pytest.mark.parametrize("typed", ["charlie", "CHARLIE", " charlie ", "Charlie@School.example"])
def test_a_person_is_enrolled_by_name_or_mail(live_school: School, typed: str) -> None:
    assert "Charlie Chen is enrolled." in enrol(live_school.client("alice"), live_school, typed)
    assert live_school.client("charlie").get(reverse("watch", args=[live_school.film.key])).status_code == 200


def test_a_teacher_can_be_added(live_school: School) -> None:
    enrol(live_school.client("alice"), live_school, "olga", "teacher")
    assert live_school.client("olga").get(reverse("video", args=[live_school.film.key])).status_code == 200


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("nobody", "Nobody here has the username or e-mail address “nobody”."),
        ("char", "Nobody here has"),
        ("%", "Nobody here has"),
        ("bob", "Bob Brown is enrolled already."),
        ("", "This field is required."),
    ],
)
def test_who_cannot_be_enrolled_and_why(live_school: School, typed: str, told: str) -> None:
    assert told in enrol(live_school.client("alice"), live_school, typed)
    assert Enrolment.objects.filter(course=live_school.course).count() == 2


def test_a_role_that_is_not_there(live_school: School) -> None:
    assert "Select a valid choice" in enrol(live_school.client("alice"), live_school, "charlie", "admin")


def test_people_of_another_organisation_and_closed_accounts_are_not_found(live_school: School) -> None:
    live_school.charlie.organisation = Organisation.objects.create(name="Elsewhere")
    live_school.charlie.save()
    live_school.olga.is_active = False
    live_school.olga.save()
    for typed in ("charlie", "olga"):
        assert "Nobody here has" in enrol(live_school.client("alice"), live_school, typed)


def test_unenrolling_closes_what_is_being_watched(live_school: School, clock: HandClock) -> None:
    told = opened(live_school.client("bob"), live_school)
    assert unenrol(live_school.client("alice"), live_school, live_school.bob) == 302
    assert Playback.objects.get(key=told["playback"]).closed_reason == "unenrolled"
    assert live_school.client("bob").get(reverse("watch", args=[live_school.film.key])).status_code == 403
    with pytest.raises(PlayheadError, match="playback_closed"):
        watch(told, clock, [(0, 10_000)])


def test_other_courses_go_on(live_school: School) -> None:
    Enrolment.objects.create(course=live_school.other, user=live_school.bob)
    live_school.link.course = live_school.other
    live_school.link.save()
    client = live_school.client("bob")
    kept = client.post("/v1/playbacks", {"video": live_school.link.key}, content_type="application/json").json()
    unenrol(live_school.client("alice"), live_school, live_school.bob)
    assert Playback.objects.get(key=kept["playback"]).closed_at is None


def test_what_was_watched_is_kept(live_school: School, clock: HandClock) -> None:
    alice = live_school.client("alice")
    watch(opened(live_school.client("bob"), live_school), clock, [(0, 30_000)])
    unenrol(alice, live_school, live_school.bob)
    enrol(alice, live_school, "bob")
    assert "50 %" in alice.get(reverse("video", args=[live_school.film.key])).content.decode()


def test_it_may_be_sent_again_when_the_recorder_was_away(live_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    told = opened(live_school.client("bob"), live_school)
    alice = live_school.client("alice")
    with monkeypatch.context() as patch:

        def away(**_which: str) -> int:
            raise Unavailable("stopping", retry_after_s=2)

        patch.setattr(service, "close_playbacks", away)
        assert unenrol(alice, live_school, live_school.bob) == 503
    assert not Enrolment.objects.filter(user=live_school.bob).exists()
    assert unenrol(alice, live_school, live_school.bob) == 302
    assert Playback.objects.get(key=told["playback"]).closed_reason == "unenrolled"


def test_a_course_keeps_a_teacher(live_school: School) -> None:
    alice = live_school.client("alice")
    assert unenrol(alice, live_school, live_school.alice) == 409
    enrol(alice, live_school, "olga", "teacher")
    assert unenrol(alice, live_school, live_school.alice) == 302
    assert Enrolment.objects.get(course=live_school.course, role=Role.TEACHER).user == live_school.olga


def test_nobody_is_nobody(live_school: School) -> None:
    address = reverse("unenrol", args=[live_school.course.key, "u_nobody"])
    assert live_school.client("alice").post(address).status_code == 404


# --- the other ways out


def test_switching_an_account_off_closes_what_it_is_watching(live_school: School) -> None:
    told = opened(live_school.client("bob"), live_school)
    form = {"username": "bob", "name": "Bob Brown", "email": "", "organisation": live_school.bob.organisation.pk}
    answer = live_school.client("ada").post(f"/admin/lms/user/{live_school.bob.pk}/change/", form)
    assert answer.status_code == 302, answer.content.decode()
    live_school.bob.refresh_from_db()
    assert not live_school.bob.is_active
    assert Playback.objects.get(key=told["playback"]).closed_reason == "disabled"


def test_deleting_an_account_closes_what_it_is_watching(live_school: School) -> None:
    told = opened(live_school.client("bob"), live_school)
    live_school.bob.delete()
    assert Playback.objects.get(key=told["playback"]).closed_at is not None


def test_deleting_a_course_closes_what_is_watched_in_it(live_school: School) -> None:
    told = opened(live_school.client("bob"), live_school)
    live_school.course.delete()
    assert Playback.objects.get(key=told["playback"]).closed_reason == "unenrolled"
