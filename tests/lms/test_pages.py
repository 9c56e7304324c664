"""What the pages say, to whom. What they look like is for eyes; here it is content, links and headers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from playhead.core.credit import Claim
from playhead.lms.models import Course, Enrolment, Role, User, Video
from tests.lms.conftest import MEDIA_NAME, Browser, School
from tests.lms.watching import claim, watch
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def opened(client: Browser, video: Video) -> dict[str, Any]:
    answer = client.post("/v1/playbacks", {"video": video.key}, content_type="application/json")
    told: dict[str, Any] = answer.json()
    return told


def text_of(client: Browser, name: str, *arguments: str, query: str = "") -> str:
    response = client.get(reverse(name, args=arguments) + query)
    assert response.status_code == 200
    return response.content.decode()


def words_of(html: str) -> str:
    """What one reads: without tags, spaces run together."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def watched_film(live_school: School, clock: HandClock) -> School:
    """Bob watches 0 to 20 s, then 30 to 40 s, then 5 to 10 s again; then claims 40 to 60 s in no time."""
    told = opened(live_school.client("bob"), live_school.film)
    watch(told, clock, [(0, 20_000), (30_000, 40_000), (5_000, 10_000)])
    clock.forward(3_000)
    t0 = clock.now_ms() - told["opened_at"]
    claim(told, clock, Claim(t0 - 1_000, t0, 40_000, 60_000), seq=3)
    return live_school


# --- the student


def test_home_of_a_student_begins_where_one_stopped(watched_film: School) -> None:
    html = text_of(watched_film.client("bob"), "home")
    words = words_of(html)
    assert "Go on where you stopped The first film" in words
    assert "Film basics · 1:00" in words
    assert "0 of 2 videos done" in words
    assert reverse("watch", args=[watched_film.film.key]) in html


def test_home_without_a_course_says_what_to_do(live_school: School) -> None:
    words = words_of(text_of(live_school.client("charlie"), "home"))
    assert "No courses yet" in words
    assert "Tell them your username: charlie" in words
    assert "Film basics" not in words


def test_course_of_a_student_shows_each_video_with_its_state(watched_film: School) -> None:
    words = words_of(text_of(watched_film.client("bob"), "course", watched_film.course.key))
    assert re.search(r"The first film .*1:00 .*55 % .*Go on", words)
    assert re.search(r"The second film .*length not known .*Not started .*Start", words)
    assert "a video is done when 95 % of it is watched" in words


def test_an_empty_course_says_so(live_school: School) -> None:
    Enrolment.objects.create(course=live_school.other, user=live_school.bob)
    assert "No videos yet" in text_of(live_school.client("bob"), "course", live_school.other.key)


def test_a_finished_video_is_done_and_not_offered_again_at_home(live_school: School, clock: HandClock) -> None:
    client = live_school.client("bob")
    watch(opened(client, live_school.film), clock, [(0, 60_000)])
    assert "Go on where you stopped" not in text_of(client, "home")
    words = words_of(text_of(client, "course", live_school.course.key))
    assert re.search(r"The first film .*Done .*Watch again", words)
    assert "1 of 2 videos done" in words


def test_watch_page_names_the_viewer_and_says_what_is_needed(watched_film: School) -> None:
    html = text_of(watched_film.client("bob"), "watch", watched_film.film.key)
    words = words_of(html)
    assert "You watch as Bob Brown bob " + watched_film.bob.key in words
    assert "0:32 of 0:56 needed" in words
    assert "55 %" in words
    assert "What was not counted, and why 0:17 It was played faster than this course allows." in words
    assert f'data-video="{watched_film.film.key}"' in html


def test_watch_page_draws_the_map_without_a_script(watched_film: School) -> None:
    html = text_of(watched_film.client("bob"), "watch", watched_film.film.key)
    assert "<title>watched 0:00 to 0:20</title>" in html
    assert "<title>watched again 0:05 to 0:10</title>" in html
    assert "<title>claimed, not credited 0:42 to 1:00</title>" in html
    assert "0:32 of 1:00 watched. watched: 0:00 to 0:20, 0:30 to 0:42." in html


def test_watch_page_holds_no_media_address(live_school: School) -> None:
    """The address comes with a ticket, and a ticket with a playback."""
    for video in (live_school.film, live_school.link):
        html = text_of(live_school.client("bob"), "watch", video.key)
        assert MEDIA_NAME not in html
        assert "videos.example.org" not in html
        assert "/media/" not in html


def test_watch_page_lets_media_in_from_the_videos_own_host_only(live_school: School) -> None:
    client = live_school.client("bob")
    here = client.get(reverse("watch", args=[live_school.film.key]))["Content-Security-Policy"]
    there = client.get(reverse("watch", args=[live_school.link.key]))["Content-Security-Policy"]
    assert "media-src 'self' blob:;" in here + ";"
    assert "media-src 'self' blob: https://videos.example.org;" in there + ";"


# --- the teacher


def test_home_of_a_teacher_lists_what_one_teaches(live_school: School) -> None:
    words = words_of(text_of(live_school.client("alice"), "home"))
    assert re.search(r"Courses you teach .*Film basics 1 student · 2 videos", words)
    assert "Somewhere else" not in words


def test_home_of_an_admin_lists_all_courses(live_school: School) -> None:
    words = words_of(text_of(live_school.client("ada"), "home"))
    assert re.search(r"All courses .*Film basics", words)
    assert "Somewhere else" in words
    assert "Admin" in words


def test_course_of_a_teacher_lists_videos_and_people(live_school: School) -> None:
    alice, key = live_school.client("alice"), live_school.course.key
    words = words_of(text_of(alice, "course", key))
    assert "The first film 1:00 film-one.mp4" in words
    assert "The second film not known https://videos.example.org/film-two.mp4" in words
    words = words_of(text_of(alice, "people", key))
    assert re.search(r"Alice Archer alice teacher .* Bob Brown bob student", words)


def test_teachers_page_tells_who_watched_what(watched_film: School) -> None:
    html = text_of(watched_film.client("alice"), "video", watched_film.film.key)
    words = words_of(html)
    assert "Students 1 Started 1 Completed 0 Average progress 55 % With refusals 1" in words
    assert re.search(r"Bob Brown bob .*55 % 0:32 0:37 – 1 Sep 08:00 clock too fast 0:17", words)
    assert "<title>watched 0:00 to 0:20</title>" in html
    assert re.search(r"As of \d\d:\d\d:\d\d UTC", words)


def test_teachers_own_views_are_not_the_classes(live_school: School, clock: HandClock) -> None:
    client = live_school.client("alice")
    watch(opened(client, live_school.film), clock, [(0, 60_000)])
    words = words_of(text_of(client, "video", live_school.film.key))
    assert "Started 0 Completed 0" in words


def test_without_students_it_says_what_to_do(live_school: School) -> None:
    Enrolment.objects.filter(role=Role.STUDENT).delete()
    words = words_of(text_of(live_school.client("alice"), "video", live_school.film.key))
    assert "No students yet" in words
    assert "Enrol people" in words


@pytest.fixture
def class_of_three(live_school: School, clock: HandClock) -> School:
    """Bob watches 40 s, Dana all, Erin nothing."""
    for username, name, ms in (("dana", "Dana", 60_000), ("erin", "Erin", 0)):
        user = User.objects.create(username=username, name=name, organisation=live_school.bob.organisation)
        Enrolment.objects.create(course=live_school.course, user=user)
        if ms:
            client = Browser()
            client.force_login(user, backend="playhead.lms.backends.NameOrEmailBackend")
            watch(opened(client, live_school.film), clock, [(0, ms)])
    watch(opened(live_school.client("bob"), live_school.film), clock, [(0, 40_000)])
    return live_school


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", "Bob Dana Erin"),
        ("-name", "Erin Dana Bob"),
        ("-progress", "Dana Bob Erin"),
        ("progress", "Erin Bob Dana"),
        ("-covered", "Dana Bob Erin"),
        ("-watched", "Dana Bob Erin"),
        ("-completed", "Dana Bob Erin"),
        ("-seen", "Bob Dana Erin"),
        ("-refused", "Bob Dana Erin"),
        ("nonsense", "Bob Dana Erin"),
        ("-", "Bob Dana Erin"),
    ],
)
def test_the_table_is_sorted_by_links(class_of_three: School, sort: str, order: str) -> None:
    html = text_of(class_of_three.client("alice"), "video", class_of_three.film.key, query=f"?sort={sort}")
    names = re.findall(r'<th scope="row"><a [^>]*>(\w+)', html)
    assert " ".join(names) == order


def test_a_heading_turns_its_order_round(class_of_three: School) -> None:
    html = text_of(class_of_three.client("alice"), "video", class_of_three.film.key, query="?sort=-progress")
    assert 'aria-sort="descending"' in html
    assert 'href="?sort=progress#students"' in html
    assert 'href="?sort=-covered#students"' in html


def test_the_same_number_everywhere(watched_film: School) -> None:
    bob, alice = watched_film.client("bob"), watched_film.client("alice")
    pages = [
        text_of(bob, "watch", watched_film.film.key),
        text_of(bob, "course", watched_film.course.key),
        text_of(bob, "home"),
        text_of(alice, "video", watched_film.film.key),
    ]
    assert all("55 %" in words_of(page) for page in pages)


# --- every page


Page = Callable[[School], tuple[str, str]]

PAGES: dict[str, Page] = {
    "login": lambda school: ("anonymous", reverse("login")),
    "home of a student": lambda school: ("bob", reverse("home")),
    "home of a teacher": lambda school: ("alice", reverse("home")),
    "course of a student": lambda school: ("bob", reverse("course", args=[school.course.key])),
    "course of a teacher": lambda school: ("alice", reverse("course", args=[school.course.key])),
    "watch": lambda school: ("bob", reverse("watch", args=[school.film.key])),
    "people of a course": lambda school: ("alice", reverse("people", args=[school.course.key])),
    "video": lambda school: ("alice", reverse("video", args=[school.film.key])),
    "student": lambda school: ("alice", reverse("student", args=[school.course.key, school.bob.key])),
    "explained": lambda school: ("alice", reverse("explain", args=[school.film.key, school.bob.key])),
    "explained to oneself": lambda school: ("bob", reverse("explain", args=[school.film.key, school.bob.key])),
    "nothing to explain": lambda school: ("alice", reverse("explain", args=[school.link.key, school.bob.key])),
    "add a video": lambda school: ("alice", reverse("add-video", args=[school.course.key])),
    "not enrolled": lambda school: ("charlie", reverse("watch", args=[school.film.key])),
    "not there": lambda school: ("bob", "/no/such/page/"),
    "admin": lambda school: ("ada", "/admin/"),
}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_keeps_the_content_policy(watched_film: School, page: str) -> None:
    who, address = PAGES[page](watched_film)
    response = watched_film.client(who).get(address)
    html = response.content.decode()
    policy = response["Content-Security-Policy"]
    assert policy.count("unsafe") == ("style-src 'self' 'unsafe-inline'" in policy) == (page == "video")
    assert "default-src 'none'" in policy
    assert not re.search(r"<[^>]+\sstyle=", html)
    assert not re.search(r"<[^>]+\son\w+=", html)
    assert "<style" not in html
    assert not re.search(r'<script(?![^>]*(\ssrc=|\stype="application/json"))', html)
    assert 'src="http' not in html
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("page", [name for name in PAGES if name != "admin"])
def test_every_page_has_a_title_a_heading_and_a_language(watched_film: School, page: str) -> None:
    who, address = PAGES[page](watched_film)
    html = watched_film.client(who).get(address).content.decode()
    assert re.search(r"<title>[^<]+ · Playhead</title>", html)
    assert len(re.findall(r"<h1\b", html)) == 1
    assert '<html lang="en">' in html
    assert 'class="skip-link" href="#main"' in html
    assert 'name="viewport"' in html


def test_names_in_any_script_and_hostile_ones_are_shown_as_they_are(live_school: School) -> None:
    live_school.bob.name = "<script>alert(1)</script> 김민준 Łukasz"
    live_school.bob.save()
    live_school.film.title = '"><img src=x onerror=alert(1)>'
    live_school.film.save()
    for who, name, key in (
        ("alice", "course", live_school.course.key),
        ("alice", "video", live_school.film.key),
        ("bob", "watch", live_school.film.key),
        ("bob", "course", live_school.course.key),
    ):
        html = text_of(live_school.client(who), name, key)
        assert "<script>alert" not in html
        assert "<img" not in html


def test_a_page_costs_few_queries(class_of_three: School, django_assert_max_num_queries: Callable[..., Any]) -> None:
    """However many students there are. Four for who asks for what: session, person, video, role. Two of the class:
    students, and whom a teacher's word completes. Three of the page shown: people, accommodations, overrides. One for
    the header: whether it leads to the studio."""
    for number in range(60):
        user = User.objects.create(username=f"more{number}", organisation=class_of_three.bob.organisation)
        Enrolment.objects.create(course=class_of_three.course, user=user)
    client = class_of_three.client("alice")
    with django_assert_max_num_queries(10):
        text_of(client, "video", class_of_three.film.key)


def test_home_costs_few_queries(live_school: School, django_assert_max_num_queries: Callable[..., Any]) -> None:
    for number in range(5):
        course = Course.objects.create(title=f"Course {number}", organisation=live_school.bob.organisation)
        Enrolment.objects.create(course=course, user=live_school.bob)
        Video.objects.create(course=course, title="One", file="one.mp4")
    client = live_school.client("bob")
    with django_assert_max_num_queries(11):
        text_of(client, "home")
