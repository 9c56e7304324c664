"""Tickets: the signed, short-lived tokens (JWT, HS256) that allow one playback.

joserfc does the cryptography; this wrapper decides what a ticket is, following RFC 8725. Its order matters: size and
alphabet, then the header, compared byte for byte with the ones we write (so algorithm, type and key id cannot be
chosen by the sender and nothing unsigned is parsed), the one way to write base64url, the signature, and only then the
claims.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from playhead.core import limits
from playhead.core.errors import Unauthorised

ALGORITHM: Final = "HS256"
TYPE: Final = "playhead-ticket+jwt"
ISSUER: Final = "playhead"
AUDIENCE: Final = "playback"
CLAIMS: Final = frozenset({"iss", "aud", "sub", "video", "playback", "jti", "iat", "nbf", "exp"})
NAMES: Final = ("iss", "aud", "sub", "video", "playback", "jti")
TIMES: Final = ("iat", "nbf", "exp")

_CLOCK_TOLERANCE_S: Final = limits.CLOCK_TOLERANCE_MS // 1000
_SHAPE: Final = re.compile(rb"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a valid ticket says: this viewer may play this video in this playback, from and until (epoch seconds)."""

    viewer: str
    video: str
    playback: str
    jti: str
    issued_at_s: int
    expires_at_s: int


class TicketKeys:
    """The signing keys, newest first: the first signs, all verify. ValueError for weak or ambiguous ones."""

    __slots__ = ("_by_header", "_newest")

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        if not keys or len({kid for kid, _ in keys}) != len(keys):
            raise ValueError("at least one ticket key is needed, and each key id once")
        for kid, secret in keys:
            if not _KEY_ID.fullmatch(kid) or len(secret) < limits.TICKET_SECRET_BYTES:
                raise ValueError(f"a ticket key has a plain id and at least {limits.TICKET_SECRET_BYTES} bytes")
        self._newest = (_header(keys[0][0]), OctKey.import_key(keys[0][1]))
        self._by_header = {_header_part(kid): OctKey.import_key(secret) for kid, secret in keys}

    def signing(self) -> tuple[dict[str, str], OctKey]:
        """The header to write, and the key to sign with."""
        return self._newest

    def verifying(self, header_part: bytes) -> OctKey | None:
        """The key for a header exactly as one of ours is written; None for any other header."""
        return self._by_header.get(header_part)


def sign(
    *,
    viewer: str,
    video: str,
    playback: str,
    jti: str,
    keys: TicketKeys,
    now_s: int,
    lifetime_s: int = limits.TICKET_LIFETIME_S,
) -> str:
    """A ticket from now on, signed with the newest key. ValueError where `verify` would never accept it."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": viewer,
        "video": video,
        "playback": playback,
        "jti": jti,
        "iat": now_s,
        "nbf": now_s - _CLOCK_TOLERANCE_S,  # the server's clock may step back after signing
        "exp": now_s + lifetime_s,
    }
    header, key = keys.signing()
    payload = json.dumps(claims, separators=(",", ":")).encode()
    token = jws.serialize_compact(dict(header), payload, key, algorithms=[ALGORITHM])
    try:
        verify(token, keys=keys, now_s=now_s)
    except Unauthorised as error:
        raise ValueError(f"not a ticket: {error.detail}") from error
    return token


def verify(token: str | bytes, *, keys: TicketKeys, now_s: int) -> Ticket:
    """The ticket in `token`. Raises Unauthorised, and nothing else, whatever it is given.

    Code `ticket_expired` where only its time is over, else `ticket_invalid`.
    """
    ticket = read(token, keys=keys)
    check_time(ticket, now_s=now_s)
    return ticket


def read(token: str | bytes, *, keys: TicketKeys) -> Ticket:
    """The ticket in `token`, whenever it is or was valid: safe to cache by token, with `check_time` at every use."""
    raw = _bytes(token)
    match = _SHAPE.fullmatch(raw)
    if match is None:
        _refuse("three base64url parts are expected")
    header_part, claims_part, signature_part = match.groups()
    key = keys.verifying(header_part)
    if key is None:
        _refuse("the header is none of ours")
    claims, _ = _decoded(claims_part), _decoded(signature_part)
    _check_signature(raw, key)
    return _ticket(_claims(claims))


def check_time(ticket: Ticket, *, now_s: int) -> None:
    """Raises Unauthorised unless the ticket is valid now; the clock may have stepped back 2 s since it was signed."""
    if ticket.issued_at_s > now_s + _CLOCK_TOLERANCE_S:
        _refuse("it is from the future")
    if ticket.expires_at_s <= now_s:
        raise Unauthorised("ticket_expired", "The ticket has expired.")


def _refuse(why: str) -> NoReturn:
    raise Unauthorised("ticket_invalid", f"The ticket is not valid: {why}.")


def _bytes(token: str | bytes) -> bytes:
    if len(token) > limits.TICKET_BYTES:
        _refuse("it is too long")
    if isinstance(token, bytes):
        return token
    try:
        return token.encode("ascii")
    except UnicodeEncodeError:
        _refuse("it is not ASCII")


def _check_signature(raw: bytes, key: OctKey) -> None:
    try:
        jws.deserialize_compact(raw, key, algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        _refuse("the signature does not fit")


def _decoded(part: bytes) -> bytes:
    """The bytes of a base64url part, which must be the one way to write them: no padding, no spare bits set."""
    try:
        decoded = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except binascii.Error:
        _refuse("base64url is expected")
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != part:
        _refuse("base64url is expected in its one canonical form")
    return decoded


def _claims(payload: bytes) -> dict[str, object]:
    try:
        claims = json.loads(payload.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        _refuse("its claims are not plain JSON")
    if type(claims) is not dict or claims.keys() != CLAIMS:
        _refuse("its claims are not the agreed ones")
    return claims


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    claims = dict(pairs)
    if len(claims) != len(pairs):
        raise ValueError("a key comes twice")
    return claims


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _ticket(claims: dict[str, object]) -> Ticket:
    names = [_name(claims[name]) for name in NAMES]
    issued_at_s, not_before_s, expires_at_s = (_time(claims[name]) for name in TIMES)
    if names[:2] != [ISSUER, AUDIENCE]:
        _refuse("it is somebody else's, or for something else")
    # with nbf so much before iat, whoever checks iat with the clock's tolerance has checked nbf
    if not not_before_s + _CLOCK_TOLERANCE_S <= issued_at_s < expires_at_s <= issued_at_s + limits.TICKET_LIFETIME_S:
        _refuse("its times do not fit together")
    _, _, viewer, video, playback, jti = names
    return Ticket(viewer, video, playback, jti, issued_at_s, expires_at_s)


def _name(value: object) -> str:
    if type(value) is str and 0 < len(value) <= limits.TICKET_FIELD_CHARS and value.isprintable():
        return value
    _refuse("a name is not a short, printable text")


def _time(value: object) -> int:
    if type(value) is int and 0 <= value <= limits.INTEGER_MAX:
        return value
    _refuse("a time is not a whole number of seconds")


def _header(kid: str) -> dict[str, str]:
    return {"alg": ALGORITHM, "typ": TYPE, "kid": kid}


def _header_part(kid: str) -> bytes:
    """The header exactly as joserfc writes it, base64url."""
    written = jws.serialize_compact(_header(kid), b"", OctKey.import_key(bytes(limits.TICKET_SECRET_BYTES)))
    return written.partition(".")[0].encode()
