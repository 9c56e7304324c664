"""The OpenAPI 3.1 document: what ninja knows of the operations, and what the door adds to each of them."""

import json
from functools import lru_cache
from typing import Any, Final

from playhead.lms.api.v1.api import api
from playhead.lms.api.v1.shapes.plain import Problem
from playhead.lms.api_keys import SCOPES

PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ALWAYS: Final = {
    "400": "Not what this document says; nothing was done",
    "401": "No good key",
    "403": "The key does not have the scope, or it is not allowed",
    "429": "Too many requests: wait as long as Retry-After says",
    "503": "Not at the moment: nothing was done, try again after Retry-After",
}
_FOUND: Final = {"404": "There is no such thing, or none that the integration may know of"}
_CHANGING: Final = {
    "409": "It contradicts what is stored",
    "413": "The body is too large",
    "507": "The disk is full: nothing was done",
}
_IN_PATHS: Final = {
    "about": "The key of a video, or of the course for all its videos",
    "course": "The course's key",
    "device": "The device's `id`",
    "endpoint": "The endpoint's key",
    "language": "Such as `en` or `pt-BR`",
    "message": "The message's `id`",
    "number": "From 0 on",
    "video": "The video's key",
    "viewer": "The viewer's key",
}
_STALE: Final = {"412": "It has changed since you read it"}

ABOUT: Final = """Courses, people, playbacks and what was watched, for programs: other learning systems, apps, scripts.

**Keys.** An admin makes them under Admin, Integrations. Send one with every request:
`Authorization: Bearer ph_…`. A key belongs to an integration, has scopes, and sees the courses given to that
integration and the people it sent, nothing else: what lies beyond is 404.

**Values.** Instants are epoch milliseconds, lengths and positions milliseconds, rates thousandths (2000 is double
speed), sections half-open pairs `[start_ms, end_ms)`.

**Lists** come in pages: `limit` items, then `next_cursor` for the page after. What was there when you began comes
exactly once, whatever is added meanwhile.

**Errors** are problem documents (RFC 9457): decide by `status` and `code`, show `detail`.

**Reading again.** Every answer to GET has an `ETag`; with `If-None-Match` an unchanged one is 304. With `If-Match`,
PATCH and DELETE do nothing (412) if somebody changed it meanwhile.

**Sending again.** A POST with an `Idempotency-Key` does its work once, however often it is sent within 24 hours; the
answer is kept and given again with `Idempotency-Replayed: true`. A refused request is not kept.

**Rates.** `RateLimit-Policy` and `RateLimit` say what is allowed in a minute, what is left (`r`), and in how many
seconds all of it is there again (`t`). Over it: 429.

**An app that plays** needs three calls. Your server: `POST /api/v1/playbacks` (never put the key into an app). Your
app: `POST /v1/batches` every ten seconds and whenever playing stops, with the ticket it got; the answer says what was
credited. Your server: `POST /api/v1/playbacks/{key}/ticket` at half of the ticket's life. To go on where the viewer
stopped: `resume_ms` of the opening. `examples/client.py` does it in 60 lines, docs/integrate.md says more."""


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """Made once: it depends on the code alone."""
    made: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
    made["info"]["description"] = ABOUT
    made["servers"] = [{"url": "/"}]
    components = made["components"]
    components["schemas"]["Problem"] = Problem.model_json_schema()
    components["securitySchemes"] = {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "Scopes: " + "; ".join(f"`{name}`: {text}" for name, text in SCOPES.items()),
        }
    }
    for path, methods in made["paths"].items():
        for method, told in methods.items():
            _complete(told, path, method)
    made["paths"]["/v1/batches"] = _batches()
    return made


def _complete(told: dict[str, Any], path: str, method: str) -> None:
    """What the door does for every operation of this method."""
    answers, parameters = told["responses"], told["parameters"]
    for parameter in parameters:
        if parameter["in"] == "path":
            parameter.setdefault("description", _IN_PATHS.get(parameter["name"], "Its key"))
    for status, answer in answers.items():
        answer["headers"] = _headers(method, status)
    if told["operationId"] == "read_still":
        answers["200"]["content"] = {"image/jpeg": {"schema": {"type": "string", "contentMediaType": "image/jpeg"}}}
    errors = dict(_ALWAYS)
    if "{" in path or method == "post" or parameters:
        errors |= _FOUND
    if method != "get":
        errors |= _CHANGING
    if method == "get":
        answers["304"] = {"description": "You have it already", "headers": _headers(method, "304")}
        parameters.append(_header("If-None-Match", "An ETag that you have"))
    elif method == "post":
        parameters.append(_header("Idempotency-Key", "Of your choice, up to 255 printable ASCII characters"))
    else:
        errors |= _STALE
        parameters.append(_header("If-Match", "The ETag that you read"))
    answers |= {status: {"description": text, "content": PROBLEM} for status, text in errors.items()}


def _header(name: str, text: str) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": 255}
    return {"in": "header", "name": name, "required": False, "description": text, "schema": schema}


def _headers(method: str, status: str) -> dict[str, Any]:
    text = {"type": "string"}
    told = {
        "RateLimit-Policy": {"description": 'What is allowed: `"key";q=600;w=60`', "schema": text},
        "RateLimit": {"description": 'What is left: `"key";r=599;t=60`', "schema": text},
    }
    if method in {"get", "patch", "put"}:
        told["ETag"] = {"description": "Changes when the answer does", "schema": text}
    if status == "201":
        told["Location"] = {"description": "Where it is found", "schema": text}
    return told


def _batches() -> dict[str, Any]:
    """The one call that goes to the collector and not to the site."""
    batch = {
        "seq": 0,
        "sent": 10_000,
        "sections": [{"t0": 0, "t1": 10_000, "m0": 0, "m1": 10_000, "rate": 1000, "end": "beat"}],
        "events": [{"type": "play", "t": 4, "m": 0}],
    }
    statuses = {"400": _ALWAYS["400"], "401": "No good ticket", "403": "The playback is closed"}
    statuses |= {"409": "Another body was sent with this seq", "413": "Over 64 KiB", "429": _ALWAYS["429"]}
    statuses |= {"503": _ALWAYS["503"], "507": "The disk is full: nothing was stored, try again"}
    return {
        "post": {
            "operationId": "send_batch",
            "tags": ["playbacks"],
            "summary": "Send a batch",
            "description": (
                "What a player played since its last batch. The body is text: the ticket on the first line, the batch "
                "as JSON after it. `t0`, `t1`: milliseconds since the opening's answer came; `m0`, `m1`: milliseconds "
                "of the video; `rate`: thousandths. Keep a batch until it is answered, and send it again with the same "
                "`seq` and body after 429, 503, 507 or silence. All of it: contract/README.md."
            ),
            "security": [],
            "parameters": [],
            "requestBody": {
                "required": True,
                "content": {"text/plain": {"schema": {"type": "string"}, "example": f"eyJhb…\n{json.dumps(batch)}"}},
            },
            "responses": {
                "200": {
                    "description": "Stored; what was credited, and where the viewer stands",
                    "content": {"application/json": {"schema": {"type": "object"}, "example": _recorded()}},
                },
                **{status: {"description": text, "content": PROBLEM} for status, text in statuses.items()},
            },
        }
    }


def _recorded() -> dict[str, Any]:
    return {"status": "recorded", "progress": 1, "covered_ms": 10_000}
