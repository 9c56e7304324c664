"""The server's side of `contract/`: every example there, played against the real collector and recorder.

The tracker's tests read the same files. A file that neither side knows what to do with fails here.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, validate

from playhead.callbacks.resending import TEST
from playhead.collector.told import told
from playhead.core.errors import PlayheadError, problem
from playhead.core.events import as_table
from playhead.recorder.operations import Recorded
from playhead.recorder.outbox import PLAYBACK_TYPES, TYPES
from playhead.recorder.state import Stand
from tests.callbacks.agreed import check_agreed
from tests.world import World

CONTRACT = Path(__file__).parents[2] / "contract"


@dataclass(frozen=True)
class Example:
    path: Path
    kept: dict[str, Any]

    @property
    def body(self) -> bytes:
        body = self.kept["body"]
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        return raw.ljust(self.kept.get("padded_to_bytes", 0))


def examples(folder: str) -> list[Any]:
    found = [Example(path, json.loads(path.read_text())) for path in sorted((CONTRACT / folder).glob("*.json"))]
    return [pytest.param(example, id=example.path.stem) for example in found]


@pytest.mark.parametrize("example", examples("batches/good"))
def test_a_good_batch_is_answered_as_agreed(world: World, example: Example) -> None:
    given, expected = example.kept["given"], example.kept["expect"]
    opening = world.open(duration_ms=given["duration_ms"], max_rate=given["max_rate"])
    world.clock.forward(given["received_after_ms"])
    answered = world.post(opening.ticket, example.body)
    assert answered.status == expected["status"] == 200
    assert {name: answered.body[name] for name in expected["answer"]} == expected["answer"]
    assert world.differences() == []


@pytest.mark.parametrize("example", examples("batches/bad"))
def test_a_bad_batch_is_refused_as_agreed_and_stores_nothing(world: World, example: Example) -> None:
    opening = world.open()
    world.clock.forward(60_000)
    answered = world.post(opening.ticket, example.body)
    assert (answered.status, answered.body["code"]) == (
        example.kept["expect"]["status"],
        example.kept["expect"]["code"],
    )
    assert world.rows("SELECT count(*) FROM recorder_journal WHERE kind = 'batch'") == [(0,)]


@pytest.mark.parametrize("example", examples("answers"))
def test_an_answer_has_the_members_that_the_server_writes(example: Example) -> None:
    body = example.kept["body"]
    stand = Stand(*(body[name] for name in Stand._fields))
    written = told(Recorded(body["seq"], False, [], stand, body["evidence"], False, body["received_at"]))
    assert set(body) == set(written.__struct_fields__)
    assert body["evidence"] in {"inferred", "clock", "clock+delivery"}


@pytest.mark.parametrize("example", examples("problems"))
def test_a_problem_is_one_that_the_server_can_write(example: Example) -> None:
    body = example.kept["body"]
    kinds = {kind.status: kind for kind in _kinds(PlayheadError)}
    kind = kinds[example.kept["status"]]
    needed = {"retry_after_s": 1} if "Retry-After" in example.kept.get("headers", {}) else {}
    written = problem(kind(body["code"], body["detail"], **needed))
    assert {name: body[name] for name in written} == written


@pytest.mark.parametrize("example", examples("callbacks"))
def test_a_callback_s_example_is_as_its_schema_says(example: Example) -> None:
    validate(example.kept["example"], example.kept["schema"], cls=Draft202012Validator)
    assert example.kept["example"]["type"] == example.path.stem


def test_every_type_of_callback_has_a_schema() -> None:
    assert {path.stem for path in (CONTRACT / "callbacks").glob("*.json")} == {*TYPES, TEST}


def test_what_the_recorder_tells_is_as_the_schemas_say(world: World) -> None:
    listeners = {"progress_every_s": 10, "external_viewer": "7", "environment": '{"os":"Linux"}'}
    opening = world.open(duration_ms=20_000, listeners=listeners)
    world.play(opening, 10_000, 0)
    world.play(opening, 10_000, 10_000)
    told = [json.loads(bytes(body)) for (body,) in world.rows("SELECT body FROM recorder_outbox ORDER BY id")]
    assert {one["type"] for one in told} == set(PLAYBACK_TYPES)
    for one in told:
        check_agreed(one)


def _kinds(kind: type[PlayheadError]) -> list[type[PlayheadError]]:
    return [found for child in kind.__subclasses__() for found in [child, *_kinds(child)]]


def test_the_vocabulary_is_the_one_of_the_code() -> None:
    assert json.loads((CONTRACT / "events.json").read_text()) == json.loads(json.dumps(as_table()))


def test_every_file_is_read_by_some_test() -> None:
    read = {"batches/good", "batches/bad", "answers", "problems", "playbacks", "callbacks"}
    there = {path.parent.relative_to(CONTRACT).as_posix() for path in CONTRACT.rglob("*.json")}
    assert there - {"."} == read
