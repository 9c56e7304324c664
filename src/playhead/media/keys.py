"""Keys of segments and pictures: derived when they are needed, never stored.

The master keys lie in a file of their own, apart from the media (`PLAYHEAD_MEDIA_KEYS`). Whoever has the media without
that file has noise; whoever loses the file has noise too, so it belongs into the backup.
"""

import json
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from playhead.core.errors import Missing

KEY_BYTES: Final = 16  # AES-128, as HLS asks for (RFC 8216 section 4.3.2.4)
_BLOCK_BITS: Final = 128
_NONCE_BYTES: Final = 12


class MasterKeys:
    """The keys `{id: secret}` of one file, newest first; made at first use, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, bytes] | None = None

    @property
    def newest(self) -> str:
        return next(iter(self._read()))

    def get(self, name: str) -> bytes:
        """Raises Missing where the file does not hold it: it is another deployment's, or was lost."""
        kept = self._read()
        if name not in kept:
            raise Missing("no_master_key", f"The key {name!r} of this video is not in {self._path.name}.")
        return kept[name]

    def _read(self) -> dict[str, bytes]:
        if self._kept is None:
            listed = json.loads(self._path.read_text() if self._path.exists() else self._make())
            self._kept = {str(key["id"]): bytes.fromhex(key["secret"]) for key in listed}
        return self._kept

    def _make(self) -> str:
        """Write a first key; when another process was faster, take its."""
        made = json.dumps([{"id": secrets.token_hex(4), "secret": secrets.token_hex(32)}], indent=1)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
        draft.touch(mode=0o600)
        draft.write_text(made)
        try:
            os.link(draft, self._path)
        except FileExistsError:
            return self._path.read_text()
        finally:
            draft.unlink()
        return made


@lru_cache(maxsize=1)
def master_keys() -> MasterKeys:
    return MasterKeys(settings.PLAYHEAD_MEDIA_KEYS)


def derived(master: bytes, *, salt: bytes, purpose: str) -> bytes:
    """The key for one purpose of one asset (HKDF, RFC 5869)."""
    return HKDF(hashes.SHA256(), KEY_BYTES, salt, purpose.encode()).derive(master)


def segment_key(master: bytes, *, salt: bytes, rendition: str, group: int) -> bytes:
    return derived(master, salt=salt, purpose=f"segments/{rendition}/{group}")


def encrypt_segment(clear: bytes, key: bytes, iv: bytes) -> bytes:
    """AES-128-CBC with PKCS7, the whole segment: what HLS calls METHOD=AES-128."""
    padder = padding.PKCS7(_BLOCK_BITS).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(padder.update(clear) + padder.finalize()) + encryptor.finalize()


def seal(clear: bytes, key: bytes) -> bytes:
    """Encrypt what only we read again (AES-GCM): pictures."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, None)


def unseal(sealed: bytes, key: bytes) -> bytes:
    """Raises Missing where it was sealed with another key, or altered."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    except InvalidTag:
        raise Missing("not_readable", "This file cannot be read with its key.") from None
