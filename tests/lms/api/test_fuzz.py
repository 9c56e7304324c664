"""Every operation with anything that the document allows, and what it does not: no fault, no surprise, no leak.

A few examples each time; `PLAYHEAD_TEST_FUZZ=10000 pytest -s tests/lms/api/test_fuzz.py` for so many, and with
`-k callbacks` for those of one chapter.
"""

import os
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from playhead.collector.app import Collector
from playhead.lms.api_keys import SCOPES, make_key
from playhead.lms.grants import give
from playhead.lms.models import Course, Device, Organisation, User, Video
from playhead.media.models import Asset, State
from playhead.recorder import integrations, service
from playhead.recorder.integrations import Integration
from playhead.recorder.recorder import Recorder
from tests.lms.api.conftest import Program, program
from tests.lms.api.fuzz import BATCHES, Field, Role, fuzz, operations, tag_of
from tests.lms.api.table import CAPTIONS, LISTS
from tests.lms.conftest import School
from tests.world import HandClock

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "tracking"]),
    pytest.mark.timeout(1800),
]

EXAMPLES = int(os.environ.get("PLAYHEAD_TEST_FUZZ", "0"))
FEW = 6  # for each operation
GIVEN = ("a-course", "whole-school") if EXAMPLES else ("a-course",)
TAGS = (
    "key", "courses", "videos", "uploads", "rules", "viewers", "enrolments", "agreements", "certificates",
    "playbacks", "progress", "statistics", "callbacks",
)  # fmt: skip
THEIRS, FAR = "A title of somebody else's", "A title of another school"


@dataclass(frozen=True)
class Neighbour:
    """Another integration, the keys of what it has, and all that it sees."""

    program: Program
    keys: dict[str, str]

    def sees(self) -> list[Any]:
        lists = [*LISTS, f"/courses/{self.keys['course']}/trail", f"/viewers/{self.keys['viewer']}/devices"]
        return [self.program.all_of(path, limit=200) for path in lists]


def neighbour(one: Program, course: Course, title: str) -> Neighbour:
    """With a video, a viewer, a playback, an endpoint, and one of everything else that has a key."""
    address = "https://v.example/x.mp4"
    video = Video.objects.create(course=course, title=title, source="url", url=address, duration_ms=9000)
    viewer = one.post("/viewers", {"external_id": "s-1", "name": title}).json()["key"]
    one.post("/enrolments", {"course": course.key, "viewer": viewer})
    opened = one.post("/playbacks", {"video": video.key, "viewer": viewer}).json()
    upload = one.post("/uploads", {"course": course.key, "name": "x.mp4", "size_bytes": 9}).json()["key"]
    Asset.objects.filter(key=upload).update(state=State.READY, duration_ms=9000)
    one.ask("PUT", f"/uploads/{upload}/captions/en", CAPTIONS)
    one.ask("PUT", f"/accommodations/{course.key}/{viewer}/{video.key}", {"plays": 3, "reason": title})
    for each in course.videos.all():
        one.post("/overrides", {"video": each.key, "viewer": viewer, "reason": title})
    certificate = one.post("/certificates", {"course": course.key, "viewer": viewer}).json()["key"]
    device = Device.objects.create(user=User.objects.get(key=viewer), token_hash=title, name=title)
    endpoint = one.post("/callbacks", {"name": title, "url": "https://lms.example/hook"}).json()["key"]
    message = one.ask("POST", f"/callbacks/{endpoint}/test").json()["id"]
    keys = {"course": course.key, "video": video.key, "viewer": viewer, "playback": opened["playback"]}
    keys |= {"upload": upload, "certificate": certificate, "device": str(device.pk), "language": "en"}
    return Neighbour(one, keys | {"endpoint": endpoint, "message": message, "ticket": opened["ticket"]})


def elsewhere() -> Neighbour:
    school = Organisation.objects.create(name=FAR)
    course = Course.objects.create(organisation=school, title=FAR)
    joined = integrations.create(FAR, organisation_id=school.pk)
    give(joined, [course], whole_school=False)
    return neighbour(Program(joined, key_with(joined, *SCOPES)), course, FAR)


def key_with(joined: Integration, *scopes: str) -> str:
    return make_key(joined, name="a key", scopes=scopes)[1]


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("given", GIVEN)
def test_whatever_is_sent(
    live_school: School, recorder: Recorder, clock: HandClock, settings: Any, tag: str, given: str
) -> None:
    """By a key with every scope, one that only reads, one with no scope and one that is none."""
    settings.PLAYHEAD_API_RATE = 1_000_000
    whole = given == "whole-school"
    theirs = program(live_school, courses=() if whole else (live_school.course,), all_of=whole)
    mine = neighbour(theirs, live_school.course, "Mine")
    far = elsewhere()
    beside = neighbour(program(live_school, THEIRS, courses=(live_school.other,)), live_school.other, THEIRS)
    untouched = [far] if whole else [far, beside]
    before = [one.sees() for one in untouched]

    secrets = (FAR,) if whole else (FAR, THEIRS)
    reading = key_with(theirs.integration, *(scope for scope in SCOPES if scope.endswith(":read")))
    tokens = (theirs.token, theirs.token, reading, key_with(theirs.integration), "ph_wrong")
    known = {name: [mine.keys[name], mine.keys[name], beside.keys[name], far.keys[name]] for name in mine.keys}
    watched = {"video": mine.keys["video"], "viewer": mine.keys["viewer"]}
    field = Field(
        [Role(token, secrets) for token in tokens],
        known,
        Collector(recorder, service.ticket_keys()),
        live_ticket=lambda: str(theirs.post("/playbacks", watched).json()["ticket"]),
        clock=clock,
    )
    each = EXAMPLES // (len(GIVEN) * len(operations())) or FEW
    told: Counter[int] = Counter()
    for operation in operations():
        if tag_of(operation) == tag:
            came = fuzz(operation, field, examples=each, repeatable=not EXAMPLES)
            print(f"{operation.label}, {given}: {came.total()} examples: {dict(sorted(came.items()))}")  # noqa: T201
            told += came
            assert came[200] or operation.path != BATCHES, "no batch was accepted"
    assert told.total() > 0
    assert not any(status >= 500 for status in told)
    assert [one.sees() for one in untouched] == before


def test_every_operation_is_in_a_chapter() -> None:
    assert {tag_of(operation) for operation in operations()} == set(TAGS)
