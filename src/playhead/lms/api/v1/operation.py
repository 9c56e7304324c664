"""What every operation of the API has: a scope that its key needs, the same errors, and a name."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, TypeVar

from django import forms
from django.http import HttpResponse
from ninja import Router

from playhead.core.errors import Invalid
from playhead.lms.api.caller import ApiRequest

Function = TypeVar("Function", bound=Callable[..., Any])
_STATUS: Final = {"get": 200, "post": 201, "put": 200, "patch": 200, "delete": 204}


def operation(
    router: Router, method: str, path: str, *, scope: str | None, gives: Any, status: int | None = None
) -> Callable[[Function], Function]:
    """Register a function as an operation of the API. Its docstring is its documentation, the first line the title.
    `scope` None: for every key."""

    def register(function: Function) -> Function:
        @wraps(function)
        def checked(request: ApiRequest, *args: Any, **kwargs: Any) -> Any:
            if scope is not None:
                request.caller.check(scope)
            return function(request, *args, **kwargs)

        title, _blank, more = (function.__doc__ or "").strip().partition("\n")
        router.api_operation(
            [method.upper()],
            path,
            response={status or _STATUS[method]: gives},
            operation_id=function.__name__,
            summary=title.rstrip("."),
            description=" ".join(more.split()) or title,
            openapi_extra={"security": [{"key": [scope] if scope else []}]},
        )(checked)
        return function

    return register


def at(response: HttpResponse, *parts: str) -> None:
    """Say where what was made is found: a path below the API."""
    response["Location"] = "/".join(("/api/v1", *parts))


def valid(form: forms.BaseForm) -> None:
    """Raises Invalid with what is wrong, by member."""
    if not form.is_valid():
        wrong: Mapping[str, Any] = form.errors
        told = [{"member": name, "detail": str(text)} for name, texts in wrong.items() for text in texts]
        raise Invalid("invalid", "; ".join(f"{one['member']}: {one['detail']}" for one in told), errors=told)
