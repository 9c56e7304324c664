"""`join`: another system with its keys, printed once."""

import pytest
from click.testing import CliRunner, Result

from playhead.callbacks.models import Endpoint
from playhead.cli import main
from playhead.lms.models import ApiKey, Course, CourseGrant, default_organisation
from playhead.lms.tokens import token_hash
from playhead.recorder import integrations, models

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["join", "Tiny LMS", *arguments])


def test_it_prints_keys_that_are_good() -> None:
    course = Course.objects.create(organisation_id=default_organisation(), title="Course")
    made = run("--origin", "http://localhost:9000", "--course", course.key, "--callback", "https://lms.example/hook")
    assert made.exit_code == 0, made.output
    told = dict(line.split("=", 1) for line in made.output.split())
    found = integrations.find(told["INTEGRATION"])
    assert (found.name, found.origins) == ("Tiny LMS", ("http://localhost:9000",))
    assert found.playback_keys[0].kid == told["PLAYBACK_KID"]
    assert found.playback_keys[0].secret == told["PLAYBACK_SECRET"]
    assert ApiKey.objects.get().token_hash == token_hash(told["API_KEY"])
    assert CourseGrant.objects.get().course == course
    assert Endpoint.objects.get().integration == found.key
    assert told["CALLBACK_SECRET"].startswith("whsec_")


@pytest.mark.parametrize("arguments", [("--course", "c_none"), ("--callback", "http://10.0.0.1/")])
def test_nothing_is_made_when_something_is_wrong(arguments: tuple[str, ...]) -> None:
    refused = run(*arguments)
    assert refused.exit_code == 1
    assert not models.Integration.objects.exists()
    assert not ApiKey.objects.exists()
