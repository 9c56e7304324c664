"""The page of what stands out points at what is hidden in a simulated class, at nothing else, and says why."""

import asyncio
import re
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from playhead.analytics.class_map import ClassMap
from playhead.analytics.stretches import leavings, skipped
from playhead.cli.recording import recording
from playhead.cli.simulation import hidden
from playhead.cli.simulation.virtual import Run, Stage, VirtualClock
from playhead.collector.app import Collector
from playhead.lms.insights import Insights, insights
from playhead.lms.models import Course, Enrolment, Role, User, Video
from playhead.lms.next_parts import next_parts
from playhead.lms.progress import watched_by
from playhead.lms.spoken import spoken
from playhead.media.models import Asset
from playhead.recorder import service
from playhead.recorder.policy import Policy
from tests.lms.conftest import School
from tests.world import START_MS

pytestmark = pytest.mark.timeout(300)  # a whole class watches, on a machine that does other things too
TRACKING = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
DAY_MS = 86_400_000
NOW = datetime.fromtimestamp((START_MS + hidden.DAYS * DAY_MS) / 1000, tz=UTC)


@pytest.fixture
def course(transactional_db: None, school: School) -> Course:
    """The hidden class after its month, as a course of Alice's."""
    made = Course.objects.create(organisation=school.course.organisation, title="Waves")
    Enrolment.objects.create(course=made, user=school.alice, role=Role.TEACHER)
    people = [
        User.objects.create(
            username=f"s{number}", name=f"Student {number}", email=f"s{number}@school.example",
            organisation=made.organisation,
        )
        for number in range(hidden.STUDENTS)
    ]  # fmt: skip
    for person in people:
        Enrolment.objects.create(course=made, user=person, role=Role.STUDENT)
    videos = [
        Video.objects.create(course=made, title=f"Lesson {number}", position=number, file="x.mp4", duration_ms=length)
        for number, length in enumerate(hidden.DURATIONS_MS)
    ]
    with recording(clock=VirtualClock()) as recorder:
        policies = [Policy()] * len(videos)
        stage = Stage(
            [one.key for one in people], [one.key for one in videos], list(hidden.DURATIONS_MS), START_MS, policies
        )
        run = Run(Collector(recorder, service.ticket_keys()), stage)
        asyncio.run(run.play_in_order(hidden.scripts(), progress=lambda _done: None))
    return made


def stretch(found: Insights, kind: str) -> list[tuple[int, int, int]]:
    return [(one.video.position, one.start_ms, one.end_ms) for one in found.stretches if one.kind == kind]


def overlaps(found: tuple[int, int, int], wanted: tuple[int, tuple[int, int]]) -> bool:
    video, (start_ms, end_ms) = wanted
    return found[0] == video and found[1] < end_ms and found[2] > start_ms


@TRACKING
def test_it_points_at_exactly_what_is_hidden(course: Course, school: School) -> None:
    found, truth = insights(course, now=NOW), hidden.Hidden()
    assert {one.student.username for one in found.needs} == {f"s{number}" for number in truth.need_help}
    assert {note.student.username for note in found.notes} == {f"s{number}" for number in truth.cheat}
    confusing, boring = stretch(found, "confusing"), stretch(found, "skipped")
    assert confusing
    assert all(overlaps(one, hidden.CONFUSING) for one in confusing)
    assert len(boring) == 1
    assert overlaps(boring[0], hidden.BORING)
    assert stretch(found, "leaving") == []
    why = {one.student.username: " ".join(one.why) for one in found.needs}
    assert "begun none" in why[f"s{hidden.NEVER_BEGAN}"]
    assert "not seen for 27 days" in why[f"s{hidden.GAVE_UP}"]
    assert re.search(r"times over", why[f"s{hidden.IS_STUCK}"])
    stuck = next(one for one in found.needs if one.student.username == f"s{hidden.IS_STUCK}")
    assert stuck.gaps[0].end_ms == hidden.DURATIONS_MS[0]
    assert f"s{hidden.IS_STUCK}@school.example" in unquote(stuck.letter)
    assert "Lesson 0, 1:36–3:00" in unquote(stuck.letter)
    assert all(note.refused_ms and len(note.facts) > 1 for note in found.notes)
    page = school.client("alice").get(reverse("insights", args=[course.key])).content.decode()
    assert page.count('class="insight"') == 3 + len(found.notes) + len(found.stretches)
    filtered = school.client("alice").get(reverse("insights", args=[course.key]), {"q": "student 14"}).content.decode()
    assert "Student 14" in filtered
    assert "Student 9" not in filtered


@TRACKING
def test_a_student_is_led_to_what_classmates_went_back_to(course: Course) -> None:
    gave_up = User.objects.get(username=f"s{hidden.GAVE_UP}")
    parts = next_parts(watched_by(gave_up, course.videos.select_related("course")))
    assert [(part.video.position, part.start_ms, part.end_ms) for part in parts] == [(0, 12_000, 180_000)]
    assert parts[0].repeats >= 3
    titles = [(0, "What a wave is"), (60_000, "Aliasing"), (100_000, "What follows")]
    asset = Asset.objects.create(
        shelf=course.key, title="Lesson 0", name="x.mp4", size_bytes=1,
        chapters=[{"start_ms": start_ms, "title": title} for start_ms, title in titles],
    )  # fmt: skip
    course.videos.filter(position=0).update(source="asset", asset=asset, file="")
    parts = next_parts(watched_by(gave_up, course.videos.select_related("course")))
    assert (parts[0].chapter, parts[0].start_ms, parts[0].end_ms) == ("Aliasing", 60_000, 100_000)
    assert {(part.chapter, part.start_ms, part.end_ms) for part in parts[1:]} == {
        ("What a wave is", 12_000, 60_000),
        ("What follows", 100_000, 180_000),
    }
    client = Client()
    client.force_login(gave_up, backend=settings.AUTHENTICATION_BACKENDS[1])
    page = client.get(reverse("course", args=[course.key])).content.decode()
    assert f'{reverse("watch", args=[parts[0].video.key])}#t=60"' in page
    assert "“Aliasing”" in page
    begun = User.objects.get(username=f"s{hidden.NEVER_BEGAN}")
    assert next_parts(watched_by(begun, course.videos.select_related("course"))) == []


@TRACKING
def test_an_empty_course_says_so(school: School) -> None:
    page = school.client("alice").get(reverse("insights", args=[school.course.key])).content.decode()
    assert "Nobody stands out" in page
    assert "No moment stands out yet" in page
    assert "numbers are odd" in page


def seen(viewers: list[int]) -> ClassMap:
    nothing = [0] * len(viewers)
    return ClassMap(viewers=viewers, views=viewers, pauses=nothing, imported_viewers=nothing, imported_views=nothing)


def test_a_dip_is_skipped_and_a_slope_is_leaving() -> None:
    [dip] = skipped(seen([20] * 30 + [9] * 8 + [20] * 30))
    assert (dip.start_s, dip.end_s, dip.missing, dip.around) == (30, 38, 11, 20)
    assert skipped(seen([20] * 30 + [17] * 20 + [20] * 5)) == []
    gone = seen([20] * 40 + [10] * 60)
    assert skipped(gone) == []
    assert [(one.start_s, one.left, one.before) for one in leavings(gone)] == [(30, 10, 20)]
    assert leavings(seen([20] * 100 + [2] * 9)) == []
    assert not skipped(seen([]))
    assert not leavings(seen([]))


def test_what_is_said_at_a_moment() -> None:
    captions = (
        "WEBVTT\n\n00:01.000 --> 00:04.000\nBefore.\n\n1\n00:05.000 --> 00:08.500 align:left\n<v Ann>A wave\nis.\n\n"
        "00:00:09.000 --> 00:00:12.000\nAfter."
    )
    assert spoken(captions, 4_000, 9_000) == "A wave is."
    assert spoken(captions, 0, 60_000) == "Before. A wave is. After."
    assert spoken("", 0, 1) == ""
