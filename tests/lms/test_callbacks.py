"""The callbacks pages, from the first endpoint to a message that is sent again; and the door for Kollus's callbacks."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from playhead.callbacks import endpoints, sending
from playhead.callbacks.models import Attempt, Delivery, Endpoint
from playhead.core.errors import Forbidden
from playhead.core.sections import Sections
from playhead.lms import library
from playhead.lms.api.kollus import address_of
from playhead.lms.callback_doctor import callbacks
from playhead.lms.callback_words import OUTCOMES, STEPS, outcome, steps
from playhead.lms.enrolling import unenrol
from playhead.lms.invitations import enrol
from playhead.lms.models import Role, Video
from playhead.lms.opening import open_for
from playhead.media.models import Asset, State
from playhead.recorder import integrations, service
from playhead.recorder.doctor import Level
from playhead.recorder.models import Outbox, Progress
from playhead.recorder.recorder import Recorder
from tests.callbacks.agreed import check_agreed
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
FORM = {"name": "LMS", "url": "https://lms.example/hook", "integration": "", "format": "standard"}


@pytest.fixture
def endpoint(school: School) -> Endpoint:
    return endpoints.add(organisation_id=school.ada.organisation_id, name="LMS", url=FORM["url"], now_ms=1)[0]


def a_message(endpoint: Endpoint, *outcomes: str, state: str = "failed") -> Delivery:
    body = json.dumps({"type": "video.completed", "data": {}}).encode()
    made = Delivery.objects.create(
        endpoint=endpoint,
        message_id="msg_1",
        type="video.completed",
        viewer="u",
        created_at=1_788_249_600_000,
        body=body,
        state=state,
        tries=len(outcomes),
        next_at=5,
    )
    for at, code in enumerate(outcomes):
        Attempt.objects.create(delivery=made, at=at, took_ms=7, outcome=code, said="said this")
    return made


def test_an_endpoint_is_made_and_its_secret_shown_once(school: School) -> None:
    client = school.client("ada")
    answer = client.post(reverse("callbacks"), FORM)
    made = Endpoint.objects.get()
    [secret] = re.findall(r"whsec_[\w+/=]+", answer.content.decode())
    assert endpoints.signing_secrets(made, now_ms=2) == [secret]
    assert secret not in json.dumps(made.secrets), "kept as it is"
    assert secret not in client.get(reverse("endpoint", args=[made.key])).content.decode()


@pytest.mark.parametrize(
    "url", ["http://lms.example/", "https://127.0.0.1/", "https://10.0.0.1/", "https://lms.example:22/"]
)
def test_an_address_callbacks_do_not_go_to_is_refused_with_the_reason(school: School, url: str) -> None:
    answer = school.client("ada").post(reverse("callbacks"), {**FORM, "url": url})
    assert answer.status_code == 400
    assert "field-error" in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_a_new_secret_signs_beside_the_old_one(school: School, endpoint: Endpoint) -> None:
    school.client("ada").post(reverse("endpoint-do", args=[endpoint.key, "secret"]))
    endpoint.refresh_from_db()
    now = endpoint.secrets[0]["created_at"]
    assert len(endpoints.signing_secrets(endpoint, now_ms=now)) == 2
    assert len(endpoints.signing_secrets(endpoint, now_ms=now + 8 * 24 * 3_600_000)) == 1


def test_a_message_says_how_far_it_came_and_what_to_do(school: School, endpoint: Endpoint) -> None:
    made = a_message(endpoint, sending.NO_NAME, sending.NO_WAY)
    body = school.client("ada").get(reverse("callback-message", args=[endpoint.key, made.pk])).content.decode()
    assert "firewall" in body
    assert body.count("said this") == 2
    assert body.count("way-ok") == 2
    assert body.count("way-bad") == 1


def test_one_a_range_and_all_that_were_given_up_are_sent_again(school: School, endpoint: Endpoint) -> None:
    client, made = school.client("ada"), a_message(endpoint, sending.BUSY)

    def state() -> str:
        made.refresh_from_db()
        return made.state

    for address, sent in (
        (reverse("resend-message", args=[endpoint.key, made.pk]), {}),
        (reverse("endpoint-do", args=[endpoint.key, "resend-failed"]), {}),
        (reverse("resend-range", args=[endpoint.key]), {"first": "2026-08-01T00:00", "last": "2026-10-01T00:00"}),
    ):
        Delivery.objects.update(state="failed")
        client.post(address, sent)
        assert state() == "waiting"
    Delivery.objects.update(state="failed")
    client.post(reverse("resend-range", args=[endpoint.key]), {"first": "2027-08-01T00:00", "last": "2027-10-01T00:00"})
    assert state() == "failed"


def test_off_on_and_away(school: School, endpoint: Endpoint) -> None:
    client = school.client("ada")
    for what, active in (("off", False), ("on", True)):
        client.post(reverse("endpoint-do", args=[endpoint.key, what]))
        endpoint.refresh_from_db()
        assert endpoint.active is active
    assert client.post(reverse("endpoint-do", args=[endpoint.key, "dance"])).status_code == 404
    client.post(reverse("endpoint-do", args=[endpoint.key, "remove"]))
    assert not Endpoint.objects.exists()


def test_another_school_s_endpoint_is_not_there(school: School, endpoint: Endpoint) -> None:
    Endpoint.objects.update(organisation_id=77)
    assert school.client("ada").get(reverse("endpoint", args=[endpoint.key])).status_code == 404


def test_every_outcome_has_words_and_a_step_at_which_it_broke() -> None:
    assert set(OUTCOMES) == set(sending.OUTCOMES)
    assert {OUTCOMES[code].broke_at for code in OUTCOMES if code != sending.OK} == set(STEPS)
    assert [step.state for step in steps(sending.BAD_TLS)] == ["ok", "ok", "ok", "bad", "unknown", "unknown"]
    assert outcome("never heard of").broke_at == ""


FORM_TYPE = "application/x-www-form-urlencoded"


def snapshot(*, user: str = "k1", media: str, sessions: list[dict[str, int]]) -> dict[str, Any]:
    return {
        "user_info": {"client_user_id": user},
        "content_info": {"duration": 100, "media_content_key": media, "start_at": 1_700_000_000},
        "block_info": {"block_count": 0, "blocks": {}, "sessions": sessions},
    }


def told(*, media: str, sessions: list[dict[str, int]]) -> bytes:
    return urlencode({"json_data": json.dumps(snapshot(media=media, sessions=sessions))}).encode()


def test_kollus_s_snapshots_are_merged_as_imported_and_never_added(live_school: School, recorder: Recorder) -> None:
    from playhead.lms import grants

    school = live_school
    joined = integrations.create("Kollus", organisation_id=school.ada.organisation_id, kind="kollus")
    grants.give_course(joined, school.course)
    Video.objects.filter(pk=school.film.pk).update(alias="mck-1")
    address, client = address_of(joined), school.client("anonymous")
    first = {"block": 0, "start_time": 0, "play_time": 10}
    second = {"block": 0, "start_time": 50, "play_time": 10}
    for number, sessions in enumerate(([first], [first], [first, second], [first])):
        if number % 2:
            answer = client.post(address, snapshot(media="mck-1", sessions=sessions), content_type="application/json")
        else:
            answer = client.post(address, told(media="mck-1", sessions=sessions), content_type=FORM_TYPE)
        assert answer.status_code == 200
    progress = Progress.objects.get()
    assert Sections.unpack(bytes(progress.imported)).pairs() == [(0, 10_000), (50_000, 60_000)]
    assert (progress.imported_watched_ms, progress.covered_ms, progress.evidence) == (20_000, 0, "imported")


def test_kollus_s_door_opens_to_nobody_else(live_school: School, recorder: Recorder) -> None:
    joined = integrations.create("Kollus", organisation_id=live_school.ada.organisation_id, kind="kollus")
    address, client = address_of(joined), live_school.client("anonymous")
    body = told(media="mck-1", sessions=[])
    kind = FORM_TYPE
    assert client.post(address[:-3] + "abc", body, content_type=kind).status_code == 403
    assert client.post(address, body, content_type=kind).status_code == 404  # no course was given to it
    assert client.post(address, b"\xff\xfe", content_type=kind).status_code == 400
    assert client.post(address, b"x" * 70_000, content_type=kind).status_code == 413


def test_the_doctor_says_what_is_wrong_with_callbacks(school: School) -> None:
    assert [finding.level for finding in callbacks()] == [Level.OK]
    made = endpoints.add(organisation_id=1, name="LMS", url=FORM["url"], now_ms=1)[0]
    assert [finding.level for finding in callbacks()] == [Level.OK]
    a_message(made, state="waiting")
    [unsent] = callbacks()
    assert (unsent.level, "playhead worker" in unsent.remedy) == (Level.PROBLEM, True)
    Delivery.objects.all().delete()
    Endpoint.objects.update(failing_since=5)
    assert [finding.level for finding in callbacks()] == [Level.WARNING]
    endpoints.switch_off(made, now_ms=7, reason=endpoints.GONE)
    assert [finding.level for finding in callbacks()] == [Level.PROBLEM]


@pytest.fixture
def heard(live_school: School) -> Iterator[None]:
    """Somebody listens."""
    with endpoints.listening():
        endpoints.add(organisation_id=live_school.ada.organisation_id, name="LMS", url=FORM["url"], now_ms=1)
        yield


def outbox() -> list[tuple[str, dict[str, Any]]]:
    bodies = [json.loads(bytes(row.body)) for row in Outbox.objects.order_by("id")]
    for body in bodies:
        check_agreed(body)
    return [(body["type"], body["data"]) for body in bodies]


def test_who_comes_into_a_course_and_who_leaves_it_is_told(live_school: School, heard: None) -> None:
    school = live_school
    enrol(school.course, school.charlie, Role.STUDENT, by=school.alice)
    enrol(school.course, school.charlie, Role.STUDENT, by=school.alice)
    unenrol(school.course.enrolments.get(user=school.charlie), by=school.alice)
    assert [type for type, _data in outbox()] == ["enrolment.created", "enrolment.ended"]
    for _type, data in outbox():
        assert (data["viewer"]["key"], data["course"]) == (school.charlie.key, school.course.key)


def test_what_becomes_of_an_upload_is_told(live_school: School, heard: None) -> None:
    course = live_school.course
    asset = Asset.objects.create(
        organisation_id=course.organisation_id, shelf=course.key, title="Waves", name="waves.mp4", size_bytes=1
    )
    for state in (State.FAILED, State.READY, State.DELETED):
        asset.state = state
        library.packaged(asset)
    (failed, about), (ready, _), (deleted, last) = outbox()
    assert [failed, ready, deleted] == ["content.failed", "content.ready", "content.deleted"]
    assert (about["video"], last["course"], last["asset"]) == (None, course.key, asset.key)
    assert Video.objects.filter(key=last["video"], asset=asset).exists()


def test_an_opening_that_the_rules_refuse_is_told_and_stays_refused(
    live_school: School, heard: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_asked: object) -> None:
        raise Forbidden("no_plays_left", "You have watched this video as often as it may be watched.")

    monkeypatch.setattr(service, "open_playback", refuse)
    with pytest.raises(Forbidden):
        open_for(live_school.bob, live_school.film.key, session=None)
    [(type, data)] = outbox()
    assert (type, data["reason"], data["video"]) == ("playback.refused", "no_plays_left", live_school.film.key)
