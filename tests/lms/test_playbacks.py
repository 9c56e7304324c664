"""`POST /v1/playbacks` and the renewal of tickets."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from playhead.core.tickets import verify
from playhead.lms.models import Enrolment
from playhead.recorder import service
from playhead.recorder.models import Playback
from tests.lms.conftest import MEDIA_NAME, MEDIA_URL, School
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

OPEN = "/v1/playbacks"


def opened(client: Client, key: str) -> Any:
    return client.post(OPEN, {"video": key}, content_type="application/json")


def renewed(client: Client, playback: str, ticket: str) -> Any:
    return client.post(f"{OPEN}/{playback}/ticket", ticket, content_type="text/plain")


def test_an_opening_holds_all_that_a_player_needs(live_school: School, clock: HandClock) -> None:
    live_school.course.no_skip = True
    live_school.course.max_rate = 1500
    live_school.course.save()
    answer = opened(live_school.client("bob"), live_school.film.key)
    told = answer.json()
    ticket = told.pop("ticket")
    playback = told.pop("playback")
    held = verify(ticket, keys=service.ticket_keys(), now_s=clock.now_ms() // 1000)
    assert (held.viewer, held.video, held.playback) == (live_school.bob.key, live_school.film.key, playback)
    assert answer.status_code == 201
    assert told == {
        "expires_at_s": held.expires_at_s,
        "opened_at": clock.now_ms(),
        "server_time": clock.now_ms(),
        "video": {"key": live_school.film.key, "title": "The first film", "duration_ms": 60_000},
        "media": {"src": f"/media/{ticket}/{MEDIA_NAME}", "type": "video/mp4"},
        "policy": {
            "max_rate": 1500,
            "threshold_percent": 95,
            "no_skip": True,
            "part": None,
            "seeking": "free",
            "rates": None,
            "watermark": False,
        },
        "viewer": {"name": "Bob Brown", "id": "bob"},
        "resume_ms": 0,
        "coverage": [],
        "again": [],
        "refused": [],
        "refusals": {},
        "progress": 0,
        "covered_ms": 0,
        "watched_ms": 0,
        "counted_ms": 0,
        "needed_ms": 56_050,
        "completed": False,
        "evidence": "",
    }


def test_a_video_elsewhere_comes_from_its_own_address(live_school: School) -> None:
    told = opened(live_school.client("bob"), live_school.link.key).json()
    assert told["media"]["src"] == MEDIA_URL
    assert told["progress"] is None
    assert told["needed_ms"] is None


def test_a_playback_remembers_its_session_by_hash_only(live_school: School) -> None:
    client = live_school.client("bob")
    playback = opened(client, live_school.film.key).json()["playback"]
    kept = Playback.objects.get(key=playback)
    assert kept.session == service.session_hash(client.session.session_key)
    assert str(kept.session) not in str(client.session.session_key)
    assert kept.organisation_id == live_school.bob.organisation_id


def test_names_that_need_quoting(live_school: School) -> None:
    live_school.film.file = "été 1?#.mp4"
    live_school.film.save()
    src = opened(live_school.client("bob"), live_school.film.key).json()["media"]["src"]
    assert src.endswith("/%C3%A9t%C3%A9%201%3F%23.mp4")


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ("{}", "application/json", "malformed"),
        ('{"video": 7}', "application/json", "malformed"),
        ('{"video": "v", "percent": 100}', "application/json", "malformed"),
        ("[]", "application/json", "malformed"),
        ("video=v", "application/json", "malformed"),
        ('{"video": "\\ud800"}', "application/json", "malformed"),
        ('{"video": "v"}', "text/plain", "content_type"),
        ("video=v", "application/x-www-form-urlencoded", "content_type"),
    ],
)
def test_what_makes_no_sense_is_a_problem_document(live_school: School, body: str, kind: str, code: str) -> None:
    answer = live_school.client("bob").post(OPEN, body, content_type=kind)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert not Playback.objects.exists()


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [("anonymous", 401, "not_logged_in"), ("charlie", 403, "not_enrolled"), ("olga", 403, "not_enrolled")],
)
def test_refusals_tell_nothing_of_the_video(live_school: School, who: str, status: int, code: str) -> None:
    answer = opened(live_school.client(who), live_school.film.key)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert MEDIA_NAME not in answer.content.decode()
    assert "film" not in answer.content.decode().lower()
    assert not Playback.objects.exists()


def test_a_video_that_is_not_there(live_school: School) -> None:
    assert opened(live_school.client("bob"), "v_nothing").json()["code"] == "no_such_video"


def test_another_site_cannot_open_one(live_school: School) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = live_school.client("bob").cookies
    answer = opened(strict, live_school.film.key)
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf"


def test_opening_again_goes_on_where_one_stopped(live_school: School, clock: HandClock) -> None:
    client = live_school.client("bob")
    first = opened(client, live_school.film.key).json()
    from tests.lms.watching import watch

    watch(first, clock, [(0, 20_000), (30_000, 40_000)])
    second = opened(client, live_school.film.key).json()
    assert second["coverage"] == [[0, 20_000], [30_000, 40_000]]
    assert second["resume_ms"] == 40_000
    assert second["progress"] == 50


@pytest.mark.parametrize(("source", "inferred"), [("youtube", True), ("kollus", True), ("vimeo", False)])
def test_where_a_player_tells_no_seeks_the_terms_say_so(live_school: School, source: str, inferred: bool) -> None:
    live_school.film.source, live_school.film.url, live_school.film.file = source, "https://x.example/1", ""
    live_school.film.save()
    told = opened(live_school.client("bob"), live_school.film.key).json()
    assert Playback.objects.get(key=told["playback"]).positions_inferred is inferred


# --- renewal


def test_a_ticket_is_renewed_while_one_may_watch(live_school: School, clock: HandClock) -> None:
    client = live_school.client("bob")
    told = opened(client, live_school.film.key).json()
    clock.forward(6 * 3600 * 1000)
    answer = renewed(client, told["playback"], told["ticket"])
    assert answer.status_code == 200
    assert answer.json()["expires_at_s"] == told["expires_at_s"] + 6 * 3600
    held = verify(answer.json()["ticket"], keys=service.ticket_keys(), now_s=clock.now_ms() // 1000)
    assert held.playback == told["playback"]


def test_a_renewal_needs_no_token_because_it_carries_a_ticket(live_school: School) -> None:
    client = live_school.client("bob")
    told = opened(client, live_school.film.key).json()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert renewed(strict, told["playback"], told["ticket"]).status_code == 200


def test_an_expired_ticket_is_not_renewed(live_school: School, clock: HandClock) -> None:
    client = live_school.client("bob")
    told = opened(client, live_school.film.key).json()
    clock.forward(13 * 3600 * 1000)
    assert renewed(client, told["playback"], told["ticket"]).json()["code"] == "ticket_expired"


def test_another_session_cannot_renew_it_even_with_the_ticket(live_school: School) -> None:
    told = opened(live_school.client("bob"), live_school.film.key).json()
    for who in ("bob", "charlie", "alice"):
        answer = renewed(live_school.client(who), told["playback"], told["ticket"])
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_playback")


def test_a_ticket_of_another_playback_renews_nothing(live_school: School) -> None:
    client = live_school.client("bob")
    first, second = (opened(client, live_school.film.key).json() for _ in range(2))
    answer = renewed(client, first["playback"], second["ticket"])
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_playback")


def test_who_is_no_longer_enrolled_gets_no_new_ticket(live_school: School) -> None:
    client = live_school.client("bob")
    told = opened(client, live_school.film.key).json()
    Enrolment.objects.filter(user=live_school.bob).delete()
    assert renewed(client, told["playback"], told["ticket"]).status_code == 403


@pytest.mark.parametrize("body", ["", "x.y.z", "é", "a" * 5000])
def test_whatever_is_sent_only_our_errors_come_back(live_school: School, body: str) -> None:
    client = live_school.client("bob")
    told = opened(client, live_school.film.key).json()
    answer = renewed(client, told["playback"], body)
    assert answer.status_code in {400, 401, 413}
    assert answer["Content-Type"] == "application/problem+json"


def test_without_a_recorder_it_says_when_to_come_back(db: None, password_hash: str) -> None:
    from tests.lms.conftest import make_school

    school = make_school(password_hash)
    answer = opened(school.client("bob"), school.film.key)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_an_unenrolment_that_comes_in_between_leaves_nothing_open(
    live_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The teacher's click lands after the check and before the opening."""
    really_open = service.open_playback

    def slow(**terms: Any) -> service.Opening:
        Enrolment.objects.filter(user=live_school.bob).delete()
        return really_open(**terms)

    monkeypatch.setattr(service, "open_playback", slow)
    assert opened(live_school.client("bob"), live_school.film.key).status_code == 403
    assert Playback.objects.get().closed_reason == "unenrolled"


def test_only_posts(live_school: School) -> None:
    client = live_school.client("bob")
    assert client.get(OPEN).status_code == 405
    assert client.get(reverse("renew-ticket", args=["p_1"])).status_code == 405
