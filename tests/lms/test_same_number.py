"""One number, wherever it is shown: course, video, student, explain, the student's pages; simulated and imported."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.urls import reverse

from playhead.cli import main
from playhead.lms.clock import clock
from playhead.lms.models import Course, Enrolment, Role, User, Video, default_organisation
from playhead.recorder.ledger import lines_of, sums_of
from playhead.recorder.models import Progress, Viewer
from tests.cli.test_imports import statement
from tests.lms.conftest import Browser
from tests.shared import STATEMENTS, WITHOUT_STATEMENTS

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "tracking"]),
    pytest.mark.timeout(300),
]


def run(*arguments: str) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0 or arguments[0] == "import", done.output


def logged_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return browser


@dataclass
class Class:
    """A course in the eyes of its teacher. Each page is read once."""

    course: Course
    teacher: User

    def __post_init__(self) -> None:
        browser = logged_in(self.teacher)
        self.students = list(User.objects.filter(enrolments__course=self.course, enrolments__role=Role.STUDENT))
        self.videos = list(self.course.videos.all())
        self.matrix = _text(browser, reverse("course", args=[self.course.key]))
        self.browser = browser

    def on_the_course_page(self, user: User, video: Video) -> str:
        found = re.search(rf'href="{reverse("explain", args=[video.key, user.key])}">([^<]+)</a>', self.matrix)
        return found[1].removesuffix("✓") if found else "0"

    def on_the_video_page(self, user: User, video: Video) -> str:
        page = _text(self.browser, reverse("video", args=[video.key]) + f"?q={user.username}")
        return _beside_the_link(page, user, video)

    def on_the_student_page(self, user: User, video: Video) -> str:
        page = _text(self.browser, reverse("student", args=[self.course.key, user.key]))
        row = next(row for row in page.split("<tr>") if reverse("explain", args=[video.key, user.key]) in row)
        found = re.search(r"<strong>(\d+) %</strong>", row)
        return found[1] if found else row

    def explained(self, user: User, video: Video, *, to: Browser | None = None) -> str:
        page = _text(to or self.browser, reverse("explain", args=[video.key, user.key]))
        assert "do not add up" not in page
        found = re.search(r'data-number="(\d*)"', page)
        assert found
        return found[1]


def _text(browser: Browser, address: str) -> str:
    response: Any = browser.get(address)
    assert response.status_code == 200, address
    return str(response.content.decode())


def _beside_the_link(page: str, user: User, video: Video) -> str:
    address = reverse("explain", args=[video.key, user.key])
    found = re.search(rf'href="{address}"[^>]*><strong>(\d+) %</strong>', page)
    return found[1] if found else page


def assert_one_number(seen: Class, user: User, video: Video) -> None:
    row = Progress.objects.filter(viewer__key=user.key, video=video.key).first()
    stored = str(row.progress) if row else "0"
    own = logged_in(user)
    watch = re.search(r"data-progress-percent>(\d+) %<", _text(own, reverse("watch", args=[video.key])))
    assert {
        "course": seen.on_the_course_page(user, video),
        "video": seen.on_the_video_page(user, video),
        "student": seen.on_the_student_page(user, video),
        "explain": seen.explained(user, video),
        "explained to the student": seen.explained(user, video, to=own),
        "watch": watch[1] if watch else None,
    } == dict.fromkeys(("course", "video", "student", "explain", "explained to the student", "watch"), stored), (
        user.name,
        video.title,
    )


def assert_lines_give_it(user: User, video: Video) -> None:
    row = Progress.objects.filter(viewer__key=user.key, video=video.key).first()
    if row is None:
        return
    sums = sums_of(lines_of(Viewer.objects.get(key=user.key).pk, video.key))
    assert (sums.covered_ms, sums.watched_ms, sums.refused_ms) == (row.covered_ms, row.watched_ms, row.refused_ms)
    assert (sums.imported_ms, sums.imported_watched_ms) == (row.imported_ms, row.imported_watched_ms)


@pytest.fixture
def teacher(transactional_db: None) -> User:
    """Every course that is made later is Alice's, too."""
    alice = User.objects.create(username="alice", name="Alice Archer")
    first = Course.objects.create(title="Film basics", organisation_id=default_organisation())
    Enrolment.objects.create(course=first, user=alice, role=Role.TEACHER)
    return alice


def test_a_simulated_class_with_its_cheats(teacher: User) -> None:
    run("simulate", "--students", "26", "--videos", "2")
    seen = Class(Course.objects.get(title__startswith="Simulated"), teacher)
    assert len(seen.students) == 26
    for user in seen.students:
        for video in seen.videos:
            assert_one_number(seen, user, video)
            assert_lines_give_it(user, video)


def test_a_number_that_was_tampered_with_is_noticed(teacher: User) -> None:
    """The planted bug: a stored number that no lines give."""
    run("simulate", "--students", "1", "--videos", "1")
    Progress.objects.update(covered_ms=1)
    course = Course.objects.get(title__startswith="Simulated")
    user, video = User.objects.exclude(pk=teacher.pk).get(), course.videos.get()
    page = _text(logged_in(teacher), reverse("explain", args=[video.key, user.key]))
    assert "do not add up" in page


def test_imported_statements(teacher: User, tmp_path: Path) -> None:
    path = tmp_path / "statements.json"
    lines = [statement("bob", "0[.]5[,]8[.]12[,]8[.]10", 0.45), statement("dora", "0[.]20", 1.0)]
    path.write_text("\n".join(lines) + "\n")
    run("import", "xapi", str(path))
    seen = Class(Course.objects.get(title="waves"), teacher)
    assert_imported(seen, seen.students)


@pytest.mark.skipif(not STATEMENTS.is_file(), reason=WITHOUT_STATEMENTS)
def test_real_statements(teacher: User) -> None:
    run("import", "xapi", str(STATEMENTS))
    for course in Course.objects.exclude(title="Film basics"):
        seen = Class(course, teacher)
        assert_imported(seen, seen.students[::200])


def assert_imported(seen: Class, students: list[User]) -> None:
    """Nothing of it is progress; and the same imported length stands on every page that shows one."""
    assert students
    for user in students:
        page = _text(seen.browser, reverse("student", args=[seen.course.key, user.key]))
        for video in seen.videos:
            assert_one_number(seen, user, video)
            assert_lines_give_it(user, video)
            row = Progress.objects.filter(viewer__key=user.key, video=video.key).first()
            if row and row.imported_ms:
                told = clock(row.imported_ms)
                assert f"{told} imported" in page
                explained = _text(seen.browser, reverse("explain", args=[video.key, user.key]))
                assert f"<dd>{told}</dd>" in explained
