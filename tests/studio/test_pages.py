"""The studio's pages, run as Streamlit runs them: every figure is the one of the teacher's page."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.urls import reverse
from streamlit.testing.v1 import AppTest

import playhead.studio
from playhead.cli import main
from playhead.core.credit import Claim
from playhead.core.tickets import verify
from playhead.lms.analysts import analyst_of
from playhead.lms.models import Course, Enrolment, Role, User, Video, default_organisation
from playhead.recorder import service
from playhead.recorder.operations import RecordBatch
from playhead.studio import seat as seats
from tests.lms.conftest import Browser, School
from tests.shared import STATEMENTS, WITHOUT_STATEMENTS
from tests.world import HandClock

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "tracking"]),
    pytest.mark.timeout(300),
]
SCRIPT = Path(playhead.studio.__file__).with_name("script.py")
NAMES = ("play", "pause", "pause", "seeked", "ended")


def watch(browser: Browser, video: Video, clock: HandClock, parts: list[tuple[int, int]]) -> None:
    """Honest claims, each with an event that says so."""
    told = browser.post(reverse("open-playback"), {"video": video.key}, content_type="application/json").json()
    for seq, (start, end) in enumerate(parts):
        t0 = clock.now_ms() - told["opened_at"]
        clock.forward(end - start)
        event = {"type": NAMES[seq % len(NAMES)], "t": t0, "m": start}
        body = json.dumps({"seq": seq, "sent": t0, "sections": [], "events": [event]}).encode()
        claims = (Claim(t0, t0 + end - start, start, end),)
        ticket = verify(told["ticket"], keys=service.ticket_keys(), now_s=clock.now_ms() // 1000)
        service.current().do(
            RecordBatch.under(ticket=ticket, seq=seq, claims=claims, body=body, received_at=clock.now_ms())
        )


@pytest.fixture
def school(live_school: School, clock: HandClock) -> School:
    """Two students who watched the film, one to its end, and one who did not begin."""
    for user in (live_school.charlie, live_school.olga):
        Enrolment.objects.create(course=live_school.course, user=user, role=Role.STUDENT)
    whole = [(start, start + 10_000) for start in range(0, 60_000, 10_000)]
    watch(live_school.client("bob"), live_school.film, clock, whole)
    watch(live_school.client("charlie"), live_school.film, clock, [(0, 10_000), (20_000, 30_000), (0, 10_000)])
    return live_school


@pytest.fixture
def sit_down() -> Iterator[Callable[[Browser], AppTest]]:
    """The studio as this browser's person has it."""
    before = list(seats._installed)

    def run(browser: Browser) -> AppTest:
        cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
        seats.install(lambda _cookies: analyst_of(cookies))
        return AppTest.from_file(str(SCRIPT), default_timeout=120).run()

    yield run
    seats._installed[:] = before


def turned(page: AppTest, name: str) -> AppTest:
    page.sidebar.radio(key="page").set_value(name).run()
    assert not page.exception
    return page


def drawn(page: AppTest) -> list[dict[str, Any]]:
    """The figures of a page, as its charts were sent to the browser."""
    return [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]


def of_teacher(browser: Browser, video: Video) -> dict[str, Any]:
    """The figures of the teacher's page of this video, as they stand in it."""
    page = browser.get(reverse("video", args=[video.key])).content.decode()
    found = re.findall(r'<script id="figure-(\w+)" type="application/json">(.*?)</script>', page, re.S)
    return {name: json.loads(text) for name, text in found}


def _traces(browser: Browser, video: Video, name: str) -> list[dict[str, Any]]:
    """None where the page shows no figures: nobody has watched."""
    found: list[dict[str, Any]] = of_teacher(browser, video).get(name, {"data": []})["data"]
    return found


def events_of_teacher(browser: Browser, videos: list[Video]) -> Counter[str]:
    told: Counter[str] = Counter()
    for video in videos:
        for trace in _traces(browser, video, "events"):
            told.update(dict(zip(trace["y"], trace["x"], strict=True)))
    return told


def percents_of_teacher(browser: Browser, videos: list[Video]) -> Counter[str]:
    """How many students by the labels of the teacher's histogram."""
    told: Counter[str] = Counter()
    for video in videos:
        for trace in _traces(browser, video, "percent"):
            told.update(dict(zip(trace["x"], trace["y"], strict=True)))
    return told


def check(page: AppTest, browser: Browser, videos: list[Video]) -> None:
    """Each figure of the three pages against the teacher's."""
    events = events_of_teacher(browser, videos)
    if events:
        table = page.dataframe[0].value
        assert dict(zip(table.event, table.times, strict=True)) == dict(events)
        shares, types = drawn(page)
        assert dict(zip(shares["data"][0]["labels"], _numbers(shares["data"][0]["values"]), strict=True)) == dict(
            events
        )
        assert dict(zip(types["data"][0]["y"], _numbers(types["data"][0]["x"]), strict=True)) == dict(events)
    else:
        assert "No player has told anything yet." in page.info[0].value
    known = [video for video in videos if video.duration_ms]
    turned(page, "Percent completed")
    percents = _numbers(drawn(page)[0]["data"][0]["x"])
    teacher = percents_of_teacher(browser, known)
    assert sum(percent == 100 for percent in percents) == teacher["100 %"]
    for edge in range(10, 100, 10):
        assert sum(edge <= percent < edge + 10 for percent in percents) == teacher[f"{edge}–{edge + 9} %"], edge
    assert len(percents) == teacher.total()
    turned(page, "One video")
    for video in known[:2]:
        page.selectbox(key="video").set_value(video.key).run()
        ours = [figure["data"] for figure in drawn(page)]
        theirs = [figure["data"] for figure in of_teacher(browser, video).values()]
        assert [_plain(traces) for traces in ours] == [_plain(traces) for traces in theirs]


def _numbers(told: Any) -> list[int]:
    """A column of numbers, which Plotly writes as a list or packed."""
    if isinstance(told, dict):
        import base64

        import numpy as np

        return [int(value) for value in np.frombuffer(base64.b64decode(told["bdata"]), dtype=told["dtype"])]
    return [int(value) for value in told]


def _plain(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: trace.get(name) for name in ("type", "name", "x", "y", "x0", "dx")} for trace in traces]


def test_every_figure_is_the_teachers(school: School, sit_down: Callable[[Browser], AppTest]) -> None:
    browser = school.client("alice")
    page = sit_down(browser)
    assert not page.exception
    check(page, browser, list(school.course.videos.all()))


def test_the_next_run_knows_of_a_logout_and_of_a_lost_role(
    school: School, sit_down: Callable[[Browser], AppTest]
) -> None:
    browser = school.client("alice")
    page = sit_down(browser)
    assert page.title[0].value == "Distribution of events"
    Enrolment.objects.filter(user=school.alice).update(role=Role.STUDENT)
    page.run()
    assert "logged out" in page.error[0].value
    assert not page.title
    Enrolment.objects.filter(user=school.alice).update(role=Role.TEACHER)
    assert page.run().title[0].value == "Distribution of events"
    browser.post(reverse("logout"))
    page.run()
    assert "logged out" in page.error[0].value
    assert not drawn(page)


@pytest.fixture
def ada(transactional_db: None) -> Browser:
    """An admin, before there is any course."""
    user = User.objects.create(username="ada", organisation_id=default_organisation(), is_superuser=True)
    browser = Browser()
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return browser


def seen(page: AppTest, browser: Browser) -> None:
    """The first course, all of it."""
    course = Course.objects.order_by("pk")[0]
    page.sidebar.selectbox(key="course").set_value(course.key).run()
    assert not page.exception
    check(page, browser, list(course.videos.all()))


def test_on_a_simulated_class(ada: Browser, sit_down: Callable[[Browser], AppTest]) -> None:
    done = CliRunner().invoke(main, ["simulate", "--students", "12", "--videos", "2"])
    assert done.exit_code == 0, done.output
    seen(sit_down(ada), ada)


@pytest.mark.skipif(not STATEMENTS.is_file(), reason=WITHOUT_STATEMENTS)
def test_on_the_imported_statements(ada: Browser, sit_down: Callable[[Browser], AppTest]) -> None:
    CliRunner().invoke(main, ["import", "xapi", str(STATEMENTS)])
    seen(sit_down(ada), ada)
