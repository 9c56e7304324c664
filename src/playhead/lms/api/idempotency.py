"""A POST that is sent again does nothing again: draft-ietf-httpapi-idempotency-key-header.

What the request does and the answer that is kept are one transaction. So a request that failed keeps nothing and may
be repeated, and of two that come together the second waits for the first and gets its answer.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from playhead.core.errors import Conflict, Invalid
from playhead.lms.api.caller import ApiRequest
from playhead.lms.models import KeptAnswer
from playhead.recorder.sealed import seal, unseal

LIFE: Final = timedelta(hours=24)
KEY_CHARS: Final = 255
_KEPT_HEADERS: Final = ("Content-Type", "Location")


def once(request: ApiRequest, run: Callable[[], HttpResponse]) -> HttpResponse:
    """Run it, or give the answer it got the first time. Raises Conflict when the key belongs to another request."""
    key, fingerprint = _key(request), _fingerprint(request)
    with transaction.atomic():
        KeptAnswer.objects.filter(made_at__lt=timezone.now() - LIFE).delete()
        kept, is_new = KeptAnswer.objects.get_or_create(
            integration=request.caller.integration.key,
            idempotency_key=key,
            defaults={"fingerprint": fingerprint},
        )
        if not is_new:
            return _again(kept, fingerprint)
        response = run()
        if response.status_code >= 400:
            transaction.set_rollback(True)
        else:
            _keep(kept, response)
    return response


def _key(request: ApiRequest) -> str:
    key = request.headers["Idempotency-Key"].strip()
    if not 0 < len(key) <= KEY_CHARS or not key.isascii() or not key.isprintable():
        raise Invalid("idempotency_key", f"An idempotency key has 1 to {KEY_CHARS} printable ASCII characters.")
    return key


def _fingerprint(request: ApiRequest) -> str:
    told = [str(request.caller.key.integration), request.get_full_path(), request.body.hex()]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _again(kept: KeptAnswer, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        raise Conflict("idempotency_key_reused", "This idempotency key was used for another request.")
    response = HttpResponse(unseal(bytes(kept.body).decode()), status=kept.status, headers=kept.headers)
    response["Idempotency-Replayed"] = "true"
    return response


def _keep(kept: KeptAnswer, response: HttpResponse) -> None:
    kept.status = response.status_code
    kept.headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    kept.body = seal(response.content.decode()).encode()
    kept.save()
