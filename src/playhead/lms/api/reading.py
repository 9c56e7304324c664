"""The API for its readers: the OpenAPI document for programs, and the same as a page for people. Neither is secret."""

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.core.limits import BEAT_MS
from playhead.lms.api.document import document
from playhead.lms.api_keys import SCOPES


@login_not_required
@require_GET
def openapi(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  Django's signature
    answer = JsonResponse(document(), json_dumps_params={"indent": 1, "ensure_ascii": False})
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@login_not_required
@require_GET
def api_page(request: HttpRequest) -> HttpResponse:
    told = document()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_shown(path, method, operation, told))
    about = [_paragraph(part) for part in told["info"]["description"].split("\n\n")]
    context = {"groups": groups, "about": about, "scopes": SCOPES, "beat_s": BEAT_MS // 1000}
    return render(request, "lms/api.html", context)


def _paragraph(text: str) -> dict[str, str]:
    """`**Keys.** An admin …`: a heading and what follows it."""
    if not text.startswith("**"):
        return {"heading": "", "text": " ".join(text.split())}
    heading, _mark, rest = text[2:].partition("**")
    return {"heading": heading.rstrip("."), "text": " ".join(rest.split())}


def _shown(path: str, method: str, operation: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    answers = operation["responses"]
    good = next(status for status in answers if status < "300")
    return {
        "id": operation["operationId"].replace("_", "-"),
        "method": method.upper(),
        "path": path,
        "title": operation["summary"],
        "text": operation["description"].removeprefix(operation["summary"] + "."),
        "scopes": [scope for one in operation["security"] for scope in one.get("key", [])],
        "parameters": [_parameter(one) for one in operation["parameters"]],
        "sent": _example(operation.get("requestBody", {}), told),
        "status": good,
        "given": _example(answers[good], told),
        "errors": [(status, one["description"]) for status, one in sorted(answers.items()) if status > "399"],
    }


def _parameter(told: dict[str, Any]) -> dict[str, Any]:
    return {"name": told["name"], "where": told["in"], "needed": told["required"], "text": told.get("description", "")}


def _example(told: dict[str, Any], document: dict[str, Any]) -> str:
    """The example of a body or an answer, as it goes over the wire."""
    for content in told.get("content", {}).values():
        found = content.get("example") or _example_of(content["schema"], document)
        return found if isinstance(found, str) else json.dumps(found, indent=2, ensure_ascii=False)
    return ""


def _example_of(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _example_of(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document)
    if schema.get("examples"):
        return schema["examples"][0]
    properties = schema.get("properties", {})
    if "next_cursor" in properties:
        return {"data": [_example_of(properties["data"]["items"], document)], "next_cursor": None}
    return {}
