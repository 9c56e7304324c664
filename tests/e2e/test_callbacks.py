"""From a pause in a real browser to another system: the second source's three examples, as it hears of them."""

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.callbacks.receivers import Receiver, Request, takes, wait_for
from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.watching import watcher

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

TITLE = "Waves in one minute"
WITHIN_S = 2.0
BUSY_S = 20.0  # beside other tests; what it takes on a machine of its own is printed
_ADD = """
import sys, django; django.setup()
from playhead.callbacks import endpoints
endpoints.add(organisation_id=1, name="LMS", url=sys.argv[1], now_ms=0)
"""


@pytest.fixture
def receiver(server: Server) -> Iterator[Receiver]:
    """Another system that takes what a worker beside the server sends."""
    env = server.environment | {"PLAYHEAD_CALLBACK_LOCAL": "1"}
    with Receiver(takes) as listening:
        subprocess.run([sys.executable, "-c", _ADD, listening.url], env=env, check=True)
        with subprocess.Popen([sys.executable, "-m", "playhead", "worker"], env=env) as worker:
            yield listening
            worker.terminate()


def updates(requests: list[Request]) -> list[dict[str, Any]]:
    told = [json.loads(request.body) for request in requests]
    return [one["data"] for one in told if one["type"] == "progress.updated"]


def test_another_system_hears_of_playing_skipping_and_pausing(server: Server, receiver: Receiver) -> None:
    server.enrol(["noor"])
    paused_at: list[float] = []

    async def story() -> None:
        async with browser() as running:
            student = await watcher(running, server, "noor")
            await student.open_video(TITLE)
            await student.play()
            await student.until(12)
            await student.seek(30)
            await student.until(33)
            paused_at.append(time.monotonic())
            await student.pause()
            await asyncio.to_thread(wait_for, lambda: "pause" in becauses(receiver), most_s=BUSY_S)
            paused_at.append(time.monotonic())
            await student.saved()

    asyncio.run(story())
    took_s = paused_at[1] - paused_at[0]
    print(f"from the pause to the receiver: {took_s:.2f} s (goal {WITHIN_S:g} s)")  # noqa: T201 - the figure
    told = updates(receiver.taken)
    assert [one["because"] for one in told[:1]] == ["interval"]
    assert told[0]["section"][0] == told[0]["new_sections"][0][0] < 1_000
    seek = next(one for one in told if one["because"] == "seek")
    assert seek["section"][0] == told[0]["section"][1], "the next message begins where the last one left it"
    assert 11_000 < seek["section"][1] < 14_000
    last = told[-1]
    assert 29_000 < last["section"][0] < 31_500
    skipped = [pair for one in told for pair in one["new_sections"] if pair[1] > 15_000 and pair[0] < 29_000]
    assert skipped == []
    new = sorted(tuple(pair) for one in told for pair in one["new_sections"])
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(new))
    assert sum(end - start for start, end in new) == last["covered_ms"]


def becauses(receiver: Receiver) -> list[str]:
    return [one["because"] for one in updates(receiver.taken)]
