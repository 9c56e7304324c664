"""The admin's page of sinks: how far each is, why one is behind, and what can be done."""

from typing import Any

import pytest
from django.urls import reverse

from playhead.exports.models import Sink
from playhead.exports.sinks import feeding
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(databases=["default", "tracking"])


@pytest.fixture
def sink(db: None) -> Sink:
    return feeding.add(name="warehouse", address="postgresql://play:top-secret@db.example/warehouse", now_ms=0)


def page(school: School) -> str:
    return school.client("ada").get(reverse("sinks")).content.decode()


def test_how_far_it_is_and_what_is_wrong(school: School, sink: Sink) -> None:
    assert "up to date" in page(school)
    feeding.failed(sink, ConnectionError("play:top-secret was refused"), now_ms=1_000)
    said = page(school)
    assert "ConnectionError" in said
    assert "db.example/warehouse" in said
    assert "top-secret" not in said


@pytest.mark.parametrize(("what", "active"), [("off", False), ("on", True), ("now", True)])
def test_it_is_switched_and_tried(school: School, sink: Sink, what: str, active: bool) -> None:
    Sink.objects.update(active=not active or what == "now", next_at=99)
    school.client("ada").post(reverse("sink-do", args=[sink.key, what]))
    sink.refresh_from_db()
    assert sink.active is active
    assert sink.next_at > 99 or what == "off"


def test_nothing_else_can_be_done(school: School, sink: Sink) -> None:
    assert school.client("ada").post(reverse("sink-do", args=[sink.key, "explode"])).status_code == 404


def test_where_there_is_none_it_is_said_how(school: School) -> None:
    assert "playhead sink add" in page(school)


def test_commands(school: School, tmp_path: Any) -> None:
    from click.testing import CliRunner

    from playhead.cli import main

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["sink", *words])
        return done.exit_code, done.output

    assert run("list") == (0, "There are no sinks.\n")
    assert run("add", "copy", str(tmp_path / "copy"))[0] == 0
    assert "nothing" not in run("list")[1]
    assert run("run", "copy")[0] == 0
    assert run("check", "copy")[0] == 0
    assert run("run", "no-such")[0] == 1
    assert run("add", "broken", "harperdb+http://a:b@127.0.0.1:9/x")[0] == 0
    code, said = run("run", "broken")
    assert code == 1
    assert "ConnectError" in said
    assert run("list")[0] == 1
    assert run("remove", "broken")[0] == 0
    assert run("list")[0] == 0
