"""The door of the API: what is the same for every request, before and after the operation that it asks for.

who asks? -> not too often? -> seen before (Idempotency-Key)? -> unchanged (If-Match)? -> the operation -> ETag
"""

import copy
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from playhead.core.errors import Invalid, PlayheadError, Stale, TooLarge, TooMany, Unauthorised
from playhead.lms.api import idempotency
from playhead.lms.api.caller import ApiRequest, caller_of
from playhead.lms.api.rate import rates
from playhead.lms.api_keys import SCOPES
from playhead.lms.errors import answer

View = Callable[..., HttpResponse]
CHANGES: Final = frozenset({"PATCH", "PUT", "DELETE"})
_TAGS: Final = re.compile(r'(?:W/)?("[^"]*")')


def door(operation: View) -> View:
    """The view of a path of the API: nobody's session, a key instead."""

    def view(request: HttpRequest, **named: Any) -> HttpResponse:
        asked = cast("ApiRequest", request)
        try:
            asked.caller = caller_of(request)
        except PlayheadError as error:
            return _refusal(request, error)
        standing = rates.take(asked.caller.key)
        response = (
            _refusal(request, TooMany("too_many", "Too many requests.", retry_after_s=standing.seconds))
            if standing.is_over
            else _answered(asked, operation, named)
        )
        for name, value in standing.headers.items():
            response[name] = value
        return response

    return csrf_exempt(login_not_required(view))


def _answered(request: ApiRequest, operation: View, named: dict[str, Any]) -> HttpResponse:
    if request.method == "HEAD":  # Django leaves the body out
        request.method = "GET"
    try:
        _check_text(request)
        if request.method == "POST" and "Idempotency-Key" in request.headers:
            return idempotency.once(request, lambda: _run(request, operation, named))
        if request.method in CHANGES and "If-Match" in request.headers:
            return _if_unchanged(request, operation, named)
        response = _run(request, operation, named)
    except PlayheadError as error:
        return _refusal(request, error)
    return _unless_known(request, response) if request.method == "GET" else response


def _run(request: ApiRequest, operation: View, named: dict[str, Any]) -> HttpResponse:
    response = operation(request, **named)
    if response.status_code == 405:
        refused = _refusal(request, Invalid("method", "There is nothing of this method at this address."))
        refused.status_code, refused["Allow"] = 405, response["Allow"]
        return refused
    if response.status_code < 400 and request.method in {"GET", "PATCH", "PUT"}:
        response["ETag"] = _tag(response)
    return response


def _refusal(request: HttpRequest, error: PlayheadError) -> HttpResponse:
    response = answer(request, error)
    if isinstance(error, Unauthorised):
        response["WWW-Authenticate"] = "Bearer"
    return response


def _check_text(request: HttpRequest) -> None:
    """No database of ours keeps NUL in a text."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise TooLarge("body_too_large", "The body is larger than 1 MiB.") from None
    if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", "") or b"\\u0000" in body:
        raise Invalid("malformed", "There is a NUL character in the request.")


def _tag(response: HttpResponse) -> str:
    return f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'


def _named_tags(header: str) -> list[str]:
    return _TAGS.findall(header)


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 without a body where the caller has it already (RFC 9110 section 13.1.2)."""
    known = request.headers.get("If-None-Match", "")
    tag = response.get("ETag")
    if tag is None or not (known.strip() == "*" or tag in _named_tags(known)):
        return response
    unchanged = HttpResponse(status=304)
    unchanged["ETag"] = tag
    return unchanged


def _if_unchanged(request: ApiRequest, operation: View, named: dict[str, Any]) -> HttpResponse:
    """Only if what the address shows is still what the caller saw (RFC 9110 section 13.1.1); of several who saw the
    same, one wins. What is read for that is compared and shown to nobody, so it takes no scope for reading."""
    reading = copy.copy(request)
    reading.method = "GET"
    reading.caller = replace(request.caller, scopes=frozenset(SCOPES))
    wanted = request.headers["If-Match"]
    with transaction.atomic():
        _hold(request.path)
        now = _run(reading, operation, named)
        if now.status_code == 404:
            return now
        if wanted.strip() != "*" and now.get("ETag") not in _named_tags(wanted):
            raise Stale("changed_meanwhile", "It has changed since you read it: read it again.")
        response = _run(request, operation, named)
        if response.status_code >= 400:
            transaction.set_rollback(True)
    return response


def _hold(path: str) -> None:
    """Nobody else passes here for this address before the transaction ends. On SQLite nobody else is in one."""
    if connection.vendor == "postgresql":
        number = int.from_bytes(hashlib.sha256(path.encode()).digest()[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
