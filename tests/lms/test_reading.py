"""The teachers' reading pages: the matrix, one student's events, the lines behind a number, and what changed."""

import csv
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.urls import reverse

from playhead.core.credit import Claim
from playhead.core.sections import Sections
from playhead.lms import timeline
from playhead.lms.explain import explained
from playhead.lms.matrix import matrix_of
from playhead.lms.models import Enrolment, Override, User
from playhead.lms.news import course_news, most_pressing, since_yesterday
from playhead.lms.stretch_map import class_section_map, stretches_map
from playhead.lms.table_file import csv_answer
from playhead.lms.timeline import timeline_page
from playhead.recorder import service
from playhead.recorder.models import Progress, Viewer
from tests.lms.conftest import School
from tests.lms.watching import claim, watch
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def opening(school: School, who: str) -> dict[str, object]:
    answer = school.client(who).post("/v1/playbacks", {"video": school.film.key}, content_type="application/json")
    told: dict[str, object] = answer.json()
    return told


@pytest.fixture
def watched(live_school: School, clock: HandClock) -> School:
    """Bob watches 0 to 20 s and 5 to 10 s again, and claims 40 to 60 s in no time; Dana does nothing."""
    dana = User.objects.create(username="dana", name="=Dana", organisation=live_school.bob.organisation)
    Enrolment.objects.create(course=live_school.course, user=dana)
    told = opening(live_school, "bob")
    watch(told, clock, [(0, 20_000), (5_000, 10_000)])
    clock.forward(3_000)
    t0 = clock.now_ms() - int(str(told["opened_at"]))
    claim(told, clock, Claim(t0 - 1_000, t0, 40_000, 60_000), seq=2)
    return live_school


# --- the matrix


def test_the_matrix_holds_everybody_and_links_to_what_explains_a_cell(watched: School) -> None:
    matrix = matrix_of(watched.course)
    percent = Progress.objects.get(video=watched.film.key).progress
    assert [row.student.name for row in matrix.rows] == ["=Dana", "Bob Brown"]
    address = reverse("explain", args=[watched.film.key, watched.bob.key])
    assert f'<td class="p{(percent or 0) // 10} cut"><a href="{address}">{percent}</a></td>' in matrix.html
    assert matrix.html.count("<td>·</td>") == 3
    assert reverse("student", args=[watched.course.key, watched.bob.key]) in matrix.html


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("name", "=Dana, Bob Brown"),
        ("-share", "Bob Brown, =Dana"),
        ("-seen", "Bob Brown, =Dana"),
        ("nonsense", "=Dana, Bob Brown"),
    ],
)
def test_the_matrix_is_sorted(watched: School, sort: str, names: str) -> None:
    assert ", ".join(row.student.name for row in matrix_of(watched.course, sort=sort).rows) == names


def test_the_matrix_is_sorted_by_a_video_and_filtered_by_name(watched: School) -> None:
    matrix = matrix_of(watched.course, sort=f"-{watched.film.key}")
    assert [row.student.username for row in matrix.rows] == ["bob", "dana"]
    assert [heading["aria"] for heading in matrix.headings] == ["descending", "none"]
    assert matrix.headings[0]["sort"] == watched.film.key
    assert [row.student.username for row in matrix_of(watched.course, named="BOB").rows] == ["bob"]


def test_a_teachers_word_is_marked_and_changes_no_number(watched: School) -> None:
    Override.objects.create(video=watched.film, user=watched.bob, reason="seen in class")
    percent = Progress.objects.get(video=watched.film.key).progress
    address = reverse("explain", args=[watched.film.key, watched.bob.key])
    assert f'<td class="done word"><a href="{address}">{percent}✓</a></td>' in matrix_of(watched.course).html


def test_names_stay_text(watched: School) -> None:
    watched.bob.name = "<img src=x>"
    watched.bob.save()
    assert "<img" not in matrix_of(watched.course).html


def test_the_matrix_costs_few_queries(watched: School, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_max_num_queries(2, using="tracking"):
        matrix_of(watched.course)


def test_the_matrix_as_csv_runs_no_formula(watched: School) -> None:
    answer = watched.client("alice").get(reverse("course-csv", args=[watched.course.key]))
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["name", "username", "course", "The first film", "The second film"]
    assert [row[:2] for row in rows[1:]] == [["'=Dana", "dana"], ["Bob Brown", "bob"]]
    assert rows[2][3] == str(Progress.objects.get(video=watched.film.key).progress)
    assert answer["Content-Disposition"] == 'attachment; filename="playhead-Film-basics.csv"'


def test_a_file_has_a_name_in_any_case() -> None:
    assert csv_answer("김민준", [])["Content-Disposition"] == 'attachment; filename="table.csv"'


# --- one number explained


def test_stretches_tell_when_how_often_and_why_not(watched: School) -> None:
    found = explained(watched.bob, watched.film)
    kinds = [(one.kind, one.start_ms // 1000, one.end_ms // 1000) for one in found.stretches]
    row = Progress.objects.get(video=watched.film.key)
    end = row.coverage and Sections.unpack(bytes(row.coverage)).pairs()[-1][1] // 1000
    assert kinds == [
        ("watched", 0, 5),
        ("again", 5, 10),
        ("watched", 10, 20),
        ("missed", 20, 40),
        ("watched", 40, end),
        ("refused", end, 60),
    ]
    assert found.stretches[1].what == "watched 2 times"
    assert found.stretches[-1].told.endswith("playback 1 · too fast")
    assert found.stretches[3].when == ""
    assert found.adds_up


def test_stretches_can_be_pointed_at(watched: School) -> None:
    found = explained(watched.bob, watched.film)
    svg = stretches_map(found.stretches, 60_000)
    assert svg.count("<rect") == len(found.stretches) == svg.count("<title>")
    assert svg.count('tabindex="0"') == 1
    assert 'x="8.3333%" y="0" width="8.3333%"' in svg


def test_the_lines_and_their_sum_are_on_the_page_and_in_the_file(watched: School) -> None:
    client = watched.client("bob")
    page = client.get(reverse("explain", args=[watched.film.key, watched.bob.key])).content.decode()
    assert "They add up to the stored number" in page
    assert "It was played faster than this course allows." in page
    answer = client.get(reverse("explain-csv", args=[watched.film.key, watched.bob.key]))
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    row = Progress.objects.get(video=watched.film.key)
    assert sum(int(line["fresh_ms"]) for line in rows) == row.covered_ms
    assert sum(int(line["credited_ms"]) for line in rows) == row.watched_ms


def test_who_is_not_in_the_course_cannot_be_looked_up(watched: School) -> None:
    alice = watched.client("alice")
    for name, key in (("explain", watched.film.key), ("student", watched.course.key)):
        assert alice.get(reverse(name, args=[key, watched.charlie.key])).status_code == 404
        assert alice.get(reverse(name, args=[key, "u_nobody"])).status_code == 404


# --- events


def test_every_event_is_on_one_page_and_only_one(watched: School, clock: HandClock) -> None:
    from playhead.core.tickets import verify
    from playhead.recorder.operations import RecordBatch

    told = opening(watched, "bob")
    for seq in range(5):
        events = ",".join(f'{{"type":"pause","t":{seq * 1000 + n},"m":{n}}}' for n in range(30))
        body = f'{{"seq":{seq},"sent":0,"sections":[],"events":[{events}]}}'.encode()
        ticket = verify(str(told["ticket"]), keys=service.ticket_keys(), now_s=clock.now_ms() // 1000)
        service.current().do(
            RecordBatch.under(ticket=ticket, seq=seq, claims=[], body=body, received_at=clock.now_ms())
        )
    viewer, videos = Viewer.objects.get(key=watched.bob.key).pk, {watched.film.key: watched.film}
    pages = [timeline_page(viewer, videos)]
    while (before := pages[-1].before) is not None:
        pages.append(timeline_page(viewer, videos, before=before))
    assert len(pages) > 1
    happened = [one for page in pages for one in page.happenings]
    assert len([one for one in happened if one.name == "pause"]) == 150
    assert len({(one.at, one.position_ms) for one in happened if one.name == "pause"}) == 150
    assert [one.name for one in happened].count("opened") == 2


def test_the_student_page_shows_them(watched: School) -> None:
    address = reverse("student", args=[watched.course.key, watched.bob.key])
    page = watched.client("alice").get(address).content.decode()
    assert re.search(r'<code class="event"[^>]*>opened</code>', page)
    assert watched.client("alice").get(address + "?before=x").status_code == 200
    assert "Nothing yet" in watched.client("alice").get(address + "?before=0").content.decode()


def test_reports_that_never_came_are_seen_by_their_numbers(watched: School, clock: HandClock) -> None:
    address = reverse("student", args=[watched.course.key, watched.bob.key])
    assert "missing" not in watched.client("alice").get(address).content.decode()
    told = opening(watched, "bob")
    watch(told, clock, [(0, 5_000)])
    claim(told, clock, seq=3)
    page = watched.client("alice").get(address).content.decode()
    assert "2 reports missing" in page
    claim(told, clock, seq=1)  # late, and not lost
    assert "1 report missing" in watched.client("alice").get(address).content.decode()


# --- a class, and what changed


def test_the_class_map_is_as_high_as_its_share() -> None:
    svg = class_section_map([4, 4, 2], [4, 6, 2], 4)
    assert 'viewBox="0 0 3 100"' in svg
    assert 'd="M0 100H0V0.0H2V50.0H3V100Z"' in svg
    assert 'd="M0 100H1V50.0H2V100.0H3V100Z"' in svg
    assert "Of 4 students, 4 saw the most seen second, at 0:00, and 2 the least seen one, at 0:02." in svg
    assert class_section_map([], [], 4) == ""


def test_a_long_classs_map_has_no_more_steps_than_a_screen_shows_and_no_peak_is_lost() -> None:
    """Two hours, in which the count changes every second: the one second that all saw stands as high as ever."""
    viewers = [second % 2 for second in range(7_200)]
    viewers[4_000] = 9

    path = re.findall(r'<path class="class-watched" d="([^"]*)"', class_section_map(viewers, viewers, 9))[0]

    assert path.count("H") <= 2_401
    assert "H3999V0.0H4002" in path
    assert path.endswith("H7200V100Z")


def test_what_changed_since_yesterday(watched: School, clock: HandClock) -> None:
    now = datetime.fromtimestamp(clock.now_ms() / 1000, tz=UTC)
    news = course_news(watched.course, since=since_yesterday(now), now=now)
    assert [student.username for student in news.active] == ["bob"]
    assert [student.username for student in news.new] == ["bob"]
    assert [student.username for student in news.refused] == ["bob"]
    assert news.completions == []
    later = now + timedelta(days=30)
    quiet = course_news(watched.course, since=since_yesterday(later), now=later)
    assert (quiet.active, quiet.new, quiet.refused) == ([], [], [])
    assert {(look.student.username, look.why) for look in most_pressing([quiet, quiet])} == {
        ("bob", "not seen for 30 days"),
        ("dana", "has not begun; most others have"),
    }


def test_a_completion_is_news(watched: School, clock: HandClock) -> None:
    watch(opening(watched, "bob"), clock, [(0, 60_000)])
    now = datetime.fromtimestamp(clock.now_ms() / 1000, tz=UTC)
    [completion] = course_news(watched.course, since=since_yesterday(now), now=now).completions
    assert (completion.student.username, completion.video) == ("bob", watched.film)


def test_an_opening_tells_its_length_and_not_its_environment_once_more() -> None:
    kept = {"duration_ms": 120_000, "environment": {"browser": "Firefox 144"}, "policy": {}}
    assert timeline._details(kept) == "duration 2:00"
