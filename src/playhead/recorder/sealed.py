"""Other systems' secrets at rest: encrypted under a key derived from the deployment's own secrets.

Whoever gets the database alone, or a backup of it, learns none of them.
"""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from playhead.core.errors import Unavailable

_HOW = {"alg": "dir", "enc": "A256GCM"}


@lru_cache(maxsize=4)
def _key(site_key: str) -> OctKey:
    return OctKey.import_key(hmac.digest(site_key.encode(), b"playhead: secrets at rest", hashlib.sha256))


def seal(text: str) -> str:
    """The text, encrypted and authenticated (JWE, A256GCM); never twice the same."""
    return jwe.encrypt_compact(_HOW, text.encode(), _key(settings.PLAYHEAD_SECRETS.site_key))


def unseal(sealed: str) -> str:
    """What `seal` hid. Raises Unavailable (code `sealed_elsewhere`) under another deployment's secrets."""
    try:
        opened = jwe.decrypt_compact(sealed, _key(settings.PLAYHEAD_SECRETS.site_key), algorithms=["dir", "A256GCM"])
    except (JoseError, ValueError):
        said = "A stored secret does not open with the secrets of this data folder: was secrets.json replaced?"
        raise Unavailable("sealed_elsewhere", said, retry_after_s=3600) from None
    assert opened.plaintext is not None
    return opened.plaintext.decode()
