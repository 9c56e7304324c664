"""examples/client.py, as it stands: it watches through the documented calls only, here on a clock turned by hand."""

import asyncio
import importlib.util
import json
from types import ModuleType
from typing import Any

import pytest

from playhead.collector.app import Collector
from playhead.lms.api.document import document
from playhead.recorder import service
from playhead.recorder.recorder import Recorder
from scripts.docs import ROOT
from tests.lms.api.conftest import Program
from tests.lms.conftest import School
from tests.world import HandClock, call

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

FILE = ROOT / "examples" / "client.py"


def client() -> ModuleType:
    spec = importlib.util.spec_from_file_location("client", FILE)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("rate", [1000, 2000])
def test_it_gets_all_of_a_video(
    theirs: Program, live_school: School, recorder: Recorder, clock: HandClock, rate: int
) -> None:
    viewer = theirs.post("/viewers", {"external_id": "s-1", "name": "Sam"}).json()["key"]
    theirs.post("/enrolments", {"course": live_school.course.key, "viewer": viewer})
    collector = Collector(recorder, service.ticket_keys())
    documented = [path.split("{")[0] for path in document()["paths"]]

    def over_nothing(method: str, url: str, headers: dict[str, str], body: bytes | None) -> dict[str, Any]:
        path = url.removeprefix("http://here")
        assert any(path.startswith(known) for known in documented)
        if path == "/v1/batches":
            answer = asyncio.run(call(collector, body or b""))
            assert answer.status == 200, answer.body
            return answer.body
        assert headers["Authorization"] == f"Bearer {theirs.token}"
        told = theirs.ask(method, path.removeprefix("/api/v1"), json.loads(body) if body else None)
        assert told.status_code in {200, 201}, told.content
        return dict(told.json())

    progress = client().watch(
        "http://here",
        theirs.token,
        live_school.film.key,
        viewer,
        rate=rate,
        call=over_nothing,
        clock=lambda: clock.now_ms() / 1000,
        sleep=lambda seconds: clock.forward(round(seconds * 1000)),
    )
    assert (progress["progress"], progress["covered_ms"], progress["refused_ms"]) == (100, 60_000, 0)
    assert progress["completed"] is True


def test_it_is_short() -> None:
    assert len(FILE.read_text(encoding="utf-8").splitlines()) <= 65
