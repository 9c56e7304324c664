"""One-time links: 256 random bits in the address, their hash in the table."""

import hashlib
import secrets


def make_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
