"""What teachers do on their pages, done over HTTP: rules, agreements, words of completion, removals, uploads."""

from typing import Any

import pytest

from playhead.core import limits
from playhead.lms.models import Course, Override, TrailEntry, User, Video
from playhead.media.models import Asset, State
from playhead.recorder.models import Playback
from tests.lms.api.conftest import Program, program
from tests.lms.api.table import CAPTIONS
from tests.lms.conftest import School
from tests.lms.watching import watch
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


@pytest.fixture
def sam(theirs: Program, live_school: School) -> str:
    """A student whom the integration sent; their key."""
    key = str(theirs.post("/viewers", {"external_id": "sam", "name": "Sam Sent"}).json()["key"])
    theirs.post("/enrolments", {"course": live_school.course.key, "viewer": key})
    return key


def opened(theirs: Program, video: Video, viewer: str) -> Any:
    return theirs.post("/playbacks", {"video": video.key, "viewer": viewer})


def test_rules_of_viewing_bind_what_is_opened_next(theirs: Program, live_school: School, sam: str) -> None:
    of_course, of_film = f"/courses/{live_school.course.key}/rules", f"/videos/{live_school.film.key}/rules"
    assert set(theirs.get(of_course).json().values()) == {None}
    told = {"seeking": "covered", "rates": [1500, 1000, 1000], "plays": 3, "watermark": True, "presence_minutes": 10}
    changed = theirs.ask("PATCH", of_course, told).json()
    assert (changed["rates"], changed["concurrent"], changed["watermark"]) == ([1000, 1500], None, True)
    nearer = {"part_start_ms": 1_500, "part_end_ms": 20_000, "max_rate": 1500, "alias": "lesson-1", "plays": None}
    assert theirs.ask("PATCH", of_film, nearer).json()["part_start_ms"] == 1_500
    policy = opened(theirs, live_school.film, sam).json()["policy"]
    assert (policy["seeking"], policy["rates"], policy["part"], policy["max_rate"]) == (
        "covered", [1000, 1500], [1_500, 20_000], 1500,
    )  # fmt: skip
    assert theirs.ask("PATCH", of_course, {"seeking": None}).json()["seeking"] is None
    entries = TrailEntry.objects.filter(course=live_school.course, what="rules")
    assert {entry.by_name for entry in entries} == {"Their LMS"}
    assert entries.count() == 3


@pytest.mark.parametrize(
    ("told", "member"),
    [({"part_start_ms": 9000, "part_end_ms": 9000}, "part_end_ms"), ({"opens_at": 2000, "closes_at": 1}, "closes_at")],
)
def test_rules_that_contradict_one_another(
    theirs: Program, live_school: School, told: dict[str, int], member: str
) -> None:
    for first in ({}, {name: told[name] for name in sorted(told, reverse=True)[:1]}):
        path = f"/videos/{live_school.film.key}/rules"
        assert theirs.ask("PATCH", path, first).status_code == 200
        refused = theirs.ask("PATCH", path, told)
        assert (refused.status_code, refused.json()["errors"][0]["member"]) == (400, member)


def test_two_videos_have_not_one_name(theirs: Program, live_school: School) -> None:
    assert theirs.ask("PATCH", f"/videos/{live_school.film.key}/rules", {"alias": "one"}).status_code == 200
    refused = theirs.ask("PATCH", f"/videos/{live_school.link.key}/rules", {"alias": " one "})
    assert refused.json()["code"] == "alias_taken"


def test_other_terms_for_one_student(theirs: Program, live_school: School, sam: str) -> None:
    course, film = live_school.course, live_school.film
    path = f"/accommodations/{course.key}/{sam}/"
    assert theirs.ask("PUT", path + film.key, {"reason": "nothing"}).json()["code"] == "nothing_agreed"
    assert theirs.ask("PUT", path + course.key, {"threshold_percent": 50, "plays": 2}).json()["video"] is None
    agreed = theirs.ask("PUT", path + film.key, {"max_rate": 1000, "due_at": 1_790_000_000_000, "reason": "Was ill"})
    assert (agreed.json()["by"], agreed.json()["video"]) == ("Their LMS", film.key)
    terms = theirs.get(f"/terms/{film.key}/{sam}").json()
    assert (terms["max_rate"], terms["threshold_percent"], terms["plays"]) == (1000, 50, 2)
    assert terms["own"] == ["due_at", "max_rate", "plays", "threshold_percent"]
    page = live_school.client("alice").get(f"/courses/{course.key}/students/{sam}/terms/").content.decode()
    assert "Their LMS" in page
    assert len(theirs.all_of(f"/accommodations?viewer={sam}")) == 2
    assert theirs.ask("DELETE", path + film.key).status_code == 204
    assert theirs.get(f"/terms/{film.key}/{sam}").json()["max_rate"] == 2000
    trail = [entry["what"] for entry in theirs.all_of(f"/courses/{course.key}/trail")]
    assert trail == ["enrolled", "accommodation", "accommodation", "accommodation_ended"]


def test_a_word_that_it_is_complete_stands_beside_the_numbers(theirs: Program, live_school: School, sam: str) -> None:
    told = {"video": live_school.film.key, "viewer": sam, "reason": "Gave the talk"}
    made = theirs.post("/overrides", told)
    path = made["Location"].removeprefix("/api/v1")
    assert (made.status_code, theirs.get(path).json()) == (201, made.json())
    assert theirs.post("/overrides", told).json()["code"] == "already_overridden"
    progress = theirs.get(f"/progress/{live_school.film.key}/{sam}").json()
    assert (progress["override"], progress["completed"], progress["covered_ms"]) == (True, False, 0)
    for _again in range(2):
        assert theirs.ask("DELETE", path).status_code == 204
    assert theirs.get(path).status_code == 404
    assert (Override.objects.get().by, Override.objects.get().withdrawn_by_whom) == ("Their LMS", "Their LMS")
    whats = [(one["what"], one["reason"]) for one in theirs.all_of(f"/courses/{live_school.course.key}/trail")]
    assert whats[1:] == [("override", "Gave the talk"), ("override_withdrawn", "")]


def test_the_trail_tells_of_nobody_whom_the_integration_does_not_know(
    theirs: Program, whole: Program, live_school: School, sam: str
) -> None:
    path, bob = f"/courses/{live_school.course.key}", live_school.bob.key
    whole.post("/overrides", {"video": live_school.film.key, "viewer": bob, "reason": "secret"})
    TrailEntry.objects.create(course=live_school.course, by_name="Alice", what="invited", detail="eve@school.example")
    told = theirs.get(f"{path}/trail").content.decode()
    assert sam in told
    assert not any(text in told for text in ("secret", bob, "Bob", "eve@"))
    assert all(text in whole.get(f"{path}/trail").content.decode() for text in ("secret", bob, "eve@"))


def test_a_video_removed_and_had_back(theirs: Program, live_school: School, sam: str) -> None:
    film = live_school.film
    path, playback = f"/videos/{film.key}", opened(theirs, film, sam).json()["playback"]
    for _again in range(2):
        assert theirs.ask("DELETE", path).status_code == 204
    assert Playback.objects.get(key=playback).closed_reason == "revoked"
    assert (theirs.get(path).status_code, opened(theirs, film, sam).status_code) == (404, 404)
    assert film.key not in [one["key"] for one in theirs.all_of("/videos")]
    [removed] = theirs.all_of("/videos?removed=true")
    assert (removed["key"], removed["removed_at"] is None) == (film.key, False)
    for _again in range(2):
        assert theirs.ask("POST", f"{path}/restore").json()["removed_at"] is None
    assert opened(theirs, film, sam).status_code == 201
    assert [one["what"] for one in theirs.all_of(f"/courses/{live_school.course.key}/trail")][1:] == [
        "video_removed",
        "video_restored",
    ]


def test_a_new_version_takes_a_videos_place(theirs: Program, live_school: School, sam: str, clock: HandClock) -> None:
    film, course = live_school.film, live_school.course.key
    watch(opened(theirs, film, sam).json(), clock, [(0, 4000), (6000, 8000)])
    told = {"title": "Better", "url": "https://v.example/b.mp4", "duration_ms": 20_000}
    other = str(theirs.post("/courses", {"title": "Other"}).json()["key"])
    elsewhere, new = (theirs.post("/videos", {"course": one, **told}).json()["key"] for one in (other, course))
    path, part = f"/videos/{film.key}/replace", {"start_ms": 2000, "end_ms": 8000, "at_ms": 10_000}
    for by, ranges, code in (
        (elsewhere, [], "no_such_video"),
        (film.key, [], "no_such_video"),
        (new, [{**part, "at_ms": 15_000}], "range"),
        (new, [part, part], "range"),
    ):
        assert theirs.post(path, {"by": by, "ranges": ranges}).json()["code"] == code
    answer = theirs.post(path, {"by": new, "ranges": [part]})
    assert (answer.status_code, answer.json()["key"], answer.json()["title"]) == (200, new, film.title)
    assert theirs.get(f"/progress/{new}/{sam}").json()["coverage"] == [[10_000, 12_000], [14_000, 16_000]]
    assert theirs.post(path, {"by": new}).status_code == 404, "the version before is removed"
    assert theirs.post(f"/videos/{film.key}/restore", {}).status_code == 200


def test_courses_are_put_away_and_viewers_switched_off(theirs: Program, live_school: School, sam: str) -> None:
    course = f"/courses/{live_school.course.key}"
    opened(theirs, live_school.film, sam)
    for path in (course, f"/viewers/{sam}"):
        for _again in range(2):
            assert theirs.ask("DELETE", path).status_code == 204
    assert (theirs.get(course).json()["archived"], theirs.get(f"/viewers/{sam}").json()["active"]) == (True, False)
    assert Playback.objects.filter(closed_at=None).count() == 0
    film = live_school.film.key
    word = {"video": film, "viewer": sam, "reason": "x"}
    in_archive: list[tuple[str, str, dict[str, Any] | None]] = [
        ("PATCH", f"/videos/{film}/rules", {"plays": 1}),
        ("DELETE", f"/videos/{film}", None),
    ]
    in_archive += [("POST", "/overrides", word), ("PUT", f"/accommodations{course[8:]}/{sam}/{film}", {"plays": 1})]
    in_archive += [("POST", "/uploads", {"course": live_school.course.key, "name": "x.mp4", "size_bytes": 9})]
    for asked in in_archive:
        assert theirs.ask(*asked).json()["code"] == "course_archived", asked
    assert theirs.ask("PATCH", course, {"archived": False}).json()["archived"] is False
    assert theirs.ask("PATCH", f"/viewers/{sam}", {"active": True}).json()["active"] is True
    assert User.objects.get(key=live_school.bob.key).is_active


def test_somebody_elses_account_is_not_switched_off(whole: Program, live_school: School) -> None:
    refused = whole.ask("DELETE", f"/viewers/{live_school.bob.key}")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_viewer")


def test_a_course_once_more_for_a_new_term(theirs: Program, live_school: School, sam: str) -> None:
    due = {"due_at": 1_790_000_000_000}
    theirs.ask("PATCH", f"/videos/{live_school.film.key}", due)
    theirs.ask("PATCH", f"/videos/{live_school.film.key}/rules", {"alias": "one", "plays": 3})
    made = theirs.post(f"/courses/{live_school.course.key}/copy", {"title": "Autumn", "weeks_later": 2})
    assert (made.status_code, made.json()["title"]) == (201, "Autumn")
    videos = theirs.all_of(f"/videos?course={made.json()['key']}")
    assert [one["title"] for one in videos] == ["The first film", "The second film"]
    assert videos[0]["due_at"] == due["due_at"] + 2 * 7 * 86_400_000
    rules = theirs.get(f"/videos/{videos[0]['key']}/rules").json()
    assert (rules["plays"], rules["alias"]) == (3, None)
    assert theirs.all_of(f"/enrolments?course={made.json()['key']}") == []
    copied = Course.objects.get(key=made.json()["key"])
    assert [entry.by_name for entry in copied.trail.all()] == ["Their LMS"]


def test_an_upload_from_its_agreement_to_its_end(theirs: Program, live_school: School) -> None:
    told = {"course": live_school.course.key, "name": "waves.mp4", "size_bytes": 1000, "title": "Waves"}
    made = theirs.post("/uploads", told)
    assert made.status_code == 201
    assert "/uploads/" in made.json()["upload_url"]
    path = made["Location"].removeprefix("/api/v1")
    assert (theirs.get(path).json()["state"], "upload_url" in theirs.get(path).json()) == ("uploading", False)
    assert theirs.post("/uploads", told | {"name": "../x.mp4"}).json()["code"] == "bad_name"
    Asset.objects.update(state=State.READY, duration_ms=60_000, stills=2)
    chapters = [{"start_ms": 0, "title": "Opening"}, {"start_ms": 30_500, "title": "Later"}]
    changed = theirs.ask("PATCH", path, {"chapters": chapters, "poster": 1}).json()
    assert (changed["chapters"], changed["poster"], changed["title"]) == (chapters, 1, "Waves")
    assert theirs.ask("PATCH", path, {"chapters": chapters[::-1]}).json()["code"] == "chapter"
    assert theirs.ask("PATCH", path, {"poster": 2}).json()["code"] == "poster"
    assert theirs.ask("PUT", f"{path}/captions/en", CAPTIONS).json() == CAPTIONS | {"language": "en"}
    assert theirs.ask("PUT", f"{path}/captions/en", CAPTIONS | {"text": "no"}).json()["code"] == "captions_kind"
    assert theirs.get(path).json()["captions"] == [{"language": "en", "label": "English"}]
    assert theirs.ask("DELETE", f"{path}/captions/en").status_code == 204
    for _again in range(2):
        assert theirs.ask("DELETE", path).status_code == 204
    removed = theirs.get(path).json()
    days = (removed["gone_at"] - removed["created_at"]) / 86_400_000
    assert (removed["removed"], round(days)) == (True, limits.REMOVED_DAYS)
    assert theirs.ask("POST", f"{path}/restore").json()["removed"] is False


def test_a_certificate_for_who_is_done(theirs: Program, live_school: School, sam: str) -> None:
    wanted = {"course": live_school.course.key, "viewer": sam}
    assert theirs.post("/certificates", wanted).json()["code"] == "not_complete"
    for video in (live_school.film, live_school.link):
        theirs.post("/overrides", {"video": video.key, "viewer": sam, "reason": "done"})
    made = theirs.post("/certificates", wanted).json()
    assert (made["holds"], made["changed"], made["external_id"]) == (True, [], "sam")
    assert theirs.post("/certificates", wanted).json()["key"] == made["key"]
    path = f"/certificates/{made['key']}"
    withdrawn = theirs.post(f"{path}/withdrawal", {"reason": "Wrong person"}).json()
    assert (withdrawn["holds"], withdrawn["withdrawn_reason"]) == (False, "Wrong person")
    assert theirs.post(f"{path}/withdrawal", {"reason": "Again"}).json()["code"] == "already_withdrawn"


def test_a_key_does_what_its_scopes_say(live_school: School, theirs: Program, sam: str) -> None:
    reads = program(live_school, "Reads", scopes=["courses:read", "viewers:read"], courses=(live_school.course,))
    film = live_school.film.key
    for needed, method, path, body in (
        ("courses:write", "DELETE", f"/videos/{film}", None),
        ("courses:write", "PATCH", f"/videos/{film}/rules", {}),
        ("library:read", "GET", "/uploads", None),
        ("library:write", "POST", "/uploads", {"course": "c", "name": "x", "size_bytes": 1}),
        ("terms:read", "GET", "/accommodations", None),
        ("terms:write", "POST", "/overrides", {"video": film, "viewer": sam, "reason": "x"}),
    ):
        refused = reads.ask(method, path, body)
        assert (refused.status_code, refused.json().get("scope")) == (403, needed), path
