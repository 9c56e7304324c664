"""The API as one thing: its operations behind the door, and what every error looks like."""

from typing import Any, cast

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from playhead.core.errors import Invalid, PlayheadError
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.door import door
from playhead.lms.api.v1 import (
    agreements,
    callbacks,
    certificates,
    courses,
    enrolments,
    playbacks,
    progress,
    rules,
    statistics,
    uploads,
    videos,
    viewers,
)
from playhead.lms.api.v1.operation import operation
from playhead.lms.api.v1.shapes.plain import KeyOut
from playhead.lms.errors import answer
from playhead.lms.grants import has_whole_school
from playhead.recorder import service


class _Json(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002  ninja's
        return msgspec.json.encode(data)


class _Strict(Parser):
    """A body is JSON, and said to be."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise Invalid("content_type", "The body must be application/json.")
        try:
            return msgspec.json.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Invalid("malformed", str(error)) from None


router = Router(tags=["key"])


@operation(router, "get", "/key", scope=None, gives=KeyOut)
def read_key(request: ApiRequest) -> dict[str, Any]:
    """Read the key that asks.
    A first call that shows whether a key works, and what for."""
    caller = request.caller
    return {
        "integration": caller.integration.key,
        "name": caller.integration.name,
        "scopes": sorted(caller.scopes),
        "whole_school": has_whole_school(caller.integration),
        "server_time": service.current().now_ms(),
    }


def _made() -> NinjaAPI:
    api = NinjaAPI(
        title="Playhead",
        version="1",
        openapi_url=None,
        docs_url=None,
        urls_namespace="api",
        renderer=_Json(),
        parser=_Strict(),
    )
    api.add_exception_handler(PlayheadError, cast("Any", answer))
    api.add_exception_handler(ValidationError, cast("Any", _invalid))
    api.add_exception_handler(HttpError, cast("Any", _unreadable))
    for part in (router, *(module.router for module in _MODULES)):
        api.add_router("", part)
    return api


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What was sent is not what the document says; where, and why."""
    told = [
        {"member": ".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0]), "detail": one["msg"]}
        for one in error.errors
    ]
    text = "; ".join(f"{one['member']}: {one['detail']}" for one in told)
    return answer(request, Invalid("invalid", text, errors=told))


def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return answer(request, Invalid("malformed", str(error)))


_MODULES = (
    courses,
    videos,
    uploads,
    rules,
    viewers,
    enrolments,
    agreements,
    certificates,
    playbacks,
    progress,
    statistics,
    callbacks,
)
api = _made()


def patterns() -> list[URLPattern]:
    """The addresses of the API, each behind the door. Without names, which pages may have as well."""
    listed = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    return [URLPattern(pattern.pattern, door(pattern.callback)) for pattern in listed]
