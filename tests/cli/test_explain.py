"""`explain`: every line, and a sum that is the stored number, in three forms."""

import csv
import json
from io import StringIO

import pytest
from click.testing import CliRunner, Result

from playhead.cli import main
from playhead.lms.models import Course, User, Video
from playhead.recorder.models import LedgerLine, Progress

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture(autouse=True)
def some_class(transactional_db: None) -> None:
    assert run("simulate", "--students", "26", "--videos", "1").exit_code == 0


def student(behaviour: str) -> User:
    return User.objects.get(name__endswith=behaviour)


def test_an_honest_number_in_words() -> None:
    done = run("explain", student("two devices").username, "Simulated video 1")
    assert done.exit_code == 0, done.output
    row = Progress.objects.get(viewer__key=student("two devices").key)
    assert f"covered       {row.covered_ms / 1000:.3f} s" in done.output
    assert f"watched       {row.watched_ms / 1000:.3f} s" in done.output
    assert f"Stored: covered {row.covered_ms / 1000:.3f} s, progress 100 %." in done.output


def test_a_cheat_learns_why() -> None:
    done = run("explain", student("rate 16").key, Video.objects.get().key)
    assert done.exit_code == 0
    assert "too fast: It was played faster than this course allows." in done.output


@pytest.mark.parametrize("behaviour", ["rewatches", "replayed batches", "clock moved"])
def test_csv_and_json_hold_every_line(behaviour: str) -> None:
    asked = (student(behaviour).username, "simulated video 1")
    told, rows = run("explain", *asked, "--json"), run("explain", *asked, "--csv")
    assert told.exit_code == rows.exit_code == 0
    listed, stored = (
        list(csv.DictReader(StringIO(rows.stdout))),
        Progress.objects.get(viewer__key=student(behaviour).key),
    )
    kept = json.loads(told.stdout)
    assert len(listed) == len(kept["lines"]) == LedgerLine.objects.filter(viewer=stored.viewer).count()
    assert [{name: str(value) for name, value in line.items()} for line in kept["lines"]] == listed
    assert sum(int(line["credited_ms"]) for line in listed) == stored.watched_ms == kept["sums"]["watched_ms"]
    assert sum(int(line["fresh_ms"]) for line in listed) == stored.covered_ms == kept["stored"]["covered_ms"]
    assert kept["adds_up"] is True


def test_a_number_that_no_lines_add_up_to_is_said() -> None:
    Progress.objects.filter(viewer__key=student("1x").key).update(covered_ms=1)
    done = run("explain", student("1x").username, "Simulated video 1")
    assert done.exit_code == 1
    assert "do not add up" in done.output


def test_who_or_what_is_not_there_or_there_twice_is_said() -> None:
    one = Video.objects.get()
    assert "no viewer with" in run("explain", "nobody", one.key).output
    assert "no video with" in run("explain", student("1x").username, "Nothing").output
    Video.objects.create(course=Course.objects.get(), title=one.title, source="url", url="https://e.example/v.mp4")
    done = run("explain", student("1x").username, one.title)
    assert done.exit_code == 1
    assert one.key in done.output
    assert "ask by key" in done.output


def test_who_never_claimed_anything_has_no_lines() -> None:
    done = run("explain", student("other's ticket").username, "Simulated video 1")
    assert done.exit_code == 0
    assert "there are no lines" in done.output
