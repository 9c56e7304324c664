"""The OpenAPI document and the page that shows it."""

import re
from html import unescape

import pytest
from django.test import Client

from playhead.lms.api.document import document
from playhead.lms.api.v1.api import patterns
from playhead.lms.api_keys import SCOPES
from scripts.docs import ROOT

METHODS = {"get", "post", "put", "patch", "delete"}
OPERATIONS = [(method, path, told) for path, methods in document()["paths"].items() for method, told in methods.items()]
OURS = [one for one in OPERATIONS if one[1].startswith("/api/v1/")]


def test_it_is_openapi_3_1_and_open_to_all(client: Client) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == document()
    assert answer.json()["openapi"].startswith("3.1.")


def test_every_address_is_in_it() -> None:
    listed = {re.sub(r"<[^>]*?(\w+)>", r"{\1}", f"/api/v1/{one.pattern}") for one in patterns()}
    assert listed == {path for _method, path, _told in OURS}


def test_every_scope_is_needed_by_something_and_no_other_is_named() -> None:
    needed = {scope for _method, _path, told in OURS for one in told["security"] for scope in one["key"]}
    assert needed <= set(SCOPES)


@pytest.mark.parametrize(("method", "path", "told"), OURS)
def test_every_operation_says_what_it_gives(method: str, path: str, told: dict[str, object]) -> None:
    assert method in METHODS
    answers = told["responses"]
    assert isinstance(answers, dict)
    assert {"400", "401", "403", "429", "503"} <= set(answers)
    assert told["summary"]
    assert isinstance(told["tags"], list)


def test_every_body_has_an_example_that_fits_it() -> None:
    import jsonschema

    schemas = document()["components"]["schemas"]
    for name, schema in schemas.items():
        if name.startswith("Page_") or name == "OpeningOut":
            continue
        for example in schema["examples"]:
            jsonschema.validate(example, schema | {"components": {"schemas": schemas}})


def test_the_page_shows_every_operation_and_asks_nobody_else(client: Client) -> None:
    page = client.get("/api/v1/").content.decode()
    for _method, path, told in OPERATIONS:
        assert f"<code>{path}</code>" in page
        assert told["summary"] in unescape(page)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def test_what_the_docs_say_of_the_pages_calls_is_there() -> None:
    text = (ROOT / "docs" / "integrate.md").read_text(encoding="utf-8")
    table = text.partition("## What the pages do, over HTTP")[2].partition("\n## ")[0]
    paths = {path.removeprefix("/api/v1") for _method, path, _told in OPERATIONS}
    named = set(re.findall(r"`(?:[A-Z]+ )?(/[a-z0-9/{}]+)[^`]*`", table)) - {"/api/v1", "/api/v1/"}
    assert len(named) > 15
    assert named <= paths
