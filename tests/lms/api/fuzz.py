"""schemathesis over the OpenAPI document: whatever is sent, only documented answers come back, and nothing of others.

How many examples: test_fuzz.py, whose number PLAYHEAD_TEST_FUZZ sets.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def operations() -> Iterator[Any]:
    """Those that the site answers; batches go to the collector, which has its own (tests/faults/malformed.py)."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app=WSGIHandler())
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # one that cannot be read raises here
        if operation.path.startswith("/api/v1/"):
            yield operation


def fuzz(
    tokens: Sequence[str], known: Mapping[str, Sequence[str]], secrets: Sequence[str], *, examples: int
) -> Counter[int]:
    """So many examples over all operations and all tokens; half of the keys asked for are those that there are.
    `secrets` are texts that no answer may hold. Returns how often each status came."""
    told: Counter[int] = Counter()
    listed = list(operations())
    each = max(1, examples // len(listed))
    for operation in listed:
        _fuzz_one(operation, tokens, known, secrets, each, told)
    return told


def _fuzz_one(
    operation: Any,
    tokens: Sequence[str],
    known: Mapping[str, Sequence[str]],
    secrets: Sequence[str],
    examples: int,
    told: Counter[int],
) -> None:
    calm = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    turn = iter(range(examples * 10))

    @calm
    @given(case=operation.as_strategy())
    def once(case: Any) -> None:
        number = next(turn)
        if number % 2:
            _make_known(case, known, number)
        case.headers = dict(case.headers or {}) | {"Authorization": f"Bearer {tokens[number // 2 % len(tokens)]}"}
        response = case.call()
        told[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)
        text = response.text
        assert not any(secret in text for secret in secrets), (operation.path, text)

    once()


def _make_known(case: Any, known: Mapping[str, Sequence[str]], number: int) -> None:
    """Put keys that there are into path, query and body, where keys belong."""
    for part in (case.path_parameters, case.query, case.body if isinstance(case.body, dict) else None):
        for name in list(part or {}):
            called = _CALLED.get((case.operation.path.split("/")[3], name), name)
            if called in known and part is not None:
                values = known[called]
                part[name] = values[number // 4 % len(values)]


_CALLED = {("courses", "key"): "course", ("videos", "key"): "video", ("viewers", "key"): "viewer"}
_CALLED |= {("playbacks", "key"): "playback"}


def as_text(told: Counter[int]) -> str:
    return json.dumps({str(status): times for status, times in sorted(told.items())})
