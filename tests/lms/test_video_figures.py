"""The figures of a video's page: of whom and of which days is asked, on what it was watched, and beside what."""

import json

import pytest
from django.urls import reverse

from playhead.analytics.quality import by, quality, starts
from playhead.core.credit import Claim
from playhead.core.tickets import verify
from playhead.lms.class_reading import class_reading
from playhead.lms.cohorts import Asked, asked
from playhead.lms.comparing import numbers_of, pairs
from playhead.lms.copying import copy_course
from playhead.recorder import service
from playhead.recorder.operations import RecordBatch
from playhead.recorder.policy import Policy
from playhead.recorder.recorder import Recorder
from tests.lms.conftest import School
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
PHONE = {"device": "phone", "browser": "Safari", "os": "iOS", "network": "4g", "country": "ES"}
DESK = {"device": "desktop", "browser": "Firefox"}
STARTED = [{"type": "play", "t": 0, "m": 0}, {"type": "playing", "t": 1_400, "m": 0}]
MISHAPS = [
    {"type": "ratechange", "t": 2_000, "m": 2_000, "rate": 1500},
    {"type": "waiting", "t": 4_000, "m": 4_000},
    {"type": "playing", "t": 4_500, "m": 4_000},
]


def watch(clock: HandClock, who: str, video: str, upto_ms: int, *, on: dict[str, str]) -> None:
    """From the beginning, with a start of 1.4 s, a higher speed and a wait."""
    opened = service.open_playback(
        viewer=who, video=video, duration_ms=60_000, policy=Policy(), session=None, environment=on
    )
    clock.forward(upto_ms)
    ticket = verify(opened.ticket, keys=service.ticket_keys(), now_s=clock.now_ms() // 1000)
    body = json.dumps({"seq": 0, "sent": upto_ms, "sections": [], "events": STARTED + MISHAPS}).encode()
    service.current().do(RecordBatch.under(ticket, 0, [Claim(0, upto_ms, 0, upto_ms)], body, clock.now_ms()))


@pytest.fixture
def watched(recorder: Recorder, clock: HandClock, live_school: School) -> School:
    """Bob watched half on a phone on the first day; Charlie, enrolled by now, all of it at a desk two days later."""
    school = live_school
    school.course.enrolments.create(user=school.charlie, role="student")
    watch(clock, school.bob.key, school.film.key, 30_000, on=PHONE)
    clock.forward(2 * 86_400_000)
    watch(clock, school.charlie.key, school.film.key, 60_000, on=DESK)
    return school


def reading(school: School, question: Asked) -> dict[str, list[list[object]]]:
    """What the tables beside the figures say, by figure."""
    students = {school.bob.key, school.charlie.key}
    read = class_reading(school.film, students=students, started=2, asked=question)
    return {shown.key: [list(row) for row in shown.rows] for shown in read.figures}


def test_how_playing_went_is_told_by_what_it_was_watched_on(watched: School) -> None:
    told = reading(watched, Asked())
    assert told["device"] == [
        ["computer", 1, 1, "1:00", "1.4 s", "60.1"],
        ["phone", 1, 1, "0:30", "1.4 s", "120.5"],
    ]
    assert [row[:2] for row in told["country"]] == [["not known", 1], ["ES", 1]]
    assert [row[1] for row in told["startup"]] == [0, 0, 2, 0, 0, 0]
    assert told["speeds"] == [["0:00–0:10", 2, 0]]
    assert told["waits"] == [["0:00–0:10", 2]]


@pytest.mark.parametrize(
    ("question", "devices", "seen"),
    [
        (asked("done", "", ""), ["computer"], 1),
        (asked("open", "", ""), ["phone"], 0),
        (asked("phone", "", ""), ["phone"], 0),
        (asked("tablet", "", ""), [], 0),
        (asked("all", "2026-09-01", "2026-09-01"), ["phone"], 0),
        (asked("no such", "2026-09-02", "nonsense"), ["computer"], 1),
        (asked("phone", "2026-09-03", ""), [], 0),
    ],
)
def test_some_people_and_some_days(watched: School, question: Asked, devices: list[str], seen: int) -> None:
    told = reading(watched, question)
    assert [row[0] for row in told.get("device", [])] == devices
    assert told["seconds"][-1][1] == seen  # of the last part, who saw it
    assert ("speeds" in told) is (question.cohort == "all")


def test_the_page_asks_and_answers(watched: School) -> None:
    page = watched.client("alice").get(reverse("video", args=[watched.film.key]), {"who": "phone"}).content.decode()
    assert '<option value="phone" selected>' in page
    assert "Shown: 1 student who watched." in page
    nobody = watched.client("alice").get(reverse("video", args=[watched.film.key]), {"who": "tablet"}).content.decode()
    assert "Nobody of these has watched this video" in nobody


def test_two_videos_beside_one_another(watched: School) -> None:
    address = reverse("compare-video", args=[watched.film.key])
    page = watched.client("alice").get(address, {"with": watched.link.key}).content.decode()
    assert "Retention of both" in page
    assert page.count("class-watched") == 1  # nobody watched the other
    choosing = watched.client("alice").get(address).content.decode()
    assert watched.link.key in choosing
    assert "Retention of both" not in choosing
    assert watched.client("alice").get(address, {"with": "v_nowhere"}).status_code == 404


def test_a_video_of_somebody_elses_course_is_not_shown(watched: School) -> None:
    copy = copy_course(watched.course, title="Theirs", by=watched.olga)
    copy.enrolments.exclude(user=watched.olga).delete()
    theirs = copy.videos.all()[0]
    address = reverse("compare-video", args=[watched.film.key])
    assert watched.client("alice").get(address, {"with": theirs.key}).status_code == 403
    assert theirs.key not in watched.client("alice").get(address).content.decode()
    runs = reverse("compare-course", args=[watched.course.key])
    assert watched.client("alice").get(runs, {"with": copy.key}).status_code == 403


def test_two_runs_of_a_course(watched: School) -> None:
    copy = copy_course(watched.course, title="The next run", by=watched.alice)
    listed = pairs(watched.course, copy)
    assert all(pair.one and pair.other and pair.one.title == pair.other.title for pair in listed)
    numbers = numbers_of(watched.course, [watched.film])[watched.film.key]
    assert (numbers.students, numbers.started, numbers.completed) == (2, 2, 1)
    assert (numbers.percent, numbers.watched_ms, numbers.completed_percent) == (75, 45_000, 50)
    copy.videos.exclude(title=watched.film.title).delete()
    assert [pair.other is None for pair in pairs(watched.course, copy)].count(True) == len(listed) - 1
    page = watched.client("alice").get(reverse("compare-course", args=[watched.course.key]), {"with": copy.key})
    assert "only here" in page.content.decode()


def test_of_nothing_nothing_is_said() -> None:
    assert quality([]).waits_an_hour is None
    assert quality([]).startup_ms is None
    assert by("device", []) == []
    assert sum(starts([]).counts) == 0
