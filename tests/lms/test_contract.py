"""The site's side of `contract/playbacks/`: what opening and renewing answer has the members that the examples have."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playhead.lms.models import Enrolment
from playhead.recorder import service
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

FOLDER = Path(__file__).parents[2] / "contract" / "playbacks"
OPEN = "/v1/playbacks"


def _open(school: School, who: str) -> Any:
    return school.client(who).post(OPEN, {"video": school.film.key}, content_type="application/json")


def _renew(school: School, *, closed: bool) -> Any:
    client = school.client("bob")
    told = client.post(OPEN, {"video": school.film.key}, content_type="application/json").json()
    if closed:
        service.close_playbacks(reason="logout", viewer=school.bob.key)
    return client.post(f"{OPEN}/{told['playback']}/ticket", told["ticket"], content_type="text/plain")


def _open_after(school: School, **video: object) -> Any:
    for name, value in video.items():
        setattr(school.film, name, value)
    school.film.save()
    return _open(school, "bob")


REQUESTS: dict[str, Callable[[School], Any]] = {
    "opened": lambda school: _open(school, "bob"),
    "opened-again": lambda school: _open(school, "bob"),
    "opened-with-policy": lambda school: _open(school, "bob"),
    "opened-unknown-duration": lambda school: _open_after(school, duration_ms=None),
    "not-enrolled": lambda school: _open(school, "charlie"),
    "not-logged-in": lambda school: _open(school, "anonymous"),
    "renewed": lambda school: _renew(school, closed=False),
    "renewal-refused": lambda school: _renew(school, closed=True),
}


def test_every_example_is_asked_for() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(REQUESTS)


@pytest.mark.parametrize("name", REQUESTS)
def test_the_site_answers_as_agreed(live_school: School, name: str) -> None:
    example = json.loads((FOLDER / f"{name}.json").read_text())
    assert Enrolment.objects.filter(user=live_school.bob).exists()
    answered = REQUESTS[name](live_school)
    told = answered.json()
    assert answered.status_code == example["status"]
    assert _shape(told) == _shape(example["body"])
    if answered.status_code >= 400:
        assert {part: told[part] for part in ("type", "title", "code")} == {
            part: example["body"][part] for part in ("type", "title", "code")
        }


def _shape(told: dict[str, Any]) -> dict[str, Any]:
    """The names of the members, down to those of the objects within; what may be left empty counts by name only."""
    free = {"refusals"}
    return {
        name: _shape(value) if isinstance(value, dict) and name not in free else None for name, value in told.items()
    }
