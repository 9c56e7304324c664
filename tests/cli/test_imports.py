"""`import xapi`: what was recorded elsewhere appears as imported, once, and bad lines are told."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from playhead.cli import main
from playhead.core.sections import Sections
from playhead.interop.xapi import vocabulary
from playhead.lms.models import Course, Enrolment, Role, User, Video
from playhead.recorder.models import LedgerLine, Playback, Progress
from playhead.recorder.owner import own
from tests.shared import STATEMENTS, WITHOUT_STATEMENTS

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def statement(actor: str, segments: str, progress: float, **changes: Any) -> str:
    """`actor` paused in session s1 of a 20 s video; `changes` replace whole members."""
    said = {
        "actor": {"account": {"name": actor, "homePage": "https://school.example"}},
        "verb": {"id": "https://w3id.org/xapi/video/verbs/paused"},
        "object": {"id": "https://school.example/1", "definition": {"name": {"en": "Lecture"}}},
        "result": {"extensions": {vocabulary.PLAYED_SEGMENTS: segments, vocabulary.PROGRESS: progress}},
        "context": {
            "extensions": {vocabulary.LENGTH: 20, vocabulary.SESSION_ID: "s1"},
            "contextActivities": {"parent": [{"id": "waves"}]},
        },
        "timestamp": "2026-11-02T10:00:00Z",
    }
    return json.dumps(said | changes)


def run(file: Path) -> Result:
    return CliRunner().invoke(main, ["import", "xapi", str(file)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    lines = [
        statement("bob", "0[.]5", 0.25),
        statement("bob", "0[.]5[,]8[.]12[,]8[.]10[,]19", 0.45),
        statement("dora", "0[.]20", 1.0),
    ]
    path = tmp_path / "statements.json"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_people_videos_playbacks_and_imported_sections_appear(file: Path) -> None:
    done = run(file)
    assert done.exit_code == 0, done.output
    assert "3 of 3 paused, seeked and terminated statements agree" in done.output
    assert set(Course.objects.values_list("title", flat=True)) == {"waves"}
    assert set(User.objects.values_list("name", flat=True)) == {"bob", "dora"}
    assert Enrolment.objects.filter(role=Role.STUDENT).count() == 2
    [video] = Video.objects.all()
    assert (video.title, video.duration_ms) == ("Lecture", 20_000)
    progress = Progress.objects.get(viewer__key=User.objects.get(name="bob").key, video=video.key)
    assert Sections.unpack(bytes(progress.imported)) == Sections.of([(0, 5_000), (8_000, 12_000)])
    assert (progress.imported_ms, progress.imported_watched_ms) == (9_000, 11_000)
    assert (progress.covered_ms, progress.watched_ms, progress.evidence) == (0, 0, "imported")
    assert Playback.objects.filter(kind="imported").count() == 2


def test_nobody_imported_can_log_in(file: Path) -> None:
    run(file)
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_a_second_import_changes_nothing(file: Path) -> None:
    run(file)
    before = [list(model.objects.order_by("pk").values()) for model in (Progress, Playback, LedgerLine, User, Video)]
    again = run(file)
    assert again.exit_code == 0
    assert "0 sessions imported, 2 already there" in again.output
    after = [list(model.objects.order_by("pk").values()) for model in (Progress, Playback, LedgerLine, User, Video)]
    assert after == before


def test_gzip_is_told_by_what_is_inside(file: Path, tmp_path: Path) -> None:
    zipped = tmp_path / "statements.dat"
    zipped.write_bytes(gzip.compress(file.read_bytes()))
    assert run(zipped).exit_code == 0
    assert Progress.objects.count() == 2


def test_bad_lines_go_to_a_report_and_the_rest_is_imported(file: Path) -> None:
    with file.open("a") as lines:
        lines.write("{oops\n" + statement("eve", "5[.]1", 0.5) + "\n")
    done = run(file)
    assert done.exit_code == 1
    assert "2 bad lines" in done.output
    report = (settings.PLAYHEAD_DATA / "reports" / "import-statements.json.txt").read_text().splitlines()
    assert report[0].startswith("line 4: left out: not JSON")
    assert report[1] == "line 5: left out: played-segments: '5[.]1' runs backwards"
    assert Progress.objects.count() == 2


def test_a_statement_that_contradicts_itself_is_listed(file: Path) -> None:
    file.write_text(statement("bob", "0[.]5", 0.9))
    done = run(file)
    assert done.exit_code == 1
    assert "line 1: paused says progress 0.9, its own segments give 0.250" in done.output
    assert "0 of 1 paused" in done.output


def test_a_completed_statement_forced_to_1_is_listed_and_no_failure(file: Path) -> None:
    completed = {"id": "http://adlnet.gov/expapi/verbs/completed"}
    file.write_text(statement("bob", "0[.]17", 1, verb=completed))
    done = run(file)
    assert done.exit_code == 0
    assert "line 1: completed says progress 1, its own segments give 0.850" in done.output
    assert "of 1 completed ones 1 differ" in done.output


def test_a_damaged_gzip_file_imports_nothing(file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(file.read_bytes())[:-12])
    done = run(cut)
    assert done.exit_code == 1
    assert "nothing was imported" in done.output
    assert not Progress.objects.exists()


def test_it_refuses_in_words_while_somebody_else_has_the_folder(file: Path) -> None:
    with own(settings.PLAYHEAD_DATA):
        done = run(file)
    assert done.exit_code == 1
    assert done.output.startswith("Error: Process ")
    assert len(done.output.splitlines()) == 1
    assert not User.objects.exists()


@pytest.mark.skipif(not STATEMENTS.is_file(), reason=WITHOUT_STATEMENTS)
def test_22000_real_statements(tmp_path: Path) -> None:
    done = run(STATEMENTS)
    assert done.exit_code == 0
    assert "9,813 of 9,813 paused, seeked and terminated statements agree" in done.output
    assert "of 636 completed ones 159 differ" in done.output
    assert len([line for line in done.output.splitlines() if ": completed says progress 1" in line]) == 159
    assert "3,656 sessions imported, 0 already there; 0 bad lines" in done.output
    assert (User.objects.count(), Video.objects.count(), Playback.objects.count()) == (1452, 10, 3656)
    lines = LedgerLine.objects.count()
    assert "0 sessions imported, 3,656 already there" in run(STATEMENTS).output
    assert LedgerLine.objects.count() == lines
    assert CliRunner().invoke(main, ["verify"]).exit_code == 0
