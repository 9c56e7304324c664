"""Standard Webhooks 1.0: who sends it, and that nobody changed it on the way.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32  # of the 24 to 64 that are allowed


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(body: bytes, *, message_id: str, at_s: int, signing_secrets: Sequence[str]) -> list[tuple[str, str]]:
    """The three headers of one attempt. The id stays over retries, the time is the attempt's.

    Every secret signs: while one replaces another, whoever knows either can check.
    """
    signed = f"{message_id}.{at_s}.".encode() + body
    signatures = [_signature(signed, secret) for secret in signing_secrets]
    return [
        ("webhook-id", message_id),
        ("webhook-timestamp", str(at_s)),
        ("webhook-signature", " ".join(signatures)),
    ]


def _signature(signed: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
