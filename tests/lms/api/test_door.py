"""What is the same for every operation: keys, scopes, rates, errors, ETags, sending again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from playhead.lms import api_keys
from playhead.lms.api import rate
from playhead.lms.models import ApiKey, Course, KeptAnswer
from playhead.recorder import integrations
from tests.lms.api.conftest import Program, program
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

AT_ONCE = 6


def together(work: Any, times: int = AT_ONCE) -> list[Any]:
    """The same done by several threads at once, each with connections of its own."""

    def one(number: int) -> Any:
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


# --- keys and scopes


def test_a_key_says_what_it_is_good_for(theirs: Program) -> None:
    told = theirs.get("/key").json()
    assert told["name"] == "Their LMS"
    assert told["scopes"] == sorted(api_keys.SCOPES)
    assert told["whole_school"] is False


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ph_wrong", "Basic eDp5", "Bearer é", "Bearer a b"])
def test_without_a_good_key_nothing_is_told(theirs: Program, header: str) -> None:
    answer = Client().get("/api/v1/courses", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "key_invalid"


def test_a_login_opens_no_api(live_school: School, theirs: Program) -> None:
    assert live_school.client("ada").get("/api/v1/courses").status_code == 401


def test_only_a_hash_of_a_key_is_kept(theirs: Program) -> None:
    kept = ApiKey.objects.values().get()
    assert theirs.token not in repr(kept)
    assert theirs.token.startswith(kept["hint"])


def test_a_revoked_key_opens_nothing_from_then_on(theirs: Program) -> None:
    api_keys.revoke_key(ApiKey.objects.get())
    assert theirs.get("/key").status_code == 401


def test_two_keys_are_good_while_one_takes_the_others_place(theirs: Program) -> None:
    old = ApiKey.objects.get()
    _new, token = api_keys.replace_key(old, overlap=timedelta(hours=1))
    assert theirs.get("/key").status_code == 200
    assert Program(theirs.integration, token).get("/key").json() == theirs.get("/key").json()
    ApiKey.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    assert theirs.get("/key").status_code == 401
    assert Program(theirs.integration, token).get("/key").status_code == 200


def test_an_integration_that_is_off_is_told_so(theirs: Program) -> None:
    from dataclasses import replace

    integrations.save(replace(theirs.integration, active=False))
    assert theirs.get("/key").json()["code"] == "integration_off"


def test_a_key_does_what_its_scopes_say_and_no_more(live_school: School) -> None:
    reads = program(live_school, scopes=["courses:read"], courses=(live_school.course,))
    assert reads.get("/courses").status_code == 200
    refused = reads.post("/courses", {"title": "Mine"})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert reads.get("/progress?viewer=u_1").status_code == 403


def test_use_is_written_down(theirs: Program) -> None:
    theirs.get("/key")
    key = ApiKey.objects.get()
    assert key.last_used_at is not None
    assert key.requests == 1


# --- errors


def test_every_error_is_a_problem_document(theirs: Program) -> None:
    asked: list[tuple[str, str, Any, int, str]] = [
        ("GET", "/courses/c_none", None, 404, "no_such_course"),
        ("GET", "/nothing", None, 404, "not_found"),
        ("DELETE", "/courses", None, 405, "method"),
        ("POST", "/courses", {}, 400, "invalid"),
        ("POST", "/courses", {"title": "x", "more": 1}, 400, "invalid"),
        ("POST", "/courses", {"title": "  "}, 400, "invalid"),
        ("POST", "/courses", {"title": "a\0b"}, 400, "malformed"),
        ("GET", "/courses?limit=1000", None, 400, "invalid"),
        ("GET", "/courses?cursor=x", None, 400, "cursor"),
        ("GET", "/courses?cursor=WzFd%00", None, 400, "malformed"),
    ]
    for method, path, body, status, code in asked:
        answer = theirs.ask(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
        assert answer["Content-Type"] == "application/problem+json"


def test_a_body_must_be_json_and_said_to_be(theirs: Program) -> None:
    for body, kind in (
        (b"{", "application/json"),
        (b"{}", "text/plain"),
        (b'{"title": "\\ud800"}', "application/json"),
    ):
        answer = Client().post(
            "/api/v1/courses", body, content_type=kind, headers={"Authorization": f"Bearer {theirs.token}"}
        )
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"


# --- rates


def test_the_rate_headers_are_true(theirs: Program, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PLAYHEAD_API_RATE = 5
    now = [1000.0]
    monkeypatch.setattr(rate.rates, "_clock", lambda: now[0])
    for left in (4, 3, 2, 1, 0):
        answer = theirs.get("/key")
        assert answer["RateLimit"] == f'"key";r={left};t=60'
        assert answer["RateLimit-Policy"] == '"key";q=5;w=60'
        assert answer.status_code == 200
    now[0] += 50.5
    refused = theirs.get("/key")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
    assert refused["RateLimit"] == '"key";r=0;t=10'
    assert refused["Retry-After"] == "10"
    now[0] += 10
    assert theirs.get("/key")["RateLimit"] == '"key";r=4;t=60'
    assert ApiKey.objects.get().requests == 7


def test_one_key_does_not_use_up_anothers_rate(theirs: Program, whole: Program, settings: Any) -> None:
    settings.PLAYHEAD_API_RATE = 1
    assert [theirs.get("/key").status_code for _ in range(2)] == [200, 429]
    assert whole.get("/key").status_code == 200


def test_several_at_once_get_no_more_than_the_rate(theirs: Program, settings: Any) -> None:
    settings.PLAYHEAD_API_RATE = 4
    statuses = together(lambda _number: theirs.get("/key").status_code)
    assert sorted(statuses) == [200] * 4 + [429] * 2


# --- ETag


def test_what_is_known_is_not_sent_again(theirs: Program, live_school: School) -> None:
    path = f"/courses/{live_school.course.key}"
    tag = theirs.get(path)["ETag"]
    unchanged = theirs.get(path, If_None_Match=f'"other", W/{tag}')
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", tag)
    Course.objects.filter(pk=live_school.course.pk).update(title="Another title")
    changed = theirs.get(path, If_None_Match=tag)
    assert changed.status_code == 200
    assert changed["ETag"] != tag


def test_of_several_who_saw_the_same_one_wins(theirs: Program, live_school: School) -> None:
    path = f"/courses/{live_school.course.key}"
    tag = theirs.get(path)["ETag"]

    def change(number: int) -> int:
        return int(theirs.ask("PATCH", path, {"title": f"Title {number}"}, If_Match=tag).status_code)

    assert sorted(together(change)) == [200] + [412] * (AT_ONCE - 1)
    assert live_school.course.trail.filter(what="settings").count() == 1


def test_the_tag_of_a_change_is_that_of_the_next_reading(theirs: Program, live_school: School) -> None:
    path = f"/courses/{live_school.course.key}"
    changed = theirs.ask("PATCH", path, {"title": "New"}, If_Match="*")
    assert changed.status_code == 200
    assert changed["ETag"] == theirs.get(path)["ETag"]


def test_if_match_takes_no_scope_for_reading(live_school: School) -> None:
    writes = program(live_school, scopes=["courses:write"], courses=(live_school.course,))
    assert (
        writes.ask("PATCH", f"/courses/{live_school.course.key}", {"title": "New"}, If_Match='"x"').status_code == 412
    )


# --- Idempotency-Key


def test_sent_again_it_does_nothing_again(theirs: Program) -> None:
    first, again = (theirs.post("/courses", {"title": "Once"}, Idempotency_Key="k-1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first["Location"] == again["Location"]
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Course.objects.filter(title="Once").count() == 1


def test_sent_by_several_at_once_it_is_done_once(theirs: Program) -> None:
    answers = together(lambda _number: theirs.post("/courses", {"title": "Once"}, Idempotency_Key="k-1"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Course.objects.filter(title="Once").count() == 1


def test_without_a_key_it_would_be_done_every_time(theirs: Program) -> None:
    """The planted bug: what the test above would find if the key were not honoured."""
    together(lambda _number: theirs.post("/courses", {"title": "Once"}))
    assert Course.objects.filter(title="Once").count() == AT_ONCE


def test_a_key_belongs_to_one_request(theirs: Program) -> None:
    theirs.post("/courses", {"title": "Once"}, Idempotency_Key="k-1")
    other = theirs.post("/courses", {"title": "Other"}, Idempotency_Key="k-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_what_was_refused_is_not_kept(theirs: Program, live_school: School) -> None:
    viewer = theirs.post("/viewers", {"external_id": "s1", "name": "Sam"}).json()["key"]
    wanted = {"course": live_school.course.key, "viewer": viewer}
    live_school.course.archived_at = timezone.now()
    live_school.course.save()
    assert theirs.post("/enrolments", wanted, Idempotency_Key="k-1").status_code == 409
    assert not KeptAnswer.objects.exists()
    live_school.course.archived_at = None
    live_school.course.save()
    assert theirs.post("/enrolments", wanted, Idempotency_Key="k-1").status_code == 201


def test_keys_of_two_integrations_have_nothing_to_do_with_each_other(theirs: Program, whole: Program) -> None:
    for one in (theirs, whole):
        assert one.post("/courses", {"title": "Mine"}, Idempotency_Key="k-1").status_code == 201
    assert Course.objects.filter(title="Mine").count() == 2


def test_a_kept_answer_is_sealed_and_forgotten_after_a_day(theirs: Program) -> None:
    theirs.post("/courses", {"title": "Secret title"}, Idempotency_Key="k-1")
    kept = KeptAnswer.objects.get()
    assert b"Secret title" not in bytes(kept.body)
    KeptAnswer.objects.update(made_at=timezone.now() - timedelta(hours=25))
    theirs.post("/courses", {"title": "Secret title"}, Idempotency_Key="k-1")
    assert Course.objects.filter(title="Secret title").count() == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "\x7f"])
def test_a_key_has_a_form(theirs: Program, key: str) -> None:
    assert theirs.post("/courses", {"title": "x"}, Idempotency_Key=key).json()["code"] == "idempotency_key"
