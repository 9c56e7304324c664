"""Another system that is joined to the cast's school, and a program of its own with a key."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from playhead.lms.api.rate import rates
from playhead.lms.api_keys import SCOPES, make_key
from playhead.lms.grants import give
from playhead.lms.models import Course
from playhead.recorder import integrations
from playhead.recorder.integrations import Integration
from tests.lms.conftest import Browser, School

ROOT = "/api/v1"


@dataclass(frozen=True)
class Program:
    """Asks the API with one key; `headers` by their names."""

    integration: Integration
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {"Authorization": f"Bearer {self.token}"} | {name.replace("_", "-"): v for name, v in headers.items()}
        data = b"" if body is None else json.dumps(body).encode()
        return Browser().generic(method, ROOT + path, data, content_type="application/json", headers=named)

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)

    def all_of(self, path: str, limit: int = 2) -> list[Any]:
        """Every item of a list, page by page."""
        found: list[Any] = []
        page = self.get(f"{path}{'&' if '?' in path else '?'}limit={limit}").json()
        while True:
            found += page["data"]
            if page["next_cursor"] is None:
                return found
            following = f"{path}{'&' if '?' in path else '?'}limit={limit}&cursor={page['next_cursor']}"
            page = self.get(following).json()


def program(
    school: School,
    name: str = "Their LMS",
    *,
    scopes: Any = SCOPES,
    courses: tuple[Course, ...] = (),
    all_of: bool = False,
) -> Program:
    made = integrations.create(name, organisation_id=school.course.organisation_id)
    give(made, courses, whole_school=all_of)
    _key, token = make_key(made, name="test", scopes=scopes)
    return Program(made, token)


@pytest.fixture(autouse=True)
def no_rates_yet() -> None:
    rates.forget()


@pytest.fixture
def theirs(live_school: School) -> Program:
    """Given Alice's course; knows nobody in it yet."""
    return program(live_school, courses=(live_school.course,))


@pytest.fixture
def whole(live_school: School) -> Program:
    """Given all of the school."""
    return program(live_school, "The school's own", all_of=True)
