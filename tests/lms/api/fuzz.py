"""schemathesis over the OpenAPI document: whatever is sent, only documented answers come back, and nothing of others.

How many examples: test_fuzz.py, whose number PLAYHEAD_TEST_FUZZ sets.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

import httpx
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from playhead.collector.app import Collector
from tests.world import HandClock, call

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BATCHES: Final = "/v1/batches"  # the one operation that the collector answers
_CALLED: Final = {
    (f"{name}s", "key"): name for name in ("course", "video", "viewer", "playback", "upload", "certificate")
} | {("accommodations", "about"): "video"}

# What a player that means well could send; whether it is true, the rule decides claim by claim.
_TIMES: Final = st.integers(0, 60_000)
_SECTIONS: Final = st.builds(
    lambda t0, m0, length, rate: {
        "t0": t0,
        "t1": t0 + length,
        "m0": m0,
        "m1": m0 + length * rate // 1000,
        "rate": rate,
    },
    t0=_TIMES,
    m0=st.integers(0, 9_000),
    length=st.integers(1, 10_000),
    rate=st.sampled_from([500, 1000, 2000, 4000]),
)
_EVENTS: Final = st.fixed_dictionaries(
    {"type": st.sampled_from(["play", "pause", "ended", "waiting"]), "t": _TIMES, "m": st.integers(0, 9_000)}
)
PLAUSIBLE: Final = st.fixed_dictionaries(
    {
        "seq": st.integers(0, 100_000),
        "sent": _TIMES,
        "sections": st.lists(_SECTIONS, max_size=4),
        "events": st.lists(_EVENTS, max_size=4),
    }
)


@dataclass(frozen=True)
class Role:
    """A key, and texts that no answer to it may hold."""

    token: str
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """What is asked: by whom, about which things (values by the names of parameters), and who takes batches, under
    the ticket of a playback that is open, at which time."""

    roles: Sequence[Role]
    known: Mapping[str, Sequence[str]]
    collector: Collector
    live_ticket: Callable[[], str]
    clock: HandClock


@lru_cache(maxsize=1)
def operations() -> tuple[Any, ...]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app=WSGIHandler())
    return tuple(found.ok() for found in schema.get_all_operations())  # type: ignore[union-attr]  # else raises here


def tag_of(operation: Any) -> str:
    return str(operation.definition.raw["tags"][0])


def fuzz(operation: Any, field: Field, *, examples: int, repeatable: bool) -> Counter[int]:
    """So many examples, half of what the document allows and half of what it does not, by all roles in turn.
    Returns how often each status came."""
    told: Counter[int] = Counter()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        _fuzz(operation, mode, field, told, examples=max(1, examples // 2), repeatable=repeatable)
    return told


def _fuzz(
    operation: Any, mode: GenerationMode, field: Field, came: Counter[int], *, examples: int, repeatable: bool
) -> None:
    calm = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=repeatable,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    asked = 0
    sends_batches = operation.path == BATCHES
    live_ticket = field.live_ticket() if sends_batches else ""
    batches = PLAUSIBLE if sends_batches and mode == GenerationMode.POSITIVE else st.none()

    @calm
    @given(case=operation.as_strategy(generation_mode=mode), batch=batches)
    def once(case: Any, batch: dict[str, Any] | None) -> None:
        nonlocal asked
        asked += 1
        role = field.roles[asked % len(field.roles)]
        if sends_batches:
            told = f"{live_ticket}\n{json.dumps(batch)}" if batch and asked % 3 else _text(case, field)
            response = _ask_collector(told, field)
        else:
            if asked // len(field.roles) % 2 == 0:
                _make_known(case, field.known, asked)
            response = _ask_site(case, role)
        came[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)
        assert not any(secret in response.text for secret in role.secrets), (operation.label, response.text)

    once()


def _ask_site(case: Any, role: Role) -> Any:
    case.headers = dict(case.headers or {}) | {"Authorization": f"Bearer {role.token}"}
    return case.call()


def _text(case: Any, field: Field) -> str:
    """What schemathesis makes of a text, under a good ticket or a made-up one."""
    text = case.body if isinstance(case.body, str) else repr(case.body)
    ticket = field.known["ticket"][len(text) % len(field.known["ticket"])]
    return f"{ticket}\n{text}" if len(text) % 2 else text


def _ask_collector(body: str, field: Field) -> httpx.Response:
    field.clock.forward(1000)
    told = asyncio.run(call(field.collector, body.encode(errors="surrogatepass")))
    response = httpx.Response(
        told.status, headers=told.headers, json=told.body, request=httpx.Request("POST", f"http://localhost{BATCHES}")
    )
    response.headers["Content-Type"] = told.headers["content-type"]
    response.elapsed = timedelta()  # the checks ask for it, and nothing was sent that took time
    return response


def _make_known(case: Any, known: Mapping[str, Sequence[str]], number: int) -> None:
    """Put keys that there are into path, query and body, where keys belong."""
    for part in (case.path_parameters, case.query, case.body if isinstance(case.body, dict) else None):
        for name in list(part or {}):
            called = _CALLED.get((case.operation.path.split("/")[3], name), name)
            if called in known and part is not None:
                values = known[called]
                part[name] = values[number % len(values)]
