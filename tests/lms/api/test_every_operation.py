"""What is promised for every operation, held for each of the document: a new one without a row in the table fails."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from playhead.lms.api.document import document
from playhead.lms.api.rate import rates
from tests.lms.api.conftest import Program
from tests.lms.api.table import Asked, Scene, pages
from tests.lms.conftest import School
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

AT_ONCE = 4
OPERATIONS = {
    told["operationId"]: method
    for path, methods in document()["paths"].items()
    for method, told in methods.items()
    if path.startswith("/api/v1/")
}


def named(*methods: str) -> list[str]:
    return [name for name, method in OPERATIONS.items() if method in methods]


@pytest.fixture
def scene(theirs: Program, live_school: School, clock: HandClock) -> Scene:
    return Scene(theirs, live_school, clock)


def ask(scene: Scene, asked: Asked, **headers: str) -> Any:
    return scene.program.ask(asked.method, asked.path, asked.body, **headers)


def at_once(scene: Scene, asked: Asked, **headers: str) -> list[Any]:
    """The same request by several threads, each with connections of its own."""

    def one(_number: int) -> Any:
        try:
            return ask(scene, asked, **headers)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_each_has_a_row_and_each_list_something_that_adds_to_it(scene: Scene) -> None:
    assert {name: asked.method.lower() for name, asked in scene.table().items()} == OPERATIONS
    lists = {name for name in OPERATIONS if name.startswith("list_")}
    assert {name.split(",")[0] for name in scene.lists()} == lists


def test_the_rate_is_told_truly_by_each(scene: Scene, settings: Any) -> None:
    settings.PLAYHEAD_API_RATE = 2
    for name, asked in scene.table().items():
        rates.forget()
        answers = [ask(scene, asked) for _ in range(3)]
        assert [answer["RateLimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0"], name
        assert {answer["RateLimit-Policy"] for answer in answers} == {'"key";q=2;w=60'}, name
        assert [answer.status_code for answer in answers][2:] == [429], name
        assert answers[0].status_code < 300, (name, answers[0].content)
        assert answers[2]["RateLimit"].endswith(f"t={answers[2]['Retry-After']}"), name


def test_what_each_gives_to_read_is_not_sent_twice(scene: Scene) -> None:
    for name in named("get"):
        asked = scene.table()[name]
        first = ask(scene, asked)
        again = ask(scene, asked, If_None_Match=first["ETag"])
        assert (first.status_code, again.status_code, again.content) == (200, 304, b""), name
        assert ask(scene, asked, If_None_Match='"other"').content == first.content, name


@pytest.mark.parametrize("name", named("put", "patch", "delete"))
def test_of_several_who_saw_the_same_one_changes_it(scene: Scene, name: str) -> None:
    asked = scene.table()[name]
    seen = scene.program.get(asked.path)
    refused = ask(scene, asked, If_Match='"other"')
    assert (refused.status_code, refused.json()["code"]) == (412, "changed_meanwhile")
    assert scene.program.get(asked.path).content == seen.content
    statuses = sorted(answer.status_code for answer in at_once(scene, asked, If_Match=seen["ETag"]))
    assert statuses[0] in {200, 204}
    assert set(statuses[1:]) <= {404, 412}, "gone, or changed meanwhile"


@pytest.mark.parametrize("name", named("post"))
def test_sent_by_several_at_once_it_is_done_once(scene: Scene, name: str) -> None:
    asked = scene.table()[name]
    before = asked.makes() if asked.makes else 0
    answers = at_once(scene, asked, Idempotency_Key="once")
    assert {answer.status_code for answer in answers} <= {200, 201}, [answer.content for answer in answers]
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == AT_ONCE - 1
    if asked.makes:
        assert asked.makes() - before == (name != "resend_message")


def test_no_list_loses_or_repeats_anything_while_rows_are_added(scene: Scene) -> None:
    for name, (path, add) in scene.lists().items():
        rates.forget()
        for _ in range(3):
            add()
        [before] = pages(scene.program, path, limit=200)
        assert len(before) >= 3, name
        seen: list[str] = []
        for page in pages(scene.program, path, limit=2):
            seen += page
            if len(seen) < 2 * len(before):  # else it would never end
                add()
        assert len(seen) == len(set(seen)), name
        assert [one for one in seen if one in set(before)] == before, name
