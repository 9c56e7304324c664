"""Callbacks: the integration's own endpoints, and what became of every message for them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from playhead.callbacks import endpoints, resending
from playhead.callbacks.models import Delivery, Endpoint
from playhead.core.errors import Missing
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.listing import PAGE, Cursor, Limit, Page, page_of
from playhead.lms.api.v1.operation import at, operation
from playhead.lms.api.v1.shapes.callbacks import (
    EndpointChange,
    EndpointIn,
    EndpointMade,
    EndpointOut,
    MessageOut,
    SecretOut,
)
from playhead.recorder import service

router = Router(tags=["callbacks"])

State = Annotated[Literal["waiting", "done", "failed", "dropped"] | None, Field(description="Only those that stand so")]


@operation(router, "get", "/callbacks", scope="callbacks:read", gives=Page[EndpointOut])
def list_endpoints(request: ApiRequest, cursor: Cursor = None, limit: Limit = PAGE) -> dict[str, Any]:
    """List callback endpoints."""
    integration = request.caller.integration
    rows = endpoints.of_organisation(integration.organisation_id, integration.key)
    return page_of(rows, shown_endpoints, cursor=cursor, limit=limit)


@operation(router, "post", "/callbacks", scope="callbacks:write", gives=EndpointMade)
def add_endpoint(request: ApiRequest, response: HttpResponse, asked: EndpointIn) -> dict[str, Any]:
    """Add a callback endpoint.
    Its `secret` is told only now: check every message with it, as Standard Webhooks says. What happens from now on is
    sent there."""
    integration = request.caller.integration
    made, secret = endpoints.add(
        organisation_id=integration.organisation_id,
        integration=integration.key,
        now_ms=service.current().now_ms(),
        **asked.dict(),
    )
    at(response, "callbacks", made.key)
    response.status_code = 201
    return shown_endpoint(made) | {"secret": secret}


@operation(router, "get", "/callbacks/{endpoint}", scope="callbacks:read", gives=EndpointOut)
def read_endpoint(request: ApiRequest, endpoint: str) -> dict[str, Any]:
    """Read a callback endpoint."""
    return shown_endpoint(_endpoint(request, endpoint))


@operation(router, "patch", "/callbacks/{endpoint}", scope="callbacks:write", gives=EndpointOut)
def change_endpoint(request: ApiRequest, endpoint: str, asked: EndpointChange) -> dict[str, Any]:
    """Change a callback endpoint.
    What waits goes to the new address. Switched on again, what waited is tried at once."""
    found, now_ms = _endpoint(request, endpoint), service.current().now_ms()
    told = {name: value for name, value in asked.dict(exclude_unset=True).items() if value is not None}
    active = told.pop("active", None)
    if told:
        endpoints.change(found, **told)
    if active is True and not found.active:
        endpoints.switch_on(found, now_ms=now_ms)
    elif active is False and found.active:
        endpoints.switch_off(found, now_ms=now_ms)
    return shown_endpoint(found)


@operation(router, "delete", "/callbacks/{endpoint}", scope="callbacks:write", gives=None)
def remove_endpoint(request: ApiRequest, endpoint: str) -> Status[None]:
    """Remove a callback endpoint.
    With everything that was kept about its messages."""
    endpoints.remove(_endpoint(request, endpoint))
    return Status(204, None)


@operation(router, "post", "/callbacks/{endpoint}/secret", scope="callbacks:write", gives=SecretOut, status=200)
def rotate_secret(request: ApiRequest, endpoint: str) -> dict[str, Any]:
    """Replace a callback endpoint's secret.
    The old one signs beside the new one for a week."""
    found = _endpoint(request, endpoint)
    return {"secret": endpoints.rotate(found, now_ms=service.current().now_ms())}


@operation(router, "post", "/callbacks/{endpoint}/test", scope="callbacks:write", gives=MessageOut, status=200)
def send_test(request: ApiRequest, endpoint: str) -> dict[str, Any]:
    """Send a test message."""
    found = _endpoint(request, endpoint)
    return shown_message(resending.send_test(found, now_ms=service.current().now_ms()))


@operation(router, "get", "/callbacks/{endpoint}/messages", scope="callbacks:read", gives=Page[MessageOut])
def list_messages(
    request: ApiRequest, endpoint: str, state: State = None, cursor: Cursor = None, limit: Limit = PAGE
) -> dict[str, Any]:
    """List an endpoint's messages.
    In the order in which they became true."""
    rows = resending.messages(_endpoint(request, endpoint), state=state or "")
    return page_of(rows, shown_messages, cursor=cursor, limit=limit)


@operation(
    router, "post", "/callbacks/{endpoint}/messages/{message}", scope="callbacks:write", gives=MessageOut, status=200
)
def resend_message(request: ApiRequest, endpoint: str, message: str) -> dict[str, Any]:
    """Send a message again.
    Under the id it has: a receiver that has seen it knows it."""
    found = _endpoint(request, endpoint)
    resending.resend_ids(found, [message], now_ms=service.current().now_ms())
    row = resending.messages(found).filter(message_id=message).first()
    if row is None:
        raise Missing("no_such_message", "This endpoint has no such message.")
    return shown_message(row)


def _endpoint(request: ApiRequest, key: str) -> Endpoint:
    """One of the integration's own. Raises Missing for anybody else's."""
    integration = request.caller.integration
    found = endpoints.of_organisation(integration.organisation_id, integration.key).filter(key=key).first()
    if found is None:
        raise Missing("no_endpoint", "There is no such endpoint.")
    return found


def shown_endpoints(found: Sequence[Endpoint]) -> list[dict[str, Any]]:
    return [shown_endpoint(endpoint) for endpoint in found]


def shown_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "key": endpoint.key,
        "name": endpoint.name,
        "url": endpoint.url,
        "format": endpoint.format,
        "types": endpoint.types,
        "active": endpoint.active,
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": endpoint.failing_since,
        "last_ok_at": endpoint.last_ok_at,
        "created_at": endpoint.created_at,
    }


def shown_messages(found: Sequence[Delivery]) -> list[dict[str, Any]]:
    return [shown_message(message) for message in found]


def shown_message(message: Delivery) -> dict[str, Any]:
    return {
        "id": message.message_id,
        "type": message.type,
        "viewer": message.viewer,
        "created_at": message.created_at,
        "state": message.state,
        "tries": message.tries,
        "next_at": message.next_at if message.state == Delivery.WAITING else None,
        "done_at": message.done_at,
    }
