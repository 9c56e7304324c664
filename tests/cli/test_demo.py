"""The demo's term: the same every time, honest to the honest, and worth a look."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from playhead.analytics.class_map import class_map, moments, percent_histogram
from playhead.cli import main
from playhead.cli.simulation import demo
from playhead.cli.simulation.tempers import CHEATS
from playhead.cli.simulation.term import ALIASING, DAYS, DULL, LESSONS, NAMES, NEED_HELP, scripts, temper
from playhead.core.sections import EMPTY, Sections
from playhead.lms import seed
from playhead.lms.insights import insights
from playhead.lms.models import Course, Enrolment, Role, User, Video
from playhead.recorder.models import Journal, Progress

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

LENGTHS = {"waves-in-a-minute": 60_000, "adding-waves": 120_000, "from-sound-to-numbers": 180_000}
DURATIONS = [LENGTHS[lesson.clip] for _course, lesson in LESSONS]


class Clip(NamedTuple):
    title: str
    description: str
    path: Path
    duration_ms: int


class BrokenOffError(Exception):
    """Somebody pressed Ctrl-C."""


def broken_off_after(most: int) -> Callable[[int], None]:
    done = 0

    def progress(more: int) -> None:
        nonlocal done
        done += more
        if done > most:
            raise BrokenOffError

    return progress


@pytest.fixture
def term(transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> demo.Term:
    """A school without the half minute it takes to draw its clips, after its term; the first try was broken off."""
    made = [Clip(name, "About it", tmp_path / f"{name}.mp4", length) for name, length in LENGTHS.items()]
    monkeypatch.setattr("playhead.media.clips.ensure_clips", lambda _folder: made)
    seed.demo_school()
    assert not demo.term_is_there()
    with pytest.raises(BrokenOffError):
        demo.prepare().play(progress=broken_off_after(500))
    assert Journal.objects.exists()
    assert not demo.term_is_there()
    played = demo.prepare()
    done: list[int] = []
    played.play(progress=done.append)
    assert sum(done) == played.happenings
    assert demo.term_is_there()
    return played


def test_the_script_is_the_same_every_time_and_over_when_it_should_be() -> None:
    first, second = scripts(DURATIONS), scripts(DURATIONS)
    assert [script.happenings for script in first] == [script.happenings for script in second]
    assert max(each.at_ms for script in first for each in script.happenings) < DAYS * 86_400_000
    assert len(NAMES) == len(set(NAMES)) == 40


def test_a_term_that_is_worth_a_look(term: demo.Term) -> None:
    assert Course.objects.count() == 3
    assert User.objects.filter(enrolments__role=Role.STUDENT).distinct().count() == 41
    assert all(course.people.filter(enrolments__role=Role.TEACHER, username="alice") for course in Course.objects.all())
    assert CliRunner().invoke(main, ["verify"]).exit_code == 0

    hard = Video.objects.get(course__key=seed.COURSE_KEY, file="from-sound-to-numbers.mp4")
    found = moments(class_map(hard.key, duration_ms=hard.duration_ms))
    assert found
    assert all(ALIASING[0] <= moment.start_s * 1000 < moment.end_s * 1000 <= ALIASING[1] + 10_000 for moment in found)

    students = Enrolment.objects.filter(course=hard.course, role=Role.STUDENT).values_list("user__key", flat=True)
    shares = percent_histogram(hard.key, list(students)).viewers
    assert max(class_map(hard.key, duration_ms=hard.duration_ms).viewers) < len(students)
    assert shares[0] >= 2, "some never began"
    assert shares[-1] >= 15, "many saw all of it"
    assert sum(shares[1:-1]) >= 8, "and some a part"
    what_stands_out_is_exactly_what_is_hidden()


def what_stands_out_is_exactly_what_is_hidden() -> None:
    course = Course.objects.get(key=seed.COURSE_KEY)
    found = insights(course)
    assert {need.student.name for need in found.needs} == {"Bob Brown", *(NAMES[number] for number in NEED_HELP)}
    assert {note.student.name for note in found.notes} == {NAMES[n] for n in range(40) if temper(n) in CHEATS}
    stretches = {(one.kind, one.video.file): (one.start_ms, one.end_ms) for one in found.stretches}
    assert stretches.keys() == {("confusing", "from-sound-to-numbers.mp4"), ("skipped", "adding-waves.mp4")}
    assert len(found.stretches) == 2
    for (start_ms, end_ms), (hidden_start, hidden_end) in zip(
        (stretches["confusing", "from-sound-to-numbers.mp4"], stretches["skipped", "adding-waves.mp4"]),
        (ALIASING, DULL),
        strict=True,
    ):
        assert hidden_start <= start_ms < end_ms <= hidden_end + 10_000
    assert all(need.why for need in found.needs)
    assert all(one.why for one in found.stretches)
    assert all(len(note.facts) > 1 for note in found.notes)


def test_the_honest_have_what_they_watched_and_the_cheats_learn_why_not(term: demo.Term) -> None:
    rows = Progress.objects.values_list("viewer__key", "video", "coverage", "refused_ms")
    held = {(viewer, video): (Sections.unpack(bytes(packed)), refused) for viewer, video, packed, refused in rows}
    for number, script in enumerate(term.written[:-1]):
        viewer = term.people[number].key
        mine = {video: held.get((viewer, key), (EMPTY, 0)) for video, key in enumerate(term.videos)}
        if temper(number) in CHEATS:
            assert sum(refused for _sections, refused in mine.values()) > 60_000
        else:
            assert {video: sections for video, (sections, _refused) in mine.items() if sections} == script.covered
            assert not any(refused for _sections, refused in mine.values())


def test_bob_is_where_he_always_was(term: demo.Term) -> None:
    bob = User.objects.get(username="bob")
    untouched = Video.objects.filter(course__key=seed.COURSE_KEY).values_list("key", flat=True)
    assert not Progress.objects.filter(viewer__key=bob.key, video__in=list(untouched)).exists()
    [half] = Progress.objects.filter(viewer__key=bob.key, completed_at=None)
    assert half.progress == 50
    newest = Journal.objects.order_by("-received_at")[0].received_at
    assert newest < Course.objects.get(title="Digital signals").created_at.timestamp() * 1000, "it is all in the past"
