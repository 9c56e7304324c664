"""Every operation with anything that the document allows, and what it does not: no fault, no surprise, no leak.

By hand, since it takes its time: `PLAYHEAD_TEST_FUZZ=10000 pytest tests/lms/api/test_fuzz.py`.
"""

import os
from typing import Any

import pytest

from playhead.lms.api_keys import SCOPES, make_key
from playhead.lms.grants import give
from playhead.lms.models import Course, Enrolment, Organisation, User, Video
from playhead.recorder import integrations
from tests.lms.api.conftest import Program, program
from tests.lms.api.fuzz import as_text, fuzz
from tests.lms.conftest import School

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "tracking"]),
    pytest.mark.timeout(3600),
    pytest.mark.skipif("PLAYHEAD_TEST_FUZZ" not in os.environ, reason="run by hand, with PLAYHEAD_TEST_FUZZ"),
]

EXAMPLES = int(os.environ.get("PLAYHEAD_TEST_FUZZ", "200"))
SECRET, FAR_SECRET = "A title of somebody else's", "A title of another school"


def filled(one: Program, course: Course, title: str) -> dict[str, str]:
    """A course with a video, a viewer, a playback and an endpoint in it; their keys."""
    address = "https://v.example/x.mp4"
    video = Video.objects.create(course=course, title=title, source="url", url=address, duration_ms=9000)
    viewer = one.post("/viewers", {"external_id": "s-1", "name": title}).json()["key"]
    one.post("/enrolments", {"course": course.key, "viewer": viewer})
    opened = one.post("/playbacks", {"video": video.key, "viewer": viewer}).json()
    endpoint = one.post("/callbacks", {"name": title, "url": "https://lms.example/hook"}).json()["key"]
    message = one.ask("POST", f"/callbacks/{endpoint}/test").json()["id"]
    keys = {"course": course.key, "video": video.key, "viewer": viewer, "playback": opened["playback"]}
    return keys | {"endpoint": endpoint, "message": message, "ticket": opened["ticket"]}


def test_whatever_is_sent(live_school: School, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.PLAYHEAD_API_RATE = 1_000_000
    theirs, whole = program(live_school, courses=(live_school.course,)), program(live_school, "All", all_of=True)
    other = program(live_school, SECRET, courses=(live_school.other,))
    far = Organisation.objects.create(name=FAR_SECRET)
    far_course = Course.objects.create(organisation=far, title=FAR_SECRET)
    far_joined = integrations.create(FAR_SECRET, organisation_id=far.pk)
    give(far_joined, [far_course], whole_school=False)
    far_program = Program(far_joined, make_key(far_joined, name="far", scopes=SCOPES)[1])
    teacher = User.objects.create(username="far", organisation=far)
    Enrolment.objects.create(course=far_course, user=teacher, role="teacher")

    mine, others = filled(theirs, live_school.course, "Mine"), filled(other, live_school.other, SECRET)
    distant = filled(far_program, far_course, FAR_SECRET)
    reads = make_key(theirs.integration, name="r", scopes=["courses:read", "viewers:read", "progress:read"])[1]
    nothing = make_key(theirs.integration, name="n", scopes=[])[1]
    known = {name: [mine[name], others[name], mine[name], distant[name]] for name in mine}

    own = fuzz(
        [theirs.token, theirs.token, reads, nothing, "ph_wrong"],
        known,
        [SECRET, FAR_SECRET],
        examples=EXAMPLES * 3 // 4,
    )
    all_of = fuzz([whole.token], known, [FAR_SECRET], examples=EXAMPLES // 4)
    with capsys.disabled():
        print(f"\n{own.total() + all_of.total()} examples: {as_text(own + all_of)}")  # noqa: T201
    assert not any(status >= 500 for status in own + all_of)
    assert own[200] > 0
    assert own[404] > 0
    assert far_program.get(f"/courses/{far_course.key}").json()["title"] == FAR_SECRET
