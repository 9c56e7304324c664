"""Tokens of other systems (JWT, HS256): "this viewer may watch this video, until then, under these rules".

They are written by other people's libraries, so their headers are read where our own tickets' are compared byte for
byte; and read as strictly: one algorithm, no header we do not know, one way to write base64url, no key twice, and no
claim is looked at before the signature fits. Two dialects: our own claims, and those of Kollus (`cuid`, `expt`, `mc`).
Which of them a token may speak is the integration's kind, never the token's own word.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from playhead.core import limits
from playhead.core.errors import Unauthorised

ALGORITHM: Final = "HS256"
AUDIENCE: Final = "playhead-watch"
PLAYHEAD, KOLLUS = "playhead", "kollus"

_SHAPE: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
_KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_HEADER: Final = frozenset({"alg", "typ", "kid"})
_REGISTERED: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
_OWN: Final = frozenset({"iss", "aud", "sub", "video", "iat", "nbf", "exp", "jti", "name", "start_ms", "rules"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a valid token says. `rules` are rules of viewing by name, in the units of `lms.models.rules`; `viewer` and
    `video` are the other system's own names."""

    viewer: str
    video: str
    expires_at_s: int
    name: str = ""
    start_ms: int | None = None
    once: str = ""  # its `jti`: a token that has one is good for one browser
    rules: Mapping[str, object] = field(default_factory=dict)


def key_id(token: str) -> str | None:
    """The id of the key that a token says it is signed with: only to look it up. Raises Unauthorised."""
    kid = _header(_parts(token)[0]).get("kid")
    assert kid is None or isinstance(kid, str)
    return kid


def verify(token: str, *, kind: str, issuer: str, keys: Iterable[tuple[str, bytes]], now_s: int) -> Grant:
    """What the token grants. Raises Unauthorised, and nothing else, whatever it is given.

    `keys` are the integration's `(kid, secret)` that are good now; `issuer` is its key. Code `token_expired` where only
    its time is over, else `token_invalid`.
    """
    header_part, claims_part, signature_part = _parts(token)
    kid = _header(header_part).get("kid")
    payload, _ = _decoded(claims_part), _decoded(signature_part)
    fitting = [secret for known, secret in keys if kid in (None, known)]
    if not any(_fits(token, secret) for secret in fitting):
        _refuse("its signature does not fit")
    claims = _object(payload, "its claims")
    return _kollus(claims, now_s) if kind == KOLLUS else _own(claims, issuer, now_s)


def signed_object(token: str, *, secrets: Iterable[bytes]) -> dict[str, object]:
    """What a token of the other system says, whatever it is about, read as strictly. Raises Unauthorised."""
    header_part, claims_part, signature_part = _parts(token)
    _header(header_part)
    payload, _ = _decoded(claims_part), _decoded(signature_part)
    if not any(_fits(token, secret) for secret in secrets):
        _refuse("its signature does not fit")
    return _object(payload, "its claims")


def _refuse(why: str) -> NoReturn:
    raise Unauthorised("token_invalid", f"The token is not valid: {why}.")


def _parts(token: str) -> tuple[str, str, str]:
    if len(token) > limits.TICKET_BYTES:
        _refuse("it is too long")
    match = _SHAPE.fullmatch(token)
    if match is None:
        _refuse("three base64url parts are expected")
    header, claims, signature = match.groups()
    return header, claims, signature


def _header(part: str) -> dict[str, object]:
    header = _object(_decoded(part), "its header")
    if not header.keys() <= _HEADER:
        _refuse("its header asks for what is not done here")
    if header.get("alg") != ALGORITHM or header.get("typ", "JWT") != "JWT":
        _refuse("only HS256 is accepted")
    kid = header.get("kid")
    if kid is not None and not (isinstance(kid, str) and _KEY_ID.fullmatch(kid)):
        _refuse("its key id is not one")
    return header


def _fits(token: str, secret: bytes) -> bool:
    if len(secret) < limits.TICKET_SECRET_BYTES:
        return False
    try:
        jws.deserialize_compact(token.encode("ascii"), OctKey.import_key(secret), algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        return False
    return True


def _decoded(part: str) -> bytes:
    """The bytes of a base64url part, which must be the one way to write them: no padding, no spare bits set."""
    try:
        decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        _refuse("base64url is expected")
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != part:
        _refuse("base64url is expected in its one canonical form")
    return decoded


def _object(text: bytes, what: str) -> dict[str, object]:
    try:
        read = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        _refuse(f"{what} are not plain JSON")
    if type(read) is not dict:
        _refuse(f"{what} are not a JSON object")
    return read


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# --- our own claims


def _own(claims: dict[str, object], issuer: str, now_s: int) -> Grant:
    if not claims.keys() <= _OWN:
        _refuse("it holds claims that are not known here")
    if (claims.get("iss"), claims.get("aud")) != (issuer, AUDIENCE):
        _refuse("it is somebody else's, or for something else")
    issued_at_s, expires_at_s = _whole(claims, "iat"), _whole(claims, "exp")
    if not issued_at_s < expires_at_s <= issued_at_s + limits.WATCH_TOKEN_S:
        _refuse("its times do not fit together")
    not_before_s = _whole(claims, "nbf") if "nbf" in claims else issued_at_s
    _check_time(max(issued_at_s, not_before_s), expires_at_s, now_s)
    return Grant(
        viewer=_text(claims, "sub"),
        video=_text(claims, "video"),
        expires_at_s=expires_at_s,
        name=_text(claims, "name") if "name" in claims else "",
        start_ms=_whole(claims, "start_ms", most=limits.VIDEO_MS) if "start_ms" in claims else None,
        once=_text(claims, "jti") if "jti" in claims else "",
        rules=_rules(claims.get("rules", {})),
    )


def _check_time(not_before_s: int, expires_at_s: int, now_s: int) -> None:
    if not_before_s > now_s + limits.WATCH_TOKEN_EARLY_S:
        _refuse("it is from the future")
    if expires_at_s <= now_s:
        raise Unauthorised("token_expired", "The link has expired.")


def _rules(told: object) -> dict[str, object]:
    if type(told) is not dict or not told.keys() <= _RULES.keys():
        _refuse("it holds rules that are not known here")
    if not all(_RULES[name](value) for name, value in told.items()):
        _refuse("one of its rules cannot be meant")
    if told.get("part_end_ms", limits.VIDEO_MS) <= told.get("part_start_ms", 0):
        _refuse("the part ends before it begins")
    return told


def _is_whole(least: int, most: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= most


_is_rate: Final = _is_whole(limits.RATE_MIN, limits.RATE_MAX)


def _are_rates(value: object) -> bool:
    return type(value) is list and 0 < len(value) <= limits.RATES_OFFERED and all(map(_is_rate, value))


_RULES: Final[Mapping[str, Callable[[object], bool]]] = {
    "max_rate": _is_rate,
    "rates": _are_rates,
    "seeking": lambda value: value in ("free", "covered", "none"),
    "part_start_ms": _is_whole(0, limits.VIDEO_MS),
    "part_end_ms": _is_whole(1, limits.VIDEO_MS),
    "plays": _is_whole(0, 1000),
    "concurrent": lambda value: value in ("newest", "oldest"),
    "devices": _is_whole(0, 10),
    "watermark": lambda value: type(value) is bool,
    "presence_minutes": _is_whole(0, limits.PRESENCE_MINUTES),
}


def _whole(claims: Mapping[str, object], name: str, *, least: int = 0, most: int = limits.INTEGER_MAX) -> int:
    value = claims.get(name)
    if type(value) is int and least <= value <= most:
        return value
    _refuse(f"{name} is not a whole number that can be meant")


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if type(value) is str and 0 < len(value) <= limits.TICKET_FIELD_CHARS and value.isprintable():
        return value
    _refuse(f"{name} is not a short, printable text")


# --- Kollus's claims


def _kollus(claims: dict[str, object], now_s: int) -> Grant:
    """Times in seconds. What only Kollus's own players can do (skins, N-screen, audio watermarks) is left aside."""
    if claims.keys() & _REGISTERED:
        _refuse("registered claims do not belong into it; its expiry is expt")
    expires_at_s = _whole(claims, "expt")
    if expires_at_s > now_s + limits.KOLLUS_TOKEN_S:
        _refuse("it lasts longer than a week")
    _check_time(0, expires_at_s, now_s)
    media = _main_medium(claims.get("mc"))
    rules = _seeking(media)
    if _flag(media, "disable_playrate", otherwise=False):
        rules |= {"rates": [limits.RATE_NORMAL], "max_rate": limits.RATE_NORMAL}
    if "play_section" in media:
        rules |= _section(media["play_section"])
    if "video_watermarking_code_policy" in claims:
        rules["watermark"] = True
    return Grant(viewer=_text(claims, "cuid"), video=_text(media, "mckey"), expires_at_s=expires_at_s, rules=rules)


def _main_medium(told: object) -> dict[str, object]:
    """Of several, the first that is no intro."""
    if type(told) is not list or not 0 < len(told) <= limits.KOLLUS_MEDIA or any(type(one) is not dict for one in told):
        _refuse("mc is not a list of media")
    main: dict[str, object] = next((one for one in told if not one.get("intr")), told[0])
    return main


def _seeking(media: Mapping[str, object]) -> dict[str, object]:
    """`seekable_end` is where systems put how far a viewer has come; here that is known."""
    if not _flag(media, "seek", otherwise=True):
        return {"seeking": "none"}
    is_bounded = "seekable_end" in media and _whole(media, "seekable_end", least=-1) >= 0
    return {"seeking": "covered"} if is_bounded else {}


def _section(told: object) -> dict[str, object]:
    if type(told) is not dict:
        _refuse("play_section is not an object")
    most_s = limits.VIDEO_MS // 1000
    start_s = _whole(told, "start_time", most=most_s) if "start_time" in told else 0
    end_s = _whole(told, "end_time", most=most_s) if "end_time" in told else most_s
    if end_s <= start_s:
        _refuse("play_section ends before it begins")
    return {"part_start_ms": start_s * 1000, "part_end_ms": end_s * 1000}


def _flag(told: Mapping[str, object], name: str, *, otherwise: bool) -> bool:
    value = told.get(name, otherwise)
    if type(value) is bool:
        return value
    _refuse(f"{name} is neither true nor false")
