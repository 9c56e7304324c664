"""Tokens of other systems: the good ones say what they say, and no other opens anything."""

from typing import Any

import pytest

from playhead.core import limits
from playhead.core.errors import Unauthorised
from playhead.core.watch_tokens import KOLLUS as KOLLUS_KIND
from playhead.core.watch_tokens import PLAYHEAD, Grant, key_id, signed_object, verify
from tests.watch_attacks import (
    CLAIMS,
    HEADER,
    ISSUER,
    KID,
    KOLLUS,
    NOW_S,
    OTHER_SECRET,
    SECRET,
    attacks,
    forged,
    good,
    signed,
)

KEYS = [("k_newer", OTHER_SECRET + b"!"), (KID, SECRET)]
ATTACKS = dict(attacks())
FORGED = dict(forged())


def own(token: str, *, now_s: int = NOW_S, keys: Any = KEYS) -> Grant:
    return verify(token, kind=PLAYHEAD, issuer=ISSUER, keys=keys, now_s=now_s)


def kollus(claims: dict[str, Any], *, now_s: int = NOW_S) -> Grant:
    return verify(signed(claims), kind=KOLLUS_KIND, issuer=ISSUER, keys=KEYS, now_s=now_s)


def test_a_good_token_says_who_may_watch_what() -> None:
    assert own(good()) == Grant(viewer="student-17", video="v_film", expires_at_s=NOW_S + 3600)
    assert key_id(good()) == KID


def test_it_may_say_more() -> None:
    rules = {"max_rate": 1500, "rates": [1000, 1500], "seeking": "covered", "part_start_ms": 0, "part_end_ms": 60_000}
    grant = own(good(name="Bob Brown", start_ms=30_000, rules=rules, nbf=NOW_S, jti="once"))
    assert (grant.name, grant.start_ms, grant.rules) == ("Bob Brown", 30_000, rules)


@pytest.mark.parametrize("header", [{"alg": "HS256"}, {"alg": "HS256", "typ": "JWT"}, {"kid": KID, "alg": "HS256"}])
def test_libraries_write_headers_as_they_like(header: dict[str, str]) -> None:
    assert own(signed(header=header)).viewer == "student-17"


def test_two_keys_are_good_during_a_rotation_and_none_after_it() -> None:
    assert own(signed(header={"alg": "HS256"}, secret=KEYS[0][1])).viewer == "student-17"
    with pytest.raises(Unauthorised):
        own(good(), keys=KEYS[:1])
    with pytest.raises(Unauthorised):
        own(good(), keys=[])


def test_the_list_is_long_enough() -> None:
    assert len(ATTACKS) >= 87


@pytest.mark.parametrize("name", ATTACKS)
def test_no_other_token_opens_anything(name: str) -> None:
    for kind in (PLAYHEAD, KOLLUS_KIND):
        if (kind, name) == (KOLLUS_KIND, "Kollus's claims"):
            continue
        with pytest.raises(Unauthorised):
            verify(ATTACKS[name], kind=kind, issuer=ISSUER, keys=KEYS, now_s=NOW_S)


@pytest.mark.parametrize("name", ATTACKS)
def test_looking_up_the_key_raises_nothing_else(name: str) -> None:
    try:
        kid = key_id(ATTACKS[name])
    except Unauthorised:
        return
    assert kid is None or kid.isascii()


def test_a_secret_too_short_to_be_one_signs_nothing() -> None:
    with pytest.raises(Unauthorised):
        own(signed(secret=b"short"), keys=[(KID, b"short")])


def test_a_clock_a_minute_ahead_is_forgiven_and_no_more() -> None:
    ahead = good(iat=NOW_S + limits.WATCH_TOKEN_EARLY_S)
    own(ahead)
    with pytest.raises(Unauthorised):
        own(ahead, now_s=NOW_S - 1)


def test_an_expired_one_is_told_apart() -> None:
    with pytest.raises(Unauthorised) as error:
        own(good(), now_s=NOW_S + 3600)
    assert error.value.code == "token_expired"


# --- Kollus's claims


def test_kollus_claims_say_the_same() -> None:
    assert kollus(KOLLUS) == Grant(viewer="student-17", video="v_film", expires_at_s=NOW_S + 3600)


@pytest.mark.parametrize(
    ("more", "rules"),
    [
        ({"seek": False}, {"seeking": "none"}),
        ({"seek": True, "seekable_end": 300}, {"seeking": "covered"}),
        ({"seekable_end": -1}, {}),
        ({"disable_playrate": True}, {"rates": [1000], "max_rate": 1000}),
        ({"play_section": {"start_time": 60, "end_time": 90}}, {"part_start_ms": 60_000, "part_end_ms": 90_000}),
        ({"title": "A film", "mcpf": "profile", "disable_nscreen": True}, {}),
    ],
)
def test_what_kollus_says_about_a_medium(more: dict[str, Any], rules: dict[str, Any]) -> None:
    assert kollus({**KOLLUS, "mc": [{"mckey": "v_film", **more}]}).rules == rules


def test_an_intro_is_not_the_lesson() -> None:
    media = [{"mckey": "jingle", "intr": True}, {"mckey": "lesson"}]
    grant = kollus({**KOLLUS, "mc": media, "video_watermarking_code_policy": {"code_kind": "id"}, "pc_skin": {}})
    assert (grant.video, grant.rules) == ("lesson", {"watermark": True})


@pytest.mark.parametrize(
    "spoiled",
    [
        {"exp": NOW_S + 60},
        {"expt": NOW_S},
        {"expt": str(NOW_S + 60)},
        {"expt": NOW_S + limits.KOLLUS_TOKEN_S + 1},
        {"cuid": 17},
        {"mc": []},
        {"mc": {}},
        {"mc": ["v_film"]},
        {"mc": [{}]},
        {"mc": [{"mckey": "v_film", "seek": "1"}]},
        {"mc": [{"mckey": "v_film", "play_section": {"start_time": 9, "end_time": 3}}]},
        {"mc": [{"mckey": "v_film", "play_section": []}]},
    ],
)
def test_kollus_claims_that_are_refused(spoiled: dict[str, Any]) -> None:
    with pytest.raises(Unauthorised):
        kollus({**KOLLUS, **spoiled})


def test_a_planted_bug_would_be_caught() -> None:
    """Without the check of the audience, a token for something else gets in: the list has one for it."""
    claims = {**CLAIMS, "aud": "playback"}
    assert ATTACKS["aud 'playback'"] == signed(claims, HEADER)


def test_what_another_system_says_is_read_as_strictly_whatever_it_is_about() -> None:
    said = {"content_key": "v_film", "expiration_date": 1}
    assert signed_object(signed(said), secrets=[OTHER_SECRET, SECRET]) == said
    with pytest.raises(Unauthorised, match="signature"):
        signed_object(signed(said, secret=OTHER_SECRET), secrets=[SECRET])
    with pytest.raises(Unauthorised):
        signed_object(signed(said), secrets=[])


@pytest.mark.parametrize("name", FORGED)
def test_no_forged_word_of_another_system_is_taken(name: str) -> None:
    with pytest.raises(Unauthorised):
        signed_object(FORGED[name], secrets=[secret for _kid, secret in KEYS])
