"""What the operations do: the same as the pages, and no more than the integration was given."""

import threading
from typing import Any

import pytest

from playhead.lms.api.document import document
from playhead.lms.models import Course, Device, Enrolment, Outsider, User, Video
from playhead.lms.progress import watched_by
from playhead.recorder.models import Playback
from tests.lms.api.conftest import Program, program
from tests.lms.api.table import LISTS
from tests.lms.conftest import School
from tests.lms.watching import watch
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def sent(theirs: Program, course: Course, external_id: str = "s-1") -> str:
    """A viewer whom the integration sends and enrols; their key."""
    key = str(theirs.post("/viewers", {"external_id": external_id, "name": "Sam Sent"}).json()["key"])
    assert theirs.post("/enrolments", {"course": course.key, "viewer": key}).status_code == 201
    return key


def test_a_course_from_its_making_to_its_archive(theirs: Program) -> None:
    made = theirs.post("/courses", {"title": "Made elsewhere", "threshold_percent": 80, "no_skip": True})
    assert made.status_code == 201
    path = made["Location"].removeprefix("/api/v1")
    assert theirs.get(path).json() == made.json()
    changed = theirs.ask("PATCH", path, {"title": "Renamed"}).json()
    assert (changed["title"], changed["threshold_percent"], changed["no_skip"]) == ("Renamed", 80, True)
    assert theirs.ask("PATCH", path, {"archived": True}).json()["archived"] is True
    assert theirs.ask("PATCH", path, {"title": "Later"}).json()["code"] == "course_archived"
    course = Course.objects.get(key=made.json()["key"])
    assert [entry.what for entry in course.trail.all()] == ["archived", "settings", "made"]
    assert {entry.by_name for entry in course.trail.all()} == {"Their LMS"}
    assert theirs.ask("PATCH", path, {"archived": False, "title": "Back"}).json()["title"] == "Back"


def test_a_video_from_an_address(theirs: Program, live_school: School) -> None:
    wanted = {
        "course": live_school.course.key,
        "title": "Third",
        "url": "https://v.example/3.mp4",
        "duration_ms": 61_234,
    }
    made = theirs.post("/videos", wanted)
    assert made.status_code == 201, made.content
    assert (made.json()["duration_ms"], made.json()["position"]) == (61_234, 3)
    path = made["Location"].removeprefix("/api/v1")
    changed = theirs.ask("PATCH", path, {"title": "3rd", "due_at": 1_790_000_000_000, "position": 1}).json()
    assert (changed["title"], changed["due_at"], changed["position"]) == ("3rd", 1_790_000_000_000, 1)
    assert theirs.ask("PATCH", path, {"due_at": None}).json()["due_at"] is None
    assert [one["title"] for one in theirs.all_of(f"/videos?course={live_school.course.key}")][-1] == "3rd"
    bad = theirs.post("/videos", wanted | {"url": "ftp://x"})
    assert (bad.status_code, bad.json()["errors"][0]["member"]) == (400, "url")


def test_people_whom_the_integration_sends(theirs: Program, live_school: School) -> None:
    key = sent(theirs, live_school.course)
    user = User.objects.get(key=key)
    assert not user.has_usable_password()
    again = theirs.post("/viewers", {"external_id": "s-1", "name": "Again"})
    assert (again.status_code, again.json()["code"], again.json()["viewer"]) == (409, "viewer_known", key)
    [found] = theirs.all_of("/viewers?external_id=s-1")
    assert (found["key"], found["external_id"]) == (key, "s-1")
    assert theirs.ask("PATCH", f"/viewers/{key}", {"active": False}).json()["active"] is False
    assert theirs.post("/playbacks", {"video": live_school.film.key, "viewer": key}).json()["code"] == "account_off"


def test_into_a_course_and_out_of_it(theirs: Program, live_school: School, clock: HandClock) -> None:
    key = sent(theirs, live_school.course)
    path = f"/enrolments/{live_school.course.key}/{key}"
    assert theirs.get(path).json()["role"] == "student"
    assert theirs.post("/enrolments", {"course": live_school.course.key, "viewer": key}).status_code == 409
    assert [one["viewer"] for one in theirs.all_of("/enrolments")] == [key]
    assert theirs.ask("PATCH", path, {"role": "assistant"}).json()["role"] == "assistant"
    opened = theirs.post("/playbacks", {"video": live_school.film.key, "viewer": key}).json()
    assert theirs.ask("DELETE", path).status_code == 204
    assert Playback.objects.get(key=opened["playback"]).closed_reason == "unenrolled"
    assert theirs.get(path).status_code == 404
    assert theirs.ask("DELETE", path).status_code == 404


def test_playing_through_the_api(theirs: Program, live_school: School, clock: HandClock) -> None:
    key = sent(theirs, live_school.course)
    made = theirs.post("/playbacks", {"video": live_school.film.key, "viewer": key})
    assert made.status_code == 201
    opened = made.json()
    watch(opened, clock, [(0, 20_000), (30_000, 40_000)])
    progress = theirs.get(f"/progress/{live_school.film.key}/{key}").json()
    assert progress["coverage"] == [[0, 20_000], [30_000, 40_000]]
    assert (progress["external_id"], progress["progress"], progress["resume_ms"]) == ("s-1", 50, 40_000)
    renewed = theirs.post(f"/playbacks/{opened['playback']}/ticket", {"ticket": opened["ticket"]})
    assert renewed.status_code == 200
    row = theirs.get(made["Location"].removeprefix("/api/v1")).json()
    assert (row["external_id"], row["closed_at"]) == ("s-1", None)
    assert [one["key"] for one in theirs.all_of("/playbacks?open=true")] == [opened["playback"]]
    assert theirs.ask("DELETE", f"/playbacks/{opened['playback']}").status_code == 204
    assert theirs.get(f"/playbacks/{opened['playback']}").json()["closed_reason"] == "revoked"
    refused = theirs.post(f"/playbacks/{opened['playback']}/ticket", {"ticket": renewed.json()["ticket"]})
    assert refused.status_code == 403


def test_a_ticket_of_another_playback_renews_nothing(theirs: Program, live_school: School) -> None:
    key = sent(theirs, live_school.course)
    first, second = (theirs.post("/playbacks", {"video": live_school.film.key, "viewer": key}).json() for _ in range(2))
    answer = theirs.post(f"/playbacks/{first['playback']}/ticket", {"ticket": second["ticket"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_playback")


def test_numbers_are_those_of_the_pages(whole: Program, live_school: School, clock: HandClock) -> None:
    opened = live_school.client("bob").post(
        "/v1/playbacks", {"video": live_school.film.key}, content_type="application/json"
    )
    watch(opened.json(), clock, [(0, 10_000), (5_000, 15_000), (30_000, 40_000)])
    [page] = watched_by(live_school.bob, [Video.objects.select_related("course").get(pk=live_school.film.pk)])
    told = whole.get(f"/progress/{live_school.film.key}/{live_school.bob.key}").json()
    assert (told["covered_ms"], told["watched_ms"], told["progress"]) == (25_000, 30_000, page.percent)
    lines = whole.all_of(f"/ledger?video={live_school.film.key}&viewer={live_school.bob.key}")
    assert len(lines) == 3
    assert sum(line["fresh_ms"] for line in lines) == told["covered_ms"]
    assert sum(line["credited_ms"] for line in lines) == told["watched_ms"]
    events = whole.all_of(f"/events?viewer={live_school.bob.key}")
    assert [one["kind"] for one in events] == ["batch"] * 3 + ["opened"]
    statistics = whole.get(f"/statistics/videos/{live_school.film.key}").json()
    assert (statistics["started"], statistics["viewers"][:16]) == (1, [1] * 15 + [0])
    by_course = whole.get(f"/statistics/courses/{live_school.course.key}").json()
    assert by_course["videos"][0]["average_progress"] == told["progress"]
    listed = whole.all_of(f"/progress?video={live_school.film.key}")
    assert {one["viewer"]: one["covered_ms"] for one in listed}[live_school.bob.key] == 25_000
    assert [one["video"] for one in whole.all_of(f"/progress?viewer={live_school.bob.key}")] == [
        live_school.film.key,
        live_school.link.key,
    ]


def test_a_callback_endpoint_from_its_making_to_its_end(theirs: Program) -> None:
    made = theirs.post("/callbacks", {"name": "Hook", "url": "https://lms.example/hook", "types": ["video.completed"]})
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    path = made["Location"].removeprefix("/api/v1")
    assert "secret" not in theirs.get(path).json()
    sent_test = theirs.ask("POST", f"{path}/test").json()
    assert [one["id"] for one in theirs.all_of(f"{path}/messages?state=waiting")] == [sent_test["id"]]
    assert theirs.ask("POST", f"{path}/messages/{sent_test['id']}").json()["state"] == "waiting"
    assert theirs.ask("PATCH", path, {"active": False, "name": "Off"}).json()["active"] is False
    assert theirs.ask("POST", f"{path}/secret").json()["secret"] != made.json()["secret"]
    assert theirs.post("/callbacks", {"name": "x", "url": "http://127.0.0.1/"}).json()["code"] == "url_invalid"
    assert theirs.ask("DELETE", path).status_code == 204
    assert theirs.get(path).status_code == 404


# --- lists while rows are added


def test_nothing_is_lost_or_repeated_while_rows_are_added(theirs: Program, live_school: School) -> None:
    before = [theirs.post("/courses", {"title": f"Course {number}"}).json()["key"] for number in range(7)]
    before = [one["key"] for one in theirs.all_of("/courses", limit=200)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = theirs.get(f"/courses?limit=3{cursor}").json()
        seen += [one["key"] for one in page["data"]]
        theirs.post("/courses", {"title": "Added meanwhile"})
        if page["next_cursor"] is None or len(seen) > 30:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen))
    assert seen[: len(before)] == before


def test_the_same_while_others_write_at_once(theirs: Program, live_school: School, clock: HandClock) -> None:
    """Ledger lines and events of somebody who goes on watching."""
    key = sent(theirs, live_school.course)
    opened = theirs.post("/playbacks", {"video": live_school.film.key, "viewer": key}).json()
    watch(opened, clock, [(at, at + 1000) for at in range(0, 10_000, 1000)])
    path = f"/ledger?video={live_school.film.key}&viewer={key}"
    before = [(one["journal"], one["line"]) for one in theirs.all_of(path, limit=100)]
    stop = threading.Event()

    def more() -> None:
        again = theirs.post("/playbacks", {"video": live_school.film.key, "viewer": key}).json()
        watch(again, clock, [(at, at + 1000) for at in range(10_000, 40_000, 1000)])
        stop.set()

    writing = threading.Thread(target=more)
    writing.start()
    seen = [(one["journal"], one["line"]) for one in theirs.all_of(path, limit=3)]
    writing.join()
    assert stop.is_set()
    assert len(seen) == len(set(seen))
    assert seen[: len(before)] == before


# --- nothing of others


def others(theirs: Program, other: Program, school: School) -> dict[str, str]:
    """Values for the parameters of every path, all of them of another integration."""
    key = sent(other, school.other, "o-1")
    video = Video.objects.create(
        course=school.other, title="Theirs", position=1, source="url", url="https://v.example/x.mp4", duration_ms=9000
    )
    opened = other.post("/playbacks", {"video": video.key, "viewer": key}).json()
    endpoint = other.post("/callbacks", {"name": "Theirs", "url": "https://lms.example/hook"}).json()
    message = other.post(f"/callbacks/{endpoint['key']}/test", None).json()
    values = {"course": school.other.key, "video": video.key, "viewer": key, "playback": opened["playback"]}
    upload = other.post("/uploads", {"course": school.other.key, "name": "x.mp4", "size_bytes": 9}).json()
    other.post("/overrides", {"video": video.key, "viewer": key, "reason": "theirs"})
    certificate = other.post("/certificates", {"course": school.other.key, "viewer": key}).json()
    device = Device.objects.create(user=User.objects.get(key=key), token_hash="theirs")
    values |= {"upload": upload["key"], "certificate": certificate["key"], "device": str(device.pk)}
    values |= {"about": video.key, "language": "en", "number": "0"}
    return values | {"endpoint": endpoint["key"], "message": message["id"]}


KEY_OF = {"courses": "course", "videos": "video", "viewers": "viewer", "playbacks": "playback"} | {
    "uploads": "upload",
    "certificates": "certificate",
}
BODIES: dict[str, Any] = {
    "TicketIn": {"ticket": "x"},
    "EnrolmentChange": {"role": "student"},
    "CopyIn": {"title": "x"},
    "CaptionsIn": {"label": "x", "text": "WEBVTT"},
    "AccommodationIn": {"plays": 1},
    "WithdrawalIn": {"reason": "x"},
    "Replacement": {"by": "x"},
}


def test_of_another_integration_nothing_is_seen_or_changed(theirs: Program, live_school: School) -> None:
    """Every operation of the document that names something, asked for what is another's: as if it were not there."""
    other = program(live_school, "Another LMS", courses=(live_school.other,))
    values = others(theirs, other, live_school)
    mine = {"course": live_school.course.key, "viewer": sent(theirs, live_school.course)}
    asked = 0
    for path, methods in document()["paths"].items():
        for method, told in methods.items():
            if not path.startswith("/api/v1/") or "{" not in path:
                continue
            name = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            body = BODIES.get(name.get("$ref", "").rsplit("/", 1)[-1], {} if name else None)
            filled = path.removeprefix("/api/v1").replace("{key}", values[KEY_OF.get(path.split("/")[3], "video")])
            for part, value in values.items():
                filled = filled.replace("{" + part + "}", value)
            answer = theirs.ask(method.upper(), filled, body)
            assert answer.status_code == 404, (method, path, answer.content)
            asked += 1
    assert asked >= 40
    for refused in (
        theirs.post("/enrolments", {"course": values["course"], "viewer": mine["viewer"]}),
        theirs.post("/enrolments", {"course": mine["course"], "viewer": values["viewer"]}),
        theirs.post("/playbacks", {"video": values["video"], "viewer": mine["viewer"]}),
        theirs.post("/playbacks", {"video": live_school.film.key, "viewer": values["viewer"]}),
        theirs.post("/videos", {"course": values["course"], "title": "x", "url": "https://v.example/x.mp4"}),
        theirs.get(f"/progress?video={values['video']}"),
        theirs.get(f"/progress?viewer={values['viewer']}"),
        theirs.get(f"/ledger?video={values['video']}&viewer={mine['viewer']}"),
        theirs.get(f"/ledger?video={live_school.film.key}&viewer={values['viewer']}"),
        theirs.get(f"/events?viewer={values['viewer']}"),
        theirs.get(f"/videos?course={values['course']}"),
        theirs.get(f"/playbacks?viewer={values['viewer']}"),
    ):
        assert refused.status_code == 404, refused.content
    theirs_alone = [value for name, value in values.items() if name not in {"language", "number", "device"}]
    for listed in LISTS:
        page = theirs.get(f"{listed}?limit=200").content.decode()
        assert not any(value in page for value in theirs_alone), listed


def test_students_of_the_course_whom_it_did_not_send_stay_unknown(theirs: Program, live_school: School) -> None:
    assert theirs.get(f"/viewers/{live_school.bob.key}").status_code == 404
    assert theirs.get(f"/progress/{live_school.film.key}/{live_school.bob.key}").status_code == 404
    assert theirs.all_of(f"/progress?video={live_school.film.key}") == []


def test_another_organisation_is_another_world(whole: Program, live_school: School) -> None:
    from playhead.lms.models import Organisation

    elsewhere = Organisation.objects.create(name="Another school")
    far = Course.objects.create(organisation=elsewhere, title="Far away")
    olaf = User.objects.create(username="olaf", organisation=elsewhere)
    assert whole.get(f"/courses/{far.key}").status_code == 404
    assert whole.get(f"/viewers/{olaf.key}").status_code == 404
    assert far.key not in whole.get("/courses?limit=200").content.decode()


def test_accounts_of_the_school_are_read_and_never_changed(whole: Program, live_school: School) -> None:
    assert whole.get(f"/viewers/{live_school.ada.key}").json()["name"] == "Ada Admin"
    answer = whole.ask("PATCH", f"/viewers/{live_school.ada.key}", {"active": False})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_viewer")


def test_two_integrations_may_call_different_people_the_same(
    theirs: Program, whole: Program, live_school: School
) -> None:
    first, second = sent(theirs, live_school.course, "7"), sent(whole, live_school.course, "7")
    assert first != second
    assert Outsider.objects.filter(external_id="7").count() == 2
    assert Enrolment.objects.filter(user__key__in=[first, second]).count() == 2
