"""Kollus both ways: what a receiver built for it makes of ours, and what we make of its callbacks."""

import json
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playhead.core.errors import Invalid
from playhead.core.sections import Sections
from playhead.core.tickets import verify
from playhead.interop.kollus import inbound, outbound
from playhead.recorder import service
from playhead.recorder.batches import parse_batch
from playhead.recorder.models import Outbox, Playback, Progress
from playhead.recorder.operations import RecordBatch
from playhead.recorder.policy import Policy
from playhead.recorder.recorder import Recorder
from tests.world import HandClock, section

SAMPLE = {
    "user_info": {"content_provider_key": "acme", "client_user_id": "u1", "player_id": "p", "hardware_id": ""},
    "content_info": {
        "duration": 600, "media_content_key": "abc", "channel_key": "ch", "start_at": 1700000000, "playtime": 130,
        "real_playtime": 90, "playtime_percent": 21, "runtime": 80, "showtime": 65, "last_play_at": 90,
    },
    "block_info": {
        "block_count": 3,
        "blocks": {"b0": 1, "t0": 90, "p0": 45, "b1": 0, "t1": 0, "p1": 0, "b2": 0, "t2": 0, "p2": 0},
        "sessions": [{"block": 0, "start_time": 0, "play_time": 90}],
    },
    "uservalues": {"uservalue0": "course-7"},
}  # fmt: skip
FORM = "application/x-www-form-urlencoded"


def as_form(told: dict[str, Any]) -> bytes:
    return urlencode({"json_data": json.dumps(told)}).encode()


@pytest.mark.parametrize(
    ("body", "type"),
    [
        (as_form(SAMPLE), FORM),
        (json.dumps(SAMPLE).encode(), "application/json; charset=utf-8"),
        (json.dumps({"json_data": SAMPLE}).encode(), "application/json"),
        (json.dumps({"json_data": json.dumps(SAMPLE)}).encode(), "application/json"),
    ],
)
def test_a_callback_in_each_of_its_clothes(body: bytes, type: str) -> None:
    assert inbound.parse(body, type) == inbound.Snapshot("u1", "abc", 1700000000, 600_000, ((0, 90_000),), coarse=False)


def test_without_sessions_blocks_are_believed_as_far_as_their_percent() -> None:
    told = {**SAMPLE, "block_info": {**SAMPLE["block_info"], "sessions": []}}  # type: ignore[dict-item]
    assert inbound.parse(as_form(told), FORM).sections == ((0, 90_000),)
    touched = {"block_count": 2, "blocks": {"b0": 1, "p0": 0, "b1": "1", "p1": "300"}}
    snapshot = inbound.parse(as_form({**SAMPLE, "block_info": touched}), FORM)
    assert (snapshot.sections, snapshot.coarse) == (((300_000, 600_000),), True)


_BODIES = st.dictionaries(st.text(), st.text() | st.integers()).map(lambda told: json.dumps(told).encode())


@given(st.binary(max_size=300) | _BODIES)
def test_whatever_comes_only_our_own_error_leaves(body: bytes) -> None:
    for type in (FORM, "application/json"):
        with pytest.raises(Invalid):
            inbound.parse(body, type)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("content_info", "duration", 0), ("content_info", "duration", 10**9), ("content_info", "start_at", -1),
        ("content_info", "media_content_key", ""), ("user_info", "client_user_id", "a\nb"),
        ("user_info", "client_user_id", "x" * 300), ("block_info", "block_count", 10**6),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(part: str, name: str, value: object) -> None:
    told: dict[str, Any] = json.loads(json.dumps(SAMPLE))
    told[part][name] = value
    if name == "block_count":
        told["block_info"]["sessions"] = []
    with pytest.raises(Invalid):
        inbound.parse(as_form(told), FORM)


class Sample:
    """A receiver as the vendor's samples are: a row for each session; flags by OR, times and percents by maximum."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, int], dict[str, int]] = {}
        self.played: Sections = Sections()

    def take(self, body: bytes) -> None:
        told = json.loads(parse_qs(body.decode())["json_data"][0])
        content = told["content_info"]
        key = (told["user_info"]["client_user_id"], content["media_content_key"], content["start_at"])
        row = self.rows.setdefault(key, {})
        for name, value in told["block_info"]["blocks"].items():
            row[name] = max(row.get(name, 0), value)
        row["real_playtime"], row["count"] = content["real_playtime"], told["block_info"]["block_count"]
        for one in told["block_info"]["sessions"]:
            if one["play_time"]:
                start = one["start_time"] * 1000
                self.played = self.played | Sections.of([(start, start + one["play_time"] * 1000)])

    @property
    def progress(self) -> float:
        count = max(row["count"] for row in self.rows.values())
        return sum(any(row.get(f"b{n}") for row in self.rows.values()) for n in range(count)) / count


@pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
def test_a_receiver_built_for_kollus_comes_to_our_coverage(recorder: Recorder, clock: HandClock) -> None:
    def everybody(_organisation: int, _integration: str | None, _personal: bool) -> int:
        return 10

    service.listen(everybody)
    opened = []
    for skim in (False, True):
        environment = {"uservalue0": "course-7", "device": "pc"}
        opening = service.open_playback(
            viewer="bob", video="film", duration_ms=200_000, policy=Policy(), session=None, external_viewer="42",
            environment=environment,
        )  # fmt: skip
        opened.append(opening)
        claims = [(n * 10_000, n * 10_000 + 1_000) for n in range(10, 20)] if skim else [(0, 100_000)]
        t = 0
        for start, end in claims:
            clock.forward(end - start)
            batch = {
                "seq": t,
                "sent": t,
                "sections": [section(t, t + end - start, start, end, end="pause")],
                "events": [],
            }
            body = json.dumps(batch).encode()
            ticket = verify(opening.ticket, keys=service.ticket_keys(), now_s=clock.now_ms() // 1000)
            recorder.do(RecordBatch.under(ticket, t, parse_batch(body).claims(), body, clock.now_ms()))
            t += end - start
    service.stop_listening(everybody)

    sample, template = Sample(), "https://lms.example/cb?u={CLIENT_USER_ID}&b={BLOCK_PLAY_1}"
    for row in Outbox.objects.order_by("id"):
        address, type, body = outbound.render(template, bytes(row.body))
        assert type == FORM
        assert address.startswith("https://lms.example/cb?u=42&b=")
        assert len(body) < 20_000
        sample.take(body)
        sample.take(body)  # sent again: merged, not added
    progress = Progress.objects.get()
    assert sample.played == Sections.unpack(bytes(progress.coverage))
    # Half was watched, and of the other half a second of each block: skimming marks none.
    assert sample.progress == 0.5
    assert {row["real_playtime"] for row in sample.rows.values()} == {100, 10}
    assert Playback.objects.count() == len(sample.rows) == 2
