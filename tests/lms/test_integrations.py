"""The admins' pages of joined systems: made, given courses, keys made, replaced and revoked."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from playhead.callbacks.models import Endpoint
from playhead.lms.models import ApiKey, CourseGrant, Organisation
from playhead.recorder import integrations
from playhead.recorder.integrations import Integration
from tests.lms.api.conftest import Program
from tests.lms.conftest import Browser, School
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

WANTED = {"name": "Their LMS", "kind": "playhead", "origins": "https://lms.example\n", "progress_every_s": "10"}


def join(ada: Browser) -> Integration:
    assert ada.post(reverse("integrations"), WANTED).status_code == 302
    return integrations.all_of(1)[-1] if integrations.all_of(1) else _newest()


def _newest() -> Integration:
    from playhead.recorder.models import Integration as Row

    return integrations.find(Row.objects.latest("id").key)


def told_secret(page: str) -> str:
    [secret] = re.findall(r'<code class="link">([^<]+)</code>', page)
    return str(secret)


def make_key(ada: Browser, joined: Integration, *scopes: str) -> Program:
    answer = ada.post(
        reverse("make-api-key", args=[joined.key]), {"key_name": "Sync", "scopes": scopes or ("courses:read",)}
    )
    assert answer.status_code == 200
    return Program(joined, told_secret(answer.content.decode()))


def test_from_nothing_to_a_key_that_works(live_school: School) -> None:
    ada = live_school.client("ada")
    joined = join(ada)
    assert (joined.name, joined.origins) == ("Their LMS", ("https://lms.example",))
    program = make_key(ada, joined)
    assert program.get("/courses").json()["data"] == []
    ada.post(reverse("give-courses", args=[joined.key]), {"courses": [live_school.course.pk]})
    assert [one["key"] for one in program.get("/courses").json()["data"]] == [live_school.course.key]
    ada.post(reverse("give-courses", args=[joined.key]), {"whole_school": "on"})
    assert len(program.get("/courses").json()["data"]) == 2
    page = ada.get(reverse("integration", args=[joined.key])).content.decode()
    assert program.token not in page
    assert ApiKey.objects.get().hint in page
    assert "request" in page


def test_a_key_is_replaced_with_an_overlap_or_at_once_and_revoked(live_school: School) -> None:
    ada = live_school.client("ada")
    joined = join(ada)
    old = make_key(ada, joined)
    first = ApiKey.objects.get()
    page = ada.post(reverse("replace-api-key", args=[joined.key, first.pk]), {"hours": "24"}).content.decode()
    new = Program(joined, told_secret(page))
    assert [old.get("/key").status_code, new.get("/key").status_code] == [200, 200]
    second = ApiKey.objects.exclude(pk=first.pk).get()
    page = ada.post(reverse("replace-api-key", args=[joined.key, second.pk]), {"hours": "0"}).content.decode()
    assert new.get("/key").status_code == 401
    third = ApiKey.objects.exclude(pk__in=[first.pk, second.pk]).get()
    newest = Program(joined, told_secret(page))
    assert newest.get("/key").status_code == 200
    assert ada.post(reverse("revoke-api-key", args=[joined.key, third.pk])).status_code == 302
    assert newest.get("/key").status_code == 401
    assert ada.post(reverse("replace-api-key", args=[joined.key, third.pk]), {"hours": "1"}).status_code == 400


def test_playback_keys_are_rotated_with_an_overlap(live_school: School, clock: HandClock) -> None:
    ada = live_school.client("ada")
    joined = join(ada)
    address = reverse("rotate-playback-key", args=[joined.key])
    first, second = (told_secret(ada.post(address, {"hours": "24"}).content.decode()) for _ in range(2))
    now = integrations.find(joined.key)
    assert [key.secret for key in now.keys_valid_at(clock.now_ms())] in ([second, first], [first, second])
    later = clock.forward(25 * 3600 * 1000)
    assert [key.secret for key in now.keys_valid_at(later)] == [second]
    assert first not in ada.get(reverse("integration", args=[joined.key])).content.decode()


def test_an_endpoint_of_its_own_in_its_own_language(live_school: School) -> None:
    ada = live_school.client("ada")
    joined = join(ada)
    add = reverse("add-callback", args=[joined.key])
    refused = ada.post(add, {"url": "http://127.0.0.1/hook"})
    assert (refused.status_code, Endpoint.objects.count()) == (400, 0)
    page = ada.post(add, {"url": "https://lms.example/hook"}).content.decode()
    assert told_secret(page).startswith("whsec_")
    made = Endpoint.objects.get()
    assert (made.integration, made.format, made.url) == (joined.key, "standard", "https://lms.example/hook")
    page = ada.get(reverse("integration", args=[joined.key])).content.decode()
    assert reverse("endpoint", args=[made.key]) in page
    assert "whsec_" not in page
    integrations.save(replace(joined, kind="kollus"))
    ada.post(add, {"url": "https://lms.example/lms?who={CLIENT_USER_ID}"})
    assert Endpoint.objects.latest("id").format == "kollus"


def test_off_and_on_again(live_school: School) -> None:
    ada = live_school.client("ada")
    joined = join(ada)
    program = make_key(ada, joined)
    ada.post(reverse("switch-integration", args=[joined.key]), {"to": "off"})
    assert program.get("/key").status_code == 403
    ada.post(reverse("switch-integration", args=[joined.key]), {"to": "on"})
    assert program.get("/key").status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [("origins", "https://lms.example/path"), ("origins", "lms.example"), ("progress_every_s", "0"), ("name", "")],
)
def test_what_makes_no_sense_is_said(live_school: School, name: str, value: str) -> None:
    ada = live_school.client("ada")
    joined = join(ada)
    answer = ada.post(reverse("integration", args=[joined.key]), WANTED | {name: value})
    assert answer.status_code == 400
    assert "field-error" in answer.content.decode()
    assert integrations.find(joined.key) == joined


def test_a_key_needs_a_scope_that_there_is(live_school: School) -> None:
    ada = live_school.client("ada")
    joined = join(ada)
    for scopes in ([], ["everything"]):
        answer = ada.post(reverse("make-api-key", args=[joined.key]), {"key_name": "x", "scopes": scopes})
        assert answer.status_code == 400
    assert not ApiKey.objects.exists()


def test_another_schools_admin_finds_nothing(live_school: School) -> None:
    joined = join(live_school.client("ada"))
    live_school.olga.organisation = Organisation.objects.create(name="Another school")
    live_school.olga.is_superuser = True
    live_school.olga.save()
    olga = live_school.client("olga")
    assert olga.get(reverse("integration", args=[joined.key])).status_code == 404
    assert "Their LMS" not in olga.get(reverse("integrations")).content.decode()
    assert not CourseGrant.objects.exists()
