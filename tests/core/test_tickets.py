"""Tickets: what is ours is read, and everything else is refused with our own error and no other.

The list of attacks follows RFC 8725 and the tools that attackers use; each is a token that a careless reader accepts.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playhead.core import limits, tickets
from playhead.core.errors import Unauthorised
from playhead.core.tickets import Ticket, TicketKeys, check_time, read, sign, verify

NOW_S = 1_790_000_000
SECRET = b"the newest secret of 32 bytes or more"
OLD_SECRET = b"an older secret, still good to verify"
KEYS = TicketKeys([("2026-11", SECRET), ("2026-10", OLD_SECRET)])

HEADER = {"alg": "HS256", "typ": "playhead-ticket+jwt", "kid": "2026-11"}
CLAIMS = {
    "iss": "playhead",
    "aud": "playback",
    "sub": "u_bob",
    "video": "v_1",
    "playback": "p_1",
    "jti": "j_1",
    "iat": NOW_S,
    "nbf": NOW_S - 2,
    "exp": NOW_S + 3600,
}
BOB = Ticket("u_bob", "v_1", "p_1", "j_1", NOW_S, NOW_S + 3600)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def as_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def forge(
    header: object = HEADER,
    claims: object = CLAIMS,
    *,
    secret: bytes = SECRET,
    digest: str = "sha256",
    parts: Callable[[str, str], tuple[str, str]] = lambda header, claims: (header, claims),
    signature: bytes | None = None,
) -> str:
    """A token signed by hand; `header` and `claims` as bytes are taken as they are, `parts` may spoil the encoding."""
    first, second = parts(
        b64(header if isinstance(header, bytes) else as_json(header)),
        b64(claims if isinstance(claims, bytes) else as_json(claims)),
    )
    made = hmac.new(secret, f"{first}.{second}".encode(), getattr(hashlib, digest)).digest()
    return f"{first}.{second}.{b64(made if signature is None else signature)}"


def without(member: str, whole: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if key != member}


def twice(member: str, value: object, whole: dict[str, Any]) -> bytes:
    """The object with one member written once more at its end."""
    return as_json(whole)[:-1] + b"," + as_json({member: value})[1:]


def spare_bits(part: str) -> str:
    """Another spelling of the same bytes, where the last character has bits to spare."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + alphabet[alphabet.index(part[-1]) ^ 1]


def padded(part: str) -> str:
    return part + "=" * (-len(part) % 4 or 4)


GOOD = forge()
HEAD, BODY, SIGNATURE = GOOD.split(".")
# One byte longer than a multiple of three, so that the last character has bits to spare.
UNEVEN = forge(
    claims={**CLAIMS, "jti": "j" * next(n for n in range(1, 9) if len(as_json({**CLAIMS, "jti": "j" * n})) % 3)}
)

ATTACKS: dict[str, str | bytes] = {
    # --- The algorithm is chosen by the sender.
    "alg none, no signature": forge({**HEADER, "alg": "none"}, signature=b""),
    "alg None, no signature": forge({**HEADER, "alg": "None"}, signature=b""),
    "alg NONE, no signature": forge({**HEADER, "alg": "NONE"}, signature=b""),
    "alg nOnE, no signature": forge({**HEADER, "alg": "nOnE"}, signature=b""),
    "alg none, signed all the same": forge({**HEADER, "alg": "none"}),
    "alg hs256": forge({**HEADER, "alg": "hs256"}),
    "alg HS384": forge({**HEADER, "alg": "HS384"}, digest="sha384"),
    "alg HS512": forge({**HEADER, "alg": "HS512"}, digest="sha512"),
    "alg HS256, signed with SHA-1": forge(digest="sha1"),
    "alg RS256, signed as HS256": forge({**HEADER, "alg": "RS256"}),
    "alg PS256, signed as HS256": forge({**HEADER, "alg": "PS256"}),
    "alg ES256, signature of zeros": forge({**HEADER, "alg": "ES256"}, signature=bytes(64)),
    "alg EdDSA, signature of zeros": forge({**HEADER, "alg": "EdDSA"}, signature=bytes(64)),
    "alg empty": forge({**HEADER, "alg": ""}),
    "alg null": forge({**HEADER, "alg": None}),
    "alg a list": forge({**HEADER, "alg": ["HS256"]}),
    "alg a number": forge({**HEADER, "alg": 256}),
    "alg missing": forge(without("alg", HEADER)),
    # --- The type: tokens of another use.
    "typ JWT": forge({**HEADER, "typ": "JWT"}),
    "typ at+jwt": forge({**HEADER, "typ": "at+jwt"}),
    "typ with application/": forge({**HEADER, "typ": "application/playhead-ticket+jwt"}),
    "typ upper case": forge({**HEADER, "typ": "PLAYHEAD-TICKET+JWT"}),
    "typ missing": forge(without("typ", HEADER)),
    # --- The key is chosen by the sender.
    "kid unknown": forge({**HEADER, "kid": "2027-01"}),
    "kid missing": forge(without("kid", HEADER)),
    "kid a path, empty key": forge({**HEADER, "kid": "../../dev/null"}, secret=b""),
    "kid SQL": forge({**HEADER, "kid": "' UNION SELECT 'x"}, secret=b"x"),
    "kid a URL": forge({**HEADER, "kid": "https://evil.example/key"}),
    "kid a number": forge({**HEADER, "kid": 0}),
    "kid a list": forge({**HEADER, "kid": ["2026-11"]}),
    "kid of another key": forge({**HEADER, "kid": "2026-10"}),
    "jwk inside": forge({**HEADER, "jwk": {"kty": "oct", "k": b64(b"x" * 32)}}, secret=b"x" * 32),
    "jku": forge({**HEADER, "jku": "https://evil.example/jwks.json"}),
    "x5u": forge({**HEADER, "x5u": "https://evil.example/cert.pem"}),
    "x5c": forge({**HEADER, "x5c": ["MIIB"]}),
    # --- More in the header than agreed, or written otherwise.
    "crit": forge({**HEADER, "crit": ["exp"]}),
    "b64 false": forge({**HEADER, "b64": False, "crit": ["b64"]}),
    "zip": forge({**HEADER, "zip": "DEF"}),
    "cty JWT": forge({**HEADER, "cty": "JWT"}),
    "a header more": forge({**HEADER, "note": "hello"}),
    "alg twice": forge(twice("alg", "none", HEADER)),
    "kid twice": forge(twice("kid", "2026-11", HEADER)),
    "header in another order": forge(dict(reversed(HEADER.items()))),
    "header with spaces": forge(json.dumps(HEADER).encode()),
    "header a list": forge([HEADER]),
    "header a text": forge("HS256"),
    "header empty": forge({}),
    "header not JSON": forge(b"HS256"),
    "header with a byte order mark": forge(b"\xef\xbb\xbf" + as_json(HEADER)),
    "header in UTF-16": forge(json.dumps(HEADER).encode("utf-16")),
    "header nested deep": forge(b"[" * 1_500 + b"]" * 1_500),
    # --- The shape.
    "nothing": "",
    "two dots": "..",
    "two parts": f"{HEAD}.{BODY}",
    "no signature": f"{HEAD}.{BODY}.",
    "no claims": forge(claims=b""),
    "four parts": f"{GOOD}.{SIGNATURE}",
    "five parts, as an encrypted token has": f"{HEAD}.{BODY}.{SIGNATURE}.{BODY}.{SIGNATURE}",
    "a space before": f" {GOOD}",
    "a line break after": f"{GOOD}\n",
    "a line break inside": f"{HEAD}.{BODY}\n.{SIGNATURE}",
    "Bearer before": f"Bearer {GOOD}",
    "a dot after": f"{GOOD}.",
    "NUL after": f"{GOOD}\0",
    "another alphabet (full width)": f"{HEAD}.{BODY}.{SIGNATURE[:-1]}\uff21",
    "not UTF-8": GOOD.encode() + b"\xff",
    "JSON serialisation": as_json({"protected": HEAD, "payload": BODY, "signature": SIGNATURE}),
    "too long, but signed": forge(claims={**CLAIMS, "pad": "x" * 4_096}),
    "two megabytes": GOOD + "A" * 2_000_000,
    # --- base64url has one way to write a thing.
    "header padded": forge(parts=lambda header, claims: (padded(header), claims)),
    "claims padded": forge(parts=lambda header, claims: (header, padded(claims))),
    "signature padded": padded(GOOD),
    "claims in standard base64": forge(
        claims=twice("x", "??>>", CLAIMS),
        parts=lambda header, claims: (header, claims.replace("-", "+").replace("_", "/")),
    ),
    "spare bits set in the claims": forge(parts=lambda header, _: (header, spare_bits(UNEVEN.split(".")[1]))),
    "spare bits set in the signature": f"{HEAD}.{BODY}.{spare_bits(SIGNATURE)}",
    "claims of impossible length": forge(parts=lambda header, _: (header, "AAAAA")),
    "claims with white space inside": forge(parts=lambda header, claims: (header, f"{claims[:8]} {claims[8:]}")),
    # --- The signature.
    "signature of another key": forge(secret=b"x" * 32),
    "signature of an empty key": forge(secret=b""),
    "signature of the key id": forge(secret=b"2026-11"),
    "signature of zeros": forge(signature=bytes(32)),
    "signature cut short": f"{HEAD}.{BODY}.{SIGNATURE[:-4]}",
    "signature made longer": f"{GOOD}AAAA",
    "signature in hexadecimal": forge(signature=base64.urlsafe_b64decode(SIGNATURE + "=").hex().encode()),
    "claims changed after signing": f"{HEAD}.{b64(as_json({**CLAIMS, 'sub': 'u_alice'}))}.{SIGNATURE}",
    "header changed after signing": f"{b64(as_json({**HEADER, 'kid': '2026-10'}))}.{BODY}.{SIGNATURE}",
    # --- The claims.
    **{f"{name} missing": forge(claims=without(name, CLAIMS)) for name in CLAIMS},
    "a claim more": forge(claims={**CLAIMS, "admin": True}),
    "sub twice": forge(claims=twice("sub", "u_alice", CLAIMS)),
    "exp twice": forge(claims=twice("exp", NOW_S + 10_000, CLAIMS)),
    "claims a list": forge(claims=list(CLAIMS.items())),
    "claims a text": forge(claims="u_bob"),
    "claims null": forge(claims=None),
    "claims not JSON": forge(claims=b"u_bob"),
    "claims not UTF-8": forge(claims=as_json(CLAIMS).replace(b"u_bob", b"u_\xff\xfe")),
    "claims nested deep": forge(claims=b"[" * 1_400 + b"]" * 1_400),
    "another token inside": forge(claims=GOOD.encode()),
    "iss another": forge(claims={**CLAIMS, "iss": "https://evil.example"}),
    "iss a list": forge(claims={**CLAIMS, "iss": ["playhead"]}),
    "aud another": forge(claims={**CLAIMS, "aud": "admin"}),
    "aud a list": forge(claims={**CLAIMS, "aud": ["playback", "admin"]}),
    **{
        f"{name} {what}": forge(claims={**CLAIMS, name: value})
        for name in ("sub", "video", "playback", "jti")
        for what, value in {
            "a number": 1,
            "null": None,
            "an object": {"sql": "1=1"},
            "empty": "",
            "too long": "x" * (limits.TICKET_FIELD_CHARS + 1),
            "half a character": "\ud800",
            "a control character": "u_bob\n",
        }.items()
    },
    **{
        f"{name} {what}": forge(claims=as_json({**CLAIMS, name: "@"}).replace(b'"@"', value))
        for name in ("iat", "nbf", "exp")
        for what, value in {
            "a text": b'"1790000000"',
            "a fraction": b"1790000000.0",
            "an exponent": b"1e9",
            "true": b"true",
            "null": b"null",
            "a list": b"[1790000000]",
            "NaN": b"NaN",
            "Infinity": b"Infinity",
            "negative": b"-1",
            "too large": b"9007199254740993",
            "endless": b"1" * 3_000,
        }.items()
    },
    "longer than twelve hours": forge(claims={**CLAIMS, "exp": NOW_S + limits.TICKET_LIFETIME_S + 1}),
    "over before it began": forge(claims={**CLAIMS, "exp": NOW_S - 1}),
    "over when it began": forge(claims={**CLAIMS, "exp": NOW_S}),
    "from the future": forge(claims={**CLAIMS, "iat": NOW_S + 3, "nbf": NOW_S + 3}),
    "not yet": forge(claims={**CLAIMS, "nbf": NOW_S + 1}),
    "not yet, by less than the clock's tolerance": forge(claims={**CLAIMS, "iat": NOW_S + 2, "nbf": NOW_S + 1}),
}


def refused(token: str | bytes, *, now_s: int = NOW_S, keys: TicketKeys = KEYS) -> str:
    """The code of the refusal; any other outcome fails."""
    with pytest.raises(Unauthorised) as caught:
        verify(token, keys=keys, now_s=now_s)
    assert len(caught.value.detail) < 100
    return caught.value.code


def test_the_list_is_long_enough() -> None:
    assert len(ATTACKS) >= 87
    assert len(set(ATTACKS.values())) == len(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_refused(attack: str) -> None:
    token = ATTACKS[attack]
    assert refused(token) == "ticket_invalid"
    other = token.encode("utf-8", "surrogatepass") if isinstance(token, str) else token.decode("latin-1")
    assert refused(other) == "ticket_invalid"


@pytest.mark.parametrize("token", [GOOD, GOOD.encode()])
def test_the_ticket_forged_from_is_a_good_one(token: str | bytes) -> None:
    assert verify(token, keys=KEYS, now_s=NOW_S) == BOB


def test_the_spare_bits_test_spoils_a_good_one() -> None:
    assert read(UNEVEN, keys=KEYS).jti.startswith("j")
    assert spare_bits(UNEVEN.split(".")[1]) != UNEVEN.split(".")[1]


# --- Time.


@pytest.mark.parametrize(
    ("claims", "now_s"),
    [
        (CLAIMS, NOW_S + 3599),
        ({**CLAIMS, "iat": NOW_S + 2, "nbf": NOW_S}, NOW_S),
        ({**CLAIMS, "exp": NOW_S + limits.TICKET_LIFETIME_S}, NOW_S),
    ],
)
def test_good_until_the_last_second(claims: dict[str, Any], now_s: int) -> None:
    assert verify(forge(claims=claims), keys=KEYS, now_s=now_s).viewer == "u_bob"


def test_expired_is_told_apart() -> None:
    assert refused(GOOD, now_s=NOW_S + 3600) == "ticket_expired"
    assert refused(GOOD, now_s=NOW_S + 10**9) == "ticket_expired"
    assert refused(forge(secret=b"x" * 32), now_s=NOW_S + 3600) == "ticket_invalid"


def test_read_is_for_caching_and_time_is_checked_at_every_use() -> None:
    ticket = read(GOOD, keys=KEYS)
    assert ticket == BOB
    check_time(ticket, now_s=NOW_S)
    with pytest.raises(Unauthorised, match="ticket_expired"):
        check_time(ticket, now_s=NOW_S + 3600)


# --- Signing.

names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=50)


@given(names, names, names, names, st.integers(2, limits.INTEGER_MAX // 2), st.integers(1, limits.TICKET_LIFETIME_S))
def test_what_is_signed_is_read(viewer: str, video: str, playback: str, jti: str, now_s: int, lifetime_s: int) -> None:
    token = sign(viewer=viewer, video=video, playback=playback, jti=jti, keys=KEYS, now_s=now_s, lifetime_s=lifetime_s)
    expected = Ticket(viewer, video, playback, jti, now_s, now_s + lifetime_s)
    assert verify(token, keys=KEYS, now_s=now_s) == expected
    assert verify(token, keys=KEYS, now_s=now_s + lifetime_s - 1) == expected
    assert refused(token, now_s=now_s + lifetime_s) == "ticket_expired"


def bobs(**changed: Any) -> str:
    fields: dict[str, Any] = {"viewer": "u_bob", "video": "v_1", "playback": "p_1", "jti": "j_1", "keys": KEYS}
    return sign(**fields | {"now_s": NOW_S} | changed)


def test_it_lives_twelve_hours_unless_told() -> None:
    assert verify(bobs(), keys=KEYS, now_s=NOW_S).expires_at_s == NOW_S + 12 * 3600


def test_a_clock_that_steps_back_two_seconds_harms_nobody() -> None:
    assert verify(bobs(), keys=KEYS, now_s=NOW_S - 2).viewer == "u_bob"
    assert refused(bobs(), now_s=NOW_S - 3) == "ticket_invalid"


@pytest.mark.parametrize(
    "changed",
    [{"viewer": ""}, {"video": "x" * 201}, {"jti": "a\nb"}, {"lifetime_s": 0}, {"lifetime_s": 43_201}, {"now_s": 1}],
)
def test_what_would_not_be_read_is_not_signed(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a ticket"):
        bobs(**changed)


# --- Keys.


def test_the_newest_signs_and_all_verify() -> None:
    older = TicketKeys([("2026-10", OLD_SECRET)])
    assert verify(bobs(keys=older), keys=KEYS, now_s=NOW_S) == verify(bobs(), keys=KEYS, now_s=NOW_S)
    assert refused(bobs(), keys=older) == "ticket_invalid"
    assert refused(bobs(keys=older), keys=TicketKeys([("2026-11", SECRET)])) == "ticket_invalid"


def test_the_header_is_written_as_ours() -> None:
    assert json.loads(base64.urlsafe_b64decode(bobs().partition(".")[0] + "===")) == HEADER
    assert bobs().partition(".")[0] == HEAD


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [("a", b"x" * 31)],
        [("", b"x" * 32)],
        [("a b", b"x" * 32)],
        [("a" * 65, b"x" * 32)],
        [("a", b"x" * 32), ("a", b"y" * 32)],
    ],
)
def test_weak_or_ambiguous_keys(keys: list[tuple[str, bytes]]) -> None:
    with pytest.raises(ValueError, match="key"):
        TicketKeys(keys)


# --- Whatever comes in.


def test_no_byte_can_be_changed_left_out_or_doubled() -> None:
    raw = GOOD.encode()
    for position, byte in enumerate(raw):
        before, after = raw[:position], raw[position + 1 :]
        for other in {byte ^ 1, byte ^ 0x20, byte ^ 0x80, ord("A"), ord("."), ord("="), 0} - {byte}:
            refused(before + bytes([other]) + after)
        refused(before + after)
        refused(before + bytes([byte, byte]) + after)


@given(st.binary(max_size=600) | st.text(max_size=600))
def test_any_bytes_and_any_text(token: str | bytes) -> None:
    assert refused(token) == "ticket_invalid"


@given(st.text("ABab01-_.", max_size=80), st.binary(max_size=60), st.binary(max_size=60))
def test_anything_that_looks_like_a_token(text: str, header: bytes, claims: bytes) -> None:
    for token in (text, forge(header, claims), forge(claims=claims), f"{HEAD}.{text}"):
        assert refused(token) == "ticket_invalid"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(CLAIMS)), json_values, min_size=1))
def test_signed_nonsense_is_refused_or_is_a_ticket(changed: dict[str, Any]) -> None:
    try:
        ticket = verify(forge(claims={**CLAIMS, **changed}), keys=KEYS, now_s=NOW_S)
    except Unauthorised:
        return
    assert all(
        type(value) is str and value.isprintable()
        for value in (ticket.viewer, ticket.video, ticket.playback, ticket.jti)
    )
    assert NOW_S - limits.TICKET_LIFETIME_S < ticket.issued_at_s <= NOW_S + 2
    assert NOW_S < ticket.expires_at_s <= ticket.issued_at_s + limits.TICKET_LIFETIME_S


def test_the_claims_are_not_read_before_the_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_too_early(_: bytes) -> dict[str, object]:
        raise AssertionError("claims were read")

    monkeypatch.setattr(tickets, "_claims", read_too_early)
    assert refused(forge(secret=b"x" * 32)) == "ticket_invalid"
    with pytest.raises(AssertionError):
        verify(GOOD, keys=KEYS, now_s=NOW_S)
