"""A batch out of the journal says the same as when it was taken, though most of it is passed over."""

import json
from pathlib import Path

import pytest

from playhead.core.errors import Invalid
from playhead.recorder.batches import parse_again, parse_batch

GOOD = sorted((Path(__file__).parents[2] / "contract" / "batches" / "good").glob("*.json"))
ANSWER = '{"seq":1,"sent":9,"sections":[],"events":[{"type":"%s","t":5,"m":5,"prompt":"p1"}]}'


def bodies() -> list[bytes]:
    kept = [json.loads(path.read_text(encoding="utf-8"))["body"] for path in GOOD]
    written = [ANSWER % "present", ANSWER % "pre\\u0073ent"]
    return [*(json.dumps(batch).encode() for batch in kept), *(body.encode() for body in written)]


@pytest.mark.parametrize("body", bodies())
def test_claims_and_answers_are_those_of_the_whole_batch(body: bytes) -> None:
    batch = parse_batch(body)
    assert parse_again(body) == (batch.claims(), batch.answers())


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"\xff", b'{"sections":[{"t0":1}]}', b'{"sections":[],"events":[}', b"[" * 9_999]
)
def test_damage_is_our_own_error(body: bytes) -> None:
    with pytest.raises(Invalid):
        parse_again(body)
