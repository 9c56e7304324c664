"""The ladder of errors, and how each kind looks over HTTP."""

import pytest

from playhead.core import errors
from playhead.core.errors import PlayheadError, Retryable, problem

STATUS: dict[type[PlayheadError], int] = {
    PlayheadError: 500,
    Retryable: 503,
    errors.Invalid: 400,
    errors.Unauthorised: 401,
    errors.Forbidden: 403,
    errors.Missing: 404,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.TooLarge: 413,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    errors.StorageFull: 507,
}


def test_every_kind_has_its_status_and_a_title() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PlayheadError)]
    assert {kind: kind.status for kind in kinds} == STATUS
    titles = [kind.title for kind in kinds]
    assert all(titles)
    assert len(set(titles)) == len(titles)


def test_a_problem_document() -> None:
    error = errors.Conflict("seq_conflict", "Batch 3 was something else.", seq=3)
    assert problem(error) == {
        "type": "urn:playhead:problem:seq_conflict",
        "title": "Contradicts what is stored",
        "status": 409,
        "detail": "Batch 3 was something else.",
        "code": "seq_conflict",
        "seq": 3,
    }


def test_nothing_extra_can_take_the_place_of_status_or_title() -> None:
    assert problem(errors.Missing("video_unknown", status=200, title="Fine"))["status"] == 404


@pytest.mark.parametrize("kind", [errors.TooMany, errors.Unavailable, errors.StorageFull])
def test_what_may_be_sent_again_says_when(kind: type[Retryable]) -> None:
    error = kind("not_now", "Later.", retry_after_s=7, queue=12)
    assert error.retry_after_s == 7
    assert problem(error)["queue"] == 12


def test_as_text() -> None:
    assert str(errors.Missing("video_unknown")) == "video_unknown"
    assert str(errors.Missing("video_unknown", "There is none.")) == "video_unknown: There is none."
