"""Other people's analytics clients, unmodified: what is taken, from whom, where it shows; nothing is earned by it."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from playhead.core import limits
from playhead.lms.models import UnverifiedEvent
from playhead.recorder import integrations
from playhead.recorder.models import Journal, Progress
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(databases=["default", "tracking"])

SAMPLE = "http://localhost:3000"
FORM = "application/x-www-form-urlencoded;charset=UTF-8"
# As the sample's page sends them.
BEACONS = ["event=percentsplayed&percent=50", "event=ended", "event=waiting", "event=seeking"]
QUEUED = {
    "eventName": "percentsplayed",
    "eventData": {"percent": 75},
    "timestamp": "2026-11-21T06:00:00.000Z",
    "sessionId": "session_1700000000000_abc",
    "url": "http://localhost:3000/watch",
    "userAgent": "Mozilla/5.0",
}


@pytest.fixture
def joined(live_school: School) -> School:
    integrations.create("The sample", origins=(SAMPLE,), organisation_id=live_school.course.organisation_id)
    return live_school


def post(body: str, content_type: str, *, path: str = "/api/analytics", origin: str = SAMPLE) -> HttpResponse:
    answer: Any = Client(enforce_csrf_checks=True).post(
        path, body, content_type=content_type, headers={"Origin": origin}
    )
    return answer  # type: ignore[no-any-return]


def test_forms_and_json_one_and_many_are_taken_as_they_come(joined: School) -> None:
    answers = [post(beacon, FORM) for beacon in BEACONS]
    answers.append(post(json.dumps(QUEUED), "application/json"))
    answers.append(post(json.dumps([QUEUED, QUEUED]), "application/json", path="/api/analytics/batch"))
    answers.append(post(json.dumps({"events": [QUEUED]}), "application/json", path="/api/analytics/batch"))
    assert [answer.status_code for answer in answers] == [200] * 7
    assert json.loads(answers[-2].content) == {"success": True, "stored": 2}
    kept = UnverifiedEvent.objects.all()
    assert [one.percent for one in kept] == [50, None, None, None, 75, 75, 75, 75]
    assert [one.name for one in kept][:4] == ["percentsplayed", "ended", "waiting", "seeking"]
    assert {one.session for one in kept} == {"", "session_1700000000000_abc"}
    assert all(one.integration.startswith("i_") for one in kept)


def test_the_page_may_read_the_answer_and_ask_before(joined: School) -> None:
    asked = Client().options("/api/analytics", headers={"Origin": SAMPLE, "Access-Control-Request-Method": "POST"})
    for answer in (asked, post("event=ended", FORM), post("{", "application/json")):
        assert answer["Access-Control-Allow-Origin"] == SAMPLE
    assert asked["Access-Control-Allow-Headers"] == "Content-Type"
    assert UnverifiedEvent.objects.count() == 1


def test_nothing_is_earned_by_it(joined: School) -> None:
    for percent in range(0, 101, 5):
        post(f"event=percentsplayed&percent={percent}", FORM)
    assert UnverifiedEvent.objects.count() == 21
    assert not Progress.objects.exists()
    assert not Journal.objects.exists()


@pytest.mark.parametrize("origin", ["", "https://elsewhere.example"])
def test_pages_of_nobodys_are_turned_away_until_the_site_says_otherwise(
    joined: School, settings: Any, origin: str
) -> None:
    assert post("event=ended", FORM, origin=origin).status_code == 403
    settings.PLAYHEAD_UNVERIFIED_EVENTS = True
    assert post("event=ended", FORM, origin=origin).status_code == 200
    assert UnverifiedEvent.objects.get().integration == ""


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", FORM),
        ("percent=50", FORM),
        (f"event={'x' * 65}", FORM),
        (f"event=e&more={'x' * 5_000}", FORM),
        ("event=e&more=" + "x" * limits.BODY_BYTES, FORM),
        ("[]", "application/json"),
        ("3", "application/json"),
        ("[3]", "application/json"),
        ("\xff", "application/json"),
        (json.dumps([QUEUED] * (limits.EVENTS_PER_BATCH + 1)), "application/json"),
    ],
    ids=lambda given: str(given)[:30],
)
def test_what_is_no_event_is_refused(joined: School, body: str, content_type: str) -> None:
    assert post(body, content_type).status_code == 400
    assert not UnverifiedEvent.objects.exists()


def test_no_more_is_taken_than_a_day_holds(joined: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNVERIFIED_EVENTS_A_DAY", 2)
    assert [post("event=ended", FORM).status_code for _ in range(3)] == [200, 200, 429]


def test_the_admins_page_shows_events_by_name_and_percents_in_twenty_bins(joined: School) -> None:
    empty = joined.client("ada").get(reverse("unverified")).content.decode()
    assert "No page has told anything yet" in empty
    for percent in (0, 4, 5, 50, 99, 100):
        post(f"event=percentsplayed&percent={percent}", FORM)
    post("event=ended", FORM)
    html = joined.client("ada").get(reverse("unverified")).content.decode()
    for row in (("percentsplayed", "6", "85 %"), ("ended", "1", "14 %")):
        cells = "".join(f'<td class="number">{cell}</td>' for cell in row[1:])
        assert f'<tr><th scope="row">{row[0]}</th>{cells}</tr>' in html
    for share, times in (("0–5 %", 2), ("5–10 %", 1), ("50–55 %", 1), ("95–100 %", 2), ("10–15 %", 0)):
        assert f'<tr><th scope="row">{share}</th><td class="number">{times}</td></tr>' in html
