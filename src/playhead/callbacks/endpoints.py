"""Endpoints: made, changed, and asked who of them wants what. Pages and API call these; no other writes the table."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.db.models import Q, QuerySet

from playhead.callbacks.addresses import Rules, parse
from playhead.callbacks.models import Delivery, Endpoint
from playhead.callbacks.signing import new_secret
from playhead.core import limits
from playhead.core.errors import Invalid, Missing
from playhead.recorder import models as recorder
from playhead.recorder import service
from playhead.recorder.outbox import PLAYBACK_TYPES, TYPES
from playhead.recorder.sealed import seal, unseal

STANDARD, KOLLUS = "standard", "kollus"
FORMATS: Final = (STANDARD, KOLLUS)
GONE, FAILED_FOR_DAYS = "gone", "failing"


def rules() -> Rules:
    """Where this deployment's callbacks may go."""
    return Rules(
        ports=settings.PLAYHEAD_CALLBACK_PORTS,
        local=settings.PLAYHEAD_CALLBACK_LOCAL,
        networks=settings.PLAYHEAD_CALLBACK_NETWORKS,
    )


def audience(organisation_id: int, integration: str | None, personal: bool) -> int | None:  # noqa: FBT001 - as asked
    """For `recorder.service.listen`: the interval of progress messages in seconds, None where nobody listens."""
    listening = Endpoint.objects.filter(organisation_id=organisation_id, active=True)
    if personal:
        listening = listening.filter(Q(integration=None) | Q(integration=integration))
    if not listening.exists():
        return None
    if integration is not None:
        row = recorder.Integration.objects.filter(key=integration, active=True).first()
        return row.progress_every_s if row else None
    return limits.PROGRESS_EVERY_S


@contextmanager
def listening() -> Iterator[None]:
    """Until the end of the block, the recorder's room asks here whether anybody listens."""
    service.listen(audience)
    try:
        yield
    finally:
        service.stop_listening(audience)


def wants(endpoint: Endpoint, *, organisation_id: int, integration: str | None, viewer: str | None, type: str) -> bool:
    """Whether a message is for this endpoint. What is about nobody is for every integration of the organisation."""
    if endpoint.organisation_id != organisation_id or (endpoint.types and type not in endpoint.types):
        return False
    if endpoint.format == KOLLUS and type not in PLAYBACK_TYPES:
        return False  # its receivers know of nothing else
    return endpoint.integration in {None, integration} or viewer is None


def of_organisation(organisation_id: int, integration: str | None = None) -> QuerySet[Endpoint]:
    """Oldest first; of one integration where one is given."""
    found = Endpoint.objects.filter(organisation_id=organisation_id).order_by("id")
    return found if integration is None else found.filter(integration=integration)


def find(organisation_id: int, key: str) -> Endpoint:
    """Raises Missing (code `no_endpoint`)."""
    endpoint = of_organisation(organisation_id).filter(key=key).first()
    if endpoint is None:
        raise Missing("no_endpoint", "There is no such endpoint.")
    return endpoint


def add(
    *,
    organisation_id: int,
    name: str,
    url: str,
    now_ms: int,
    integration: str | None = None,
    format: str = STANDARD,
    types: Sequence[str] = (),
) -> tuple[Endpoint, str]:
    """A new endpoint, and its secret, which is shown this once. Raises Invalid."""
    checked(url=url, format=format, types=types)
    secret = new_secret()
    endpoint = Endpoint.objects.create(
        key="e_" + secrets.token_hex(8),
        organisation_id=organisation_id,
        integration=integration,
        name=name,
        url=url,
        format=format,
        types=list(types),
        secrets=[_kept(secret, now_ms)],
        created_at=now_ms,
    )
    return endpoint, secret


def change(endpoint: Endpoint, **changes: Any) -> Endpoint:
    """Name, url, format, types or integration. Raises Invalid. What waits goes to the new address."""
    checked(**{name: changes[name] for name in ("url", "format", "types") if name in changes})
    for name, value in changes.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=list(changes))
    return endpoint


def checked(*, url: str | None = None, format: str = STANDARD, types: Sequence[str] = ()) -> None:
    """Raises Invalid for what an endpoint cannot be."""
    if url is not None:
        parse(url.replace("{", "").replace("}", "") if format == KOLLUS else url, rules())
    if format not in FORMATS:
        raise Invalid("format_unknown", f"A format is one of {', '.join(FORMATS)}.")
    if unknown := [type for type in types if type not in TYPES]:
        raise Invalid("type_unknown", f"There is no message type {unknown[0]}.")


def switch_off(endpoint: Endpoint, *, now_ms: int, reason: str = "") -> None:
    """No message is tried any more; what waits is kept. `reason` is empty where a person did it."""
    endpoint.active, endpoint.disabled_at, endpoint.disabled_reason = False, now_ms, reason
    endpoint.save(update_fields=["active", "disabled_at", "disabled_reason"])


def switch_on(endpoint: Endpoint, *, now_ms: int) -> None:
    """What waited is tried at once, in its order."""
    endpoint.active, endpoint.disabled_at, endpoint.disabled_reason = True, None, ""
    endpoint.failing_since = endpoint.alerted_at = None
    endpoint.save(update_fields=["active", "disabled_at", "disabled_reason", "failing_since", "alerted_at"])
    Delivery.objects.filter(endpoint=endpoint, state=Delivery.WAITING, next_at__gt=now_ms).update(next_at=now_ms)


def remove(endpoint: Endpoint) -> None:
    """With everything that was kept about it."""
    endpoint.delete()


def rotate(endpoint: Endpoint, *, now_ms: int, overlap_ms: int = limits.KEY_OVERLAP_MS) -> str:
    """A new secret, shown this once; the one before it signs beside it for `overlap_ms`, older ones no more."""
    secret = new_secret()
    before = [{**kept, "retired_at": now_ms + overlap_ms} for kept in endpoint.secrets[:1]]
    endpoint.secrets = [_kept(secret, now_ms), *before]
    endpoint.save(update_fields=["secrets"])
    return secret


def signing_secrets(endpoint: Endpoint, *, now_ms: int) -> list[str]:
    """Those that sign now, newest first."""
    good = [kept for kept in endpoint.secrets if kept["retired_at"] is None or now_ms < kept["retired_at"]]
    return [unseal(kept["secret"]) for kept in good]


def _kept(secret: str, now_ms: int) -> dict[str, Any]:
    return {"secret": seal(secret), "created_at": now_ms, "retired_at": None}
