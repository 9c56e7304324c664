"""Coming with a token that another system signed: pages, openings, renewals, and the attacks over HTTP."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.urls import reverse

from playhead.callbacks.sending import Answer, Sender
from playhead.lms.grants import give_course
from playhead.lms.models import Device, Enrolment, Gatekeeper, Outsider, UsedToken, User
from playhead.recorder import integrations
from playhead.recorder.integrations import Integration
from playhead.recorder.models import Playback
from tests.lms.api.test_door import AT_ONCE, together
from tests.lms.conftest import Browser, School
from tests.watch_attacks import KOLLUS, attacks, signed
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

ORIGIN = "https://lms.school.example"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"


class Other:
    """Another system, joined to the school, that signs tokens with its newest key."""

    def __init__(self, school: School, clock: HandClock, *, kind: str = "playhead") -> None:
        made = integrations.create("The other LMS", organisation_id=school.course.organisation_id, kind=kind)
        self.integration, self.secret = integrations.rotate_key(made)
        self.integration = integrations.save(_with_origin(self.integration))
        give_course(self.integration, school.course)
        self.school, self.clock = school, clock

    def token(self, **claims: Any) -> str:
        now_s = self.clock.now_ms() // 1000
        own = {
            "iss": self.integration.key,
            "aud": "playhead-watch",
            "sub": "s-17",
            "video": self.school.film.key,
            "iat": now_s,
            "exp": now_s + 600,
        }
        kid = self.integration.playback_keys[0].kid
        header = {"alg": "HS256", "typ": "JWT", "kid": kid}
        return signed({**own, **claims}, header, secret=self.secret.encode())

    def kollus_token(self, **claims: Any) -> str:
        own = {"cuid": "s-17", "expt": self.clock.now_ms() // 1000 + 600, "mc": [{"mckey": self.school.film.key}]}
        return signed({**own, **claims}, {"alg": "HS256", "typ": "JWT"}, secret=self.secret.encode())


def _with_origin(integration: Integration) -> Integration:
    return replace(integration, origins=(ORIGIN,))


@pytest.fixture
def other(live_school: School, clock: HandClock) -> Other:
    return Other(live_school, clock)


def page(token: str, **more: str) -> Any:
    return Browser().get(reverse("joined-watch"), {"jwt": token, **more})


def opened(token: str, **more: Any) -> Any:
    address = reverse("joined-open")
    return Browser().post(
        address, json.dumps({"jwt": token, **more}), content_type="application/json", HTTP_USER_AGENT=CHROME
    )


def test_a_good_token_shows_the_player_in_the_frames_of_its_system(other: Other) -> None:
    answer = page(other.token())
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "data-watch" in text
    assert "/media/" not in text
    assert f"frame-ancestors {ORIGIN}" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_looking_at_the_page_writes_nothing(other: Other) -> None:
    page(other.token())
    assert not Outsider.objects.exists()


def test_the_token_opens_a_playback_without_any_cookie(other: Other, live_school: School) -> None:
    answer = opened(other.token(name="Sofia Sanz"))
    told = answer.json()
    assert answer.status_code == 201
    assert not answer.cookies
    assert told["viewer"]["name"] == "Sofia Sanz"
    sofia = User.objects.get(called__external_id="s-17")
    row = Playback.objects.get(key=told["playback"])
    assert (row.viewer.key, row.integration, row.external_viewer) == (sofia.key, other.integration.key, "s-17")
    assert Enrolment.objects.get(user=sofia).course == live_school.course
    assert json.loads(row.environment) == {
        "address": "127.0.0.0",
        "browser": "Chrome 141",
        "device": "desktop",
        "os": "Windows",
    }
    opened(other.token())
    assert Outsider.objects.count() == 1


def test_it_may_begin_somewhere_and_bring_rules(other: Other) -> None:
    rules = {"max_rate": 1500, "rates": [1000, 1500], "part_start_ms": 10_000, "part_end_ms": 40_000, "watermark": True}
    told = opened(other.token(start_ms=20_000, rules=rules)).json()
    assert told["resume_ms"] == 20_000
    assert told["policy"] == {
        "max_rate": 1500,
        "threshold_percent": 95,
        "no_skip": False,
        "part": [10_000, 40_000],
        "seeking": "free",
        "rates": [1000, 1500],
        "watermark": True,
    }
    assert opened(other.token(start_ms=50_000, rules=rules)).json()["resume_ms"] == 10_000
    assert opened(other.token(start_ms=20_000, rules={"seeking": "covered"})).json()["resume_ms"] == 0


@pytest.mark.parametrize("token", ["", "e30.e30.e30"])
def test_a_bad_token_shows_a_page_that_can_be_read_anywhere(other: Other, token: str) -> None:
    answer = page(token)
    assert answer.status_code == 401
    assert "This link does not open anything" in answer.content.decode()
    assert "frame-ancestors *" in answer["Content-Security-Policy"]


def test_an_expired_one_says_so(other: Other, clock: HandClock) -> None:
    token = other.token()
    clock.forward(600_000)
    assert "This link has expired" in page(token).content.decode()
    assert opened(token).json()["code"] == "token_expired"


# --- a token that is good once


PHONE, LAPTOP = "phone-phone-phone-phone", "laptop-laptop-laptop-1"


def test_with_a_jti_it_opens_in_one_browser_and_there_again(other: Other) -> None:
    token = other.token(jti="once")
    assert page(token).status_code == 200
    first, again = opened(token, device=PHONE), opened(token, device=PHONE)
    assert (first.status_code, again.status_code) == (201, 201)
    refused = opened(token, device=LAPTOP)
    assert (refused.status_code, refused.json()["code"]) == (403, "token_used")
    assert "opened in another browser" in refused.json()["detail"]
    assert opened(token).status_code == 403
    assert Playback.objects.count() == 2
    assert opened(other.token(jti="another"), device=LAPTOP).status_code == 201
    assert opened(other.token(), device=LAPTOP).status_code == 201


def test_a_browser_that_keeps_no_name_opens_it_once(other: Other) -> None:
    token = other.token(jti="once")
    assert [opened(token).status_code for _ in range(2)] == [201, 403]
    assert opened(token, device=PHONE).status_code == 403


def test_of_two_browsers_at_once_one_gets_in(other: Other) -> None:
    token = other.token(jti="once")
    opened(other.token(), device=PHONE)  # the student is known: what is left to race for is the token
    answers = together(lambda number: opened(token, device=f"browser-browser-{number}"))
    assert sorted(answer.status_code for answer in answers) == [201] + [403] * (AT_ONCE - 1)
    assert {answer.json().get("code") for answer in answers} == {None, "token_used"}
    assert UsedToken.objects.count() == 1


def test_what_has_expired_long_ago_is_forgotten(other: Other, clock: HandClock) -> None:
    token = other.token(jti="once")
    opened(token, device=PHONE)
    clock.forward(600_000)
    assert opened(token, device=PHONE).json()["code"] == "token_expired"
    assert opened(other.token(jti="another"), device=PHONE).status_code == 201
    assert UsedToken.objects.count() == 2
    clock.forward(3_601_000)
    assert opened(other.token(jti="third"), device=PHONE).status_code == 201
    assert UsedToken.objects.count() == 2


def test_neither_name_can_be_read_in_the_table(other: Other) -> None:
    opened(other.token(jti="once"), device=PHONE)
    [kept] = UsedToken.objects.values_list("jti_hash", "device_hash")
    assert not {"once", PHONE} & set(kept)


def test_a_video_that_the_system_may_not_show_is_missing(other: Other, live_school: School) -> None:
    live_school.film.course = live_school.other
    live_school.film.save()
    assert page(other.token()).status_code == 404
    assert opened(other.token()).status_code == 404


def test_a_system_that_was_switched_off_opens_nothing_and_renews_nothing(other: Other) -> None:
    told = opened(other.token()).json()
    address = reverse("joined-renew", args=[told["playback"]])
    assert Browser().post(address, told["ticket"], content_type="text/plain").status_code == 200
    integrations.save(replace(other.integration, active=False))
    assert page(other.token()).status_code == 401
    assert Browser().post(address, told["ticket"], content_type="text/plain").status_code == 403


def test_pages_of_its_origins_renew_by_the_ticket_alone_and_may_read_the_answer(other: Other) -> None:
    told = opened(other.token()).json()
    address = reverse("renew-ticket", args=[told["playback"]])

    def renewed(origin: str) -> Any:
        headers = {"Origin": origin}
        return Browser().post(address, told["ticket"], content_type="text/plain", headers=headers)

    answer = renewed(ORIGIN)
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert answer.json().keys() == {"ticket", "expires_at_s"}
    assert "Access-Control-Allow-Origin" not in renewed("https://elsewhere.example")
    integrations.save(replace(other.integration, active=False))
    assert renewed(ORIGIN).status_code == 403


def test_a_playback_of_our_own_pages_is_not_renewed_here(other: Other, live_school: School) -> None:
    told = live_school.client("bob").post("/v1/playbacks", {"video": live_school.film.key}, "application/json").json()
    address = reverse("joined-renew", args=[told["playback"]])
    assert Browser().post(address, told["ticket"], content_type="text/plain").status_code == 403


def test_none_of_the_attacks_opens_anything_and_none_breaks_anything(other: Other) -> None:
    """Against a system whose key id and secret are those of the list."""
    from playhead.recorder.integrations import PlaybackKey
    from playhead.recorder.sealed import seal
    from tests.watch_attacks import CLAIMS, ISSUER, KID, SECRET

    key = PlaybackKey(KID, seal(SECRET.decode()), 1)
    victim = replace(other.integration, key=ISSUER, playback_keys=(key,))
    integrations.save(victim)
    give_course(victim, other.school.course)
    other.school.film.key = CLAIMS["video"]
    other.school.film.save()
    found = [(name, page(token).status_code, opened(token).status_code) for name, token in attacks()]
    assert len(found) >= 87
    # Two megabytes are no body that anything here reads: 400 before anybody looks for a token in it.
    assert [one for one in found if one[1:] not in {(401, 401), (401, 400)}] == []
    assert [name for name, _page, door in found if door == 400] == ["two megabytes"]
    assert not Outsider.objects.exists()
    now_s = other.clock.now_ms() // 1000
    assert opened(signed({**CLAIMS, "iat": now_s, "exp": now_s + 60})).status_code == 201


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"jwt": 1}', '{"jwt": "x", "more": 1}', '{"jwt": "\\ud800"}', "\x00"]
)
def test_a_body_that_is_none_is_refused(other: Other, body: str) -> None:
    answer = Browser().post(reverse("joined-open"), body, content_type="application/json")
    assert answer.status_code in {400, 401}


# --- Kollus's way


def test_who_comes_from_kollus_changes_a_host_name(live_school: School, clock: HandClock) -> None:
    other = Other(live_school, clock, kind="kollus")
    live_school.film.alias = "mck_1234"
    live_school.film.save()
    token = other.kollus_token(mc=[{"mckey": "mck_1234", "seek": False, "disable_playrate": True}])
    custom_key = other.integration.key
    answer = Browser().get("/s", {"jwt": token, "custom_key": custom_key, "s": "30"})
    assert answer.status_code == 200
    assert 'data-start-s="30"' in answer.content.decode()
    told = opened(token, custom_key=custom_key, start_s="30").json()
    assert told["video"]["key"] == live_school.film.key
    assert (told["policy"]["seeking"], told["policy"]["rates"]) == ("none", [1000])
    assert opened(token).status_code == 401
    assert opened(token, custom_key="i_other").status_code == 401


def test_kollus_claims_are_nothing_to_a_system_of_our_kind(other: Other) -> None:
    assert opened(other.kollus_token(), custom_key=other.integration.key).status_code == 401
    assert "expt" in KOLLUS


# --- devices


def test_only_so_many_devices(other: Other) -> None:
    token = other.token(rules={"devices": 2})
    for device in ("a" * 22, "b" * 22, "a" * 22):
        assert opened(token, device=device).status_code == 201
    refused = opened(token, device="c" * 22)
    assert (refused.status_code, refused.json()["code"]) == (403, "device_not_registered")
    assert opened(token, device="").json()["code"] == "device_unknown"
    Device.objects.first().delete()  # type: ignore[union-attr]
    assert opened(token, device="c" * 22).status_code == 201


# --- asking the other system first


@pytest.fixture
def asked(other: Other, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The other system's side: what it was asked, and what it is to answer."""
    heard: dict[str, Any] = {"answer": Answer("ok", 204)}

    def post(self: Sender, url: str, *, headers: Any, body: bytes) -> Answer:
        heard.update(url=url, headers=dict(headers), body=body, timeout_s=self.timeout_s)
        answer: Answer = heard["answer"]
        return answer

    monkeypatch.setattr(Sender, "post", post)
    Gatekeeper.objects.create(
        organisation=other.school.course.organisation,
        integration=other.integration.key,
        url="https://lms.school.example/may-play",
        timeout_ms=1500,
    )
    return heard


def test_the_other_system_is_asked_and_can_check_who_asks(other: Other, asked: dict[str, Any]) -> None:
    assert opened(other.token()).status_code == 201
    question = json.loads(asked["body"])
    assert (question["viewer"]["external_id"], question["video"]["key"]) == ("s-17", other.school.film.key)
    assert asked["timeout_s"] == 1.5
    headers = asked["headers"]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + asked["body"]
    expected = base64.b64encode(hmac.digest(other.secret.encode(), content, hashlib.sha256)).decode()
    assert f"v1,{expected}" in headers["webhook-signature"].split()


def test_it_may_refuse_in_its_own_words(other: Other, asked: dict[str, Any]) -> None:
    asked["answer"] = Answer("status", 403, '{"message": "Your fee is not paid."}')
    told = opened(other.token()).json()
    assert (told["status"], told["code"], told["detail"]) == (403, "refused_by_lms", "Your fee is not paid.")
    assert not Playback.objects.exists()


@pytest.mark.parametrize("silent", [Answer("too_slow"), Answer("status", 500, "oops"), Answer("redirect", 302)])
def test_silence_means_what_was_chosen(other: Other, asked: dict[str, Any], silent: Answer) -> None:
    asked["answer"] = silent
    assert opened(other.token()).json()["code"] == "lms_silent"
    Gatekeeper.objects.update(allow_when_silent=True)
    assert opened(other.token()).status_code == 201


def test_kollus_s_customers_are_asked_as_kollus_asks(
    live_school: School, clock: HandClock, asked: dict[str, Any]
) -> None:
    """The form of the play callback out, a signed JWT back; whatever else comes back is silence."""
    other = Other(live_school, clock, kind="kollus")
    Gatekeeper.objects.update(integration=other.integration.key)
    film = live_school.film

    def answer(secret: bytes = other.secret.encode(), **data: Any) -> Any:
        asked["answer"] = Answer("ok", 200, signed({"data": data}, {"alg": "HS256", "typ": "JWT"}, secret=secret))
        told = opened(other.kollus_token(mc=[{"mckey": film.key}]), custom_key=other.integration.key, device="d" * 20)
        return told.json()

    told = answer(result=1, play_section={"start_time": 10, "end_time": 40})
    form = dict(parse_qsl(asked["body"].decode()))
    assert (form["kind"], form["client_user_id"], form["media_content_key"]) == ("1", "s-17", film.key)
    assert (form["player_id"], form["device_name"]) == ("d" * 20, "Chrome 141 Windows")
    assert asked["headers"] == {"content-type": "application/x-www-form-urlencoded"}
    assert (told["policy"]["part"], told["resume_ms"]) == ([10_000, 40_000], 10_000)
    assert answer(result=0, message="Your fee is not paid.")["detail"] == "Your fee is not paid."
    assert answer(result=1, content_expired=1)["code"] == "refused_by_lms"
    assert answer(result=1, expiration_date=1)["code"] == "refused_by_lms"
    assert answer(result=1, expiration_date=0)["video"]["key"] == film.key
    for silent in ({"result": "1"}, {"result": True}, {"result": 2}, {}):
        assert answer(**silent)["code"] == "lms_silent"
    assert answer(secret=b"somebody else's secret of 32 bytes", result=1)["code"] == "lms_silent"


def test_an_admin_says_who_is_asked(other: Other, live_school: School) -> None:
    ada, address = live_school.client("ada"), reverse("ask-lms", args=[other.integration.key])
    assert ada.get(address).status_code == 200
    form = {"url": "https://lms.school.example/may-play", "timeout_ms": "900"}
    assert ada.post(address, form).status_code == 302
    assert Gatekeeper.objects.get().timeout_ms == 900
    assert ada.post(address, {**form, "url": "https://127.0.0.1/x"}).status_code == 400
    assert ada.post(address, {**form, "timeout_ms": "60000"}).status_code == 400
    assert ada.post(address, {**form, "url": ""}).status_code == 302
    assert not Gatekeeper.objects.exists()
