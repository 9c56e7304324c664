"""A class whose truth is known; and the simulation notices when the rule is broken."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from playhead.cli import main
from playhead.cli.simulation.cast import cast, durations, scripts
from playhead.cli.simulation.cheats import CHEATS
from playhead.cli.simulation.honest import HONEST
from playhead.cli.simulation.player import Honest
from playhead.core import credit
from playhead.core.credit import Case, Reason
from playhead.core.sections import EMPTY
from playhead.lms.models import Course, Enrolment, Role, User, Video
from playhead.recorder.models import Progress

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

ONE_OF_EACH = len(HONEST) + len(CHEATS)


def run(students: int, videos: int, seed: int = 1) -> Result:
    arguments = ["simulate", "--students", str(students), "--videos", str(videos), "--seed", str(seed)]
    return CliRunner().invoke(main, arguments)


def test_one_of_each_gets_what_it_earned() -> None:
    done = run(ONE_OF_EACH, 2)
    assert done.exit_code == 0, done.output
    rows = {line[:20].strip(): line for line in done.output.splitlines()}
    for behaviour in HONEST:
        assert " 100.0 % " in rows[behaviour.name]
    assert {cheat.name for cheat in CHEATS} <= rows.keys()
    assert rows["other's ticket"].split()[-3:] == ["0.000", "0.000", "-"]
    assert rows["altered ticket"].endswith("HTTP 401 ×1")
    assert CliRunner().invoke(main, ["verify"]).exit_code == 0


def test_the_class_is_there_for_teachers_to_look_at() -> None:
    alice = User.objects.create(username="alice", name="Alice")
    waves = Course.objects.create(title="Waves", organisation=alice.organisation)
    Enrolment.objects.create(course=waves, user=alice, role=Role.TEACHER)
    for number in (1, 2):
        run(2, 3)
        course = Course.objects.get(title=f"Simulated class {number}")
        assert list(course.people.filter(enrolments__role=Role.TEACHER)) == [alice]
        students = course.people.filter(enrolments__role=Role.STUDENT)
        assert [student.name for student in students.order_by("name")] == ["0001 1x", "0002 1.5x"]
        watched = Progress.objects.filter(viewer__key__in=[student.key for student in students])
        assert {row.video for row in watched} == set(Video.objects.filter(course=course).values_list("key", flat=True))


def test_the_same_seed_gives_the_same_figures_and_another_seed_others() -> None:
    first, second, other = run(ONE_OF_EACH, 1, 7), run(ONE_OF_EACH, 1, 7), run(ONE_OF_EACH, 1, 8)
    assert first.output == second.output
    assert other.exit_code == 0
    assert first.output != other.output


@pytest.mark.parametrize("seed", range(20))
def test_scripts_are_honest_about_what_they_claim(seed: int) -> None:
    """Honest scripts watch something of every video, inside it; and one thing at a time."""
    behaviours = cast(ONE_OF_EACH)
    lengths = durations(3, seed=seed)
    for behaviour, script in zip(behaviours, scripts(behaviours, lengths, seed=seed, max_rate=2000), strict=True):
        if isinstance(behaviour, Honest):
            assert set(script.covered) == {0, 1, 2}
            assert all(script.covered[video].clip(0, lengths[video]) == script.covered[video] for video in range(3))


def spent_is_ignored(case: Case) -> None:
    case.spent = EMPTY
    credit.pay(case)


def the_price_is_nothing(case: Case) -> None:
    case.price_ms = 1


def the_last_second_is_lost(case: Case) -> None:
    case.keep(case.left.first(case.left_ms - 1000), Reason.TOO_FAST)


@pytest.mark.parametrize(
    ("step", "planted", "noticed"),
    [
        ("pay", spent_is_ignored, "five tabs earned"),
        ("price", the_price_is_nothing, "a forged claim earned"),
        ("pace", the_last_second_is_lost, "ms lost"),
    ],
)
def test_a_planted_bug_is_noticed(
    step: str, planted: Callable[[Case], None], noticed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credit, "_uncut", lambda *_given: None)  # the way around the steps
    monkeypatch.setitem(credit.STEPS, step, planted)
    done = run(ONE_OF_EACH, 1)
    assert done.exit_code == 1
    assert noticed in done.output
    assert "promises were broken" in done.output
