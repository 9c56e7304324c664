"""Tokens that must open nothing, made from the lists of RFC 8725 and of what libraries were seen to accept."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

SECRET = b"an integration's secret of 32 bytes or more"
OTHER_SECRET = b"some other integration's secret, as long as that"
ISSUER, KID = "i_school", "k_2026"
NOW_S = 1_788_249_600
HEADER = {"alg": "HS256", "typ": "JWT", "kid": KID}
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "playhead-watch",
    "sub": "student-17",
    "video": "v_film",
    "iat": NOW_S,
    "exp": NOW_S + 3600,
}
KOLLUS: dict[str, Any] = {"cuid": "student-17", "expt": NOW_S + 3600, "mc": [{"mckey": "v_film"}]}


def part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(
    claims: Any = CLAIMS, header: Any = HEADER, *, secret: bytes = SECRET, hash: Callable[..., Any] = hashlib.sha256
) -> str:
    """A token with any header and claims; texts are taken as they are, everything else becomes JSON."""
    parts = [part(each.encode() if isinstance(each, str) else json.dumps(each).encode()) for each in (header, claims)]
    return sealed(".".join(parts), secret=secret, hash=hash)


def sealed(body: str, *, secret: bytes = SECRET, hash: Callable[..., Any] = hashlib.sha256) -> str:
    return f"{body}.{part(hmac.digest(secret, body.encode(), hash))}"


def good(**claims: Any) -> str:
    return signed({**CLAIMS, **claims})


def attacks() -> Iterator[tuple[str, str]]:
    """(name, token); everything not spoiled on purpose is as a good token has it."""
    yield from forged()
    yield from _times()
    yield from _claims()
    yield from _rules()


def forged() -> Iterator[tuple[str, str]]:
    """Those that nobody with the key has signed, or not in the one way, whatever they say."""
    yield from _algorithms()
    yield from _headers()
    yield from _signatures()
    yield from _encodings()


def _algorithms() -> Iterator[tuple[str, str]]:
    for alg in ("none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256", "HS256 "):
        yield f"alg {alg!r}", signed(header={**HEADER, "alg": alg})
    for alg in ("none", "None"):
        yield f"alg {alg} without a signature", signed(header={**HEADER, "alg": alg}).rpartition(".")[0] + "."
    yield "alg HS512 signed so", signed(header={**HEADER, "alg": "HS512"}, hash=hashlib.sha512)
    yield "alg HS256 signed by HS512", signed(hash=hashlib.sha512)
    typed: list[Any] = [None, 1, ["HS256"], {"HS256": 1}, True]
    for other in typed:
        yield f"alg {other!r}", signed(header={**HEADER, "alg": other})
    yield "no alg", signed(header={"typ": "JWT", "kid": KID})


def _headers() -> Iterator[tuple[str, str]]:
    more = {
        "crit": ["exp"],
        "b64": False,
        "jku": "https://attacker.example/keys",
        "x5u": "https://attacker.example/cert",
        "jwk": {"kty": "oct", "k": part(OTHER_SECRET)},
        "x5c": ["MIIB"],
        "zip": "DEF",
        "cty": "JWT",
        "unknown": 1,
    }
    for name, value in more.items():
        yield f"header {name}", signed(header={**HEADER, name: value})
    jwk = {"kty": "oct", "k": part(OTHER_SECRET)}
    yield "a key in the header, signed by it", signed(header={**HEADER, "jwk": jwk}, secret=OTHER_SECRET)
    for kid in (
        "k_other", "../../../../dev/null", "/etc/passwd", "' OR 1=1 --", "k_2026' UNION SELECT 'x", "", "k_2026\0",
        "x" * 65, 0, None, ["k_2026"], "https://attacker.example/key", "|id",
    ):  # fmt: skip
        yield f"kid {kid!r}"[:60], signed(header={**HEADER, "kid": kid}, secret=b"")
    for kid in ("../../../../dev/null", "k_other"):
        yield f"kid {kid} signed by a secret of nothing", signed(header={**HEADER, "kid": kid}, secret=b"\0" * 32)
    for typ in ("jwt", "at+jwt", "playhead-ticket+jwt", "secevent+jwt", "", 1, None):
        yield f"typ {typ!r}", signed(header={**HEADER, "typ": typ})
    yield "header with a key twice", signed(header='{"alg":"none","alg":"HS256","typ":"JWT"}')
    yield "header that is a list", signed(header="[]")
    yield "header that is no JSON", signed(header="HS256")


def _signatures() -> Iterator[tuple[str, str]]:
    whole = good()
    body, _, signature = whole.rpartition(".")
    yield "signed by another secret", signed(secret=OTHER_SECRET)
    for weak in (b"", b"secret", b"\0" * 32, ISSUER.encode(), KID.encode()):
        yield f"signed by {weak!r}", signed(secret=weak)
    yield "no signature", body + "."
    yield "two parts", body
    yield "a signature of zeros", f"{body}.{part(bytes(32))}"
    yield "a shortened signature", whole[:-4]
    yield "a flipped bit", f"{body}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    other = part(json.dumps({**CLAIMS, "sub": "student-18"}).encode())
    yield "other claims under the signature", f"{body.partition('.')[0]}.{other}.{signature}"
    yield (
        "another header under the signature",
        f"{part(json.dumps({'alg': 'HS256'}).encode())}.{body.partition('.')[2]}.{signature}",
    )


def _encodings() -> Iterator[tuple[str, str]]:
    whole = good()
    header, claims, signature = whole.split(".")
    yield "padding", f"{header}.{claims}.{signature}="
    yield "standard base64", sealed(f"{header}.{claims}").replace("-", "+").replace("_", "/") + "+"
    yield "a space before", " " + whole
    yield "a newline after", whole + "\n"
    yield "a null byte after", whole + "\0"
    yield "four parts", whole + ".e30"
    yield "five parts (JWE)", f"{header}..{claims}.{claims}.{signature}"
    yield "spare bits set", f"{header}.{claims}.{_spare(signature)}"
    yield "the JSON form", json.dumps({"protected": header, "payload": claims, "signature": signature})
    yield "a part that is no base64", sealed(f"{header}.{claims}AAA")
    yield "a header of one letter", f"A.{claims}.{signature}"
    yield "nothing", ""
    yield "dots", ".."
    yield "two megabytes", good(name="x" * 2_000_000)
    yield "not ASCII", whole[:-1] + "é"
    yield "claims with a key twice", signed(json.dumps(CLAIMS)[:-1] + ', "sub": "student-18"}')
    yield "claims that are a list", signed([CLAIMS])
    yield "claims that are no JSON", signed("student-17")
    yield "claims in UTF-16", sealed(f"{header}.{part(json.dumps(CLAIMS).encode('utf-16'))}")
    yield "claims nested deeply", signed("[" * 1500 + "]" * 1500)
    yield "claims with NaN", signed(json.dumps(CLAIMS)[:-1] + ', "start_ms": NaN}')


def _spare(signature: str) -> str:
    """The same bytes, written with the two bits set that say nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return signature[:-1] + letters[letters.index(signature[-1]) | 1]


def _times() -> Iterator[tuple[str, str]]:
    yield "expired", good(iat=NOW_S - 7200, exp=NOW_S - 3600)
    yield "expired this second", good(iat=NOW_S - 3600, exp=NOW_S)
    yield "no expiry", signed({name: value for name, value in CLAIMS.items() if name != "exp"})
    yield "no time of issue", signed({name: value for name, value in CLAIMS.items() if name != "iat"})
    yield "not yet", good(nbf=NOW_S + 3000)
    yield "issued in the future", good(iat=NOW_S + 3000, exp=NOW_S + 3600)
    yield "for ten years", good(exp=NOW_S + 10 * 365 * 86_400)
    yield "ends before it begins", good(exp=NOW_S - 1)
    for exp in (str(NOW_S + 3600), NOW_S + 3600.5, True, None, [NOW_S + 3600], 1e300, -1, 2**70):
        yield f"expiry {exp!r}", good(exp=exp)


def _claims() -> Iterator[tuple[str, str]]:
    no_names: list[Any] = ["", "x" * 201, "a\0b", "a\nb", None, 17, ["student-17"], {}]
    for name in ("sub", "video"):
        for value in no_names:
            yield f"{name} {value!r}"[:40], good(**{name: value})
        yield f"no {name}", signed({each: value for each, value in CLAIMS.items() if each != name})
    for aud in ("playback", ["playhead-watch"], "", None, "PLAYHEAD-WATCH"):
        yield f"aud {aud!r}", good(aud=aud)
    for iss in ("playhead", "i_other", "", None, [ISSUER]):
        yield f"iss {iss!r}", good(iss=iss)
    yield "an unknown claim", good(admin=True)
    yield "Kollus's claims", signed(KOLLUS)
    yield "a ticket's claims", good(playback="p_1")
    yield "a start before the start", good(start_ms=-1)
    yield "a start that is a text", good(start_ms="10")


def _rules() -> Iterator[tuple[str, str]]:
    spoiled: list[Any] = [
        [], "free", {"max_rate": 16_000}, {"max_rate": 0}, {"max_rate": "2000"}, {"max_rate": True}, {"seeking": "all"},
        {"plays": -1}, {"threshold_percent": 1}, {"needs_visible": False}, {"preview": True}, {"rates": []},
        {"rates": [1000] * 17}, {"watermark": 0}, {"delivery_is_evidence": False},
        {"part_start_ms": 10, "part_end_ms": 10},
    ]  # fmt: skip
    for rules in spoiled:
        yield f"rules {json.dumps(rules)}"[:50], good(rules=rules)
