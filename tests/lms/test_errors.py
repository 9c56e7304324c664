"""Errors as pages and as problem documents."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from playhead.core.errors import Conflict, StorageFull, TooMany, Unavailable
from playhead.lms.views import home
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(databases=["default", "tracking"])


def test_a_page_that_is_not_there(school: School) -> None:
    answer = school.client("bob").get("/no/such/page/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_an_endpoint_that_is_not_there(school: School) -> None:
    answer = school.client("bob").get("/v1/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_a_fault_of_ours_says_that_nothing_is_lost(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.cookies = school.client("bob").cookies
    monkeypatch.setattr(home, "studying", lambda *_arguments: 1 / 0)
    answer = client.get(reverse("home"))
    html = answer.content.decode()
    assert answer.status_code == 500
    assert "What you have watched is not lost" in html
    assert "ZeroDivisionError" not in html
    assert answer["Content-Security-Policy"]


def test_a_fault_of_ours_in_an_endpoint(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.cookies = school.client("bob").cookies
    monkeypatch.setattr("playhead.lms.opening.video_for", lambda *_arguments: 1 / 0)
    answer = client.post("/v1/playbacks", {"video": "v"}, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["code"] == "internal"


@pytest.mark.parametrize(
    ("error", "status", "headline"),
    [
        (Unavailable("overloaded", retry_after_s=7), 503, "Not possible right now"),
        (StorageFull("storage_full", retry_after_s=7), 507, "Not possible right now"),
        (TooMany("too_many", retry_after_s=7), 429, "Not possible right now"),
        (Conflict("last_teacher", "A course keeps at least one teacher."), 409, "A course keeps at least one teacher."),
    ],
)
def test_each_kind_has_its_page(
    school: School, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, headline: str
) -> None:
    def fail(*_arguments: Any) -> None:
        raise error

    monkeypatch.setattr(home, "studying", fail)
    answer = school.client("bob").get(reverse("home"))
    assert answer.status_code == status
    assert headline in answer.content.decode()
    assert answer.get("Retry-After") == ("7" if status != 409 else None)


def test_a_request_that_is_broken(school: School) -> None:
    answer = school.client("bob").get(reverse("home"), HTTP_HOST="evil.example")
    assert answer.status_code == 400
