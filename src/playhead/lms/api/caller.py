"""Which program asks: the integration behind its key, and what the key is good for."""

import re
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from playhead.core.errors import Forbidden, Missing, Unauthorised
from playhead.lms.api_keys import key_of
from playhead.lms.models import ApiKey
from playhead.lms.trail import Machine
from playhead.recorder import integrations
from playhead.recorder.integrations import Integration

_BEARER: Final = re.compile(r"Bearer +([\x21-\x7e]{1,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    integration: Integration
    key: ApiKey
    scopes: frozenset[str]

    @property
    def actor(self) -> Machine:
        """As the trail of a course names it."""
        return Machine(self.integration.name)

    def check(self, scope: str) -> None:
        """Raises Forbidden where the key is not good for this."""
        if scope not in self.scopes:
            raise Forbidden("scope_missing", f"This key does not have the scope {scope}.", scope=scope)


class ApiRequest(HttpRequest):
    """A request that came in by the door (`lms.api.door`)."""

    caller: Caller


def caller_of(request: HttpRequest) -> Caller:
    """Raises Unauthorised without a good key, in the same words for one that is unknown, expired or revoked."""
    match = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    key = key_of(match[1]) if match else None
    if key is None:
        raise Unauthorised("key_invalid", "Send a good key: Authorization: Bearer ph_…")
    try:
        integration = integrations.find(key.integration)
    except Missing:
        raise Unauthorised("key_invalid", "The integration of this key is gone.") from None
    if not integration.active:
        raise Forbidden("integration_off", "This integration is switched off.")
    return Caller(integration, key, frozenset(key.scopes))
