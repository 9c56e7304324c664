"""From a real browser to another system: the second source's three examples, as it hears of them."""

import asyncio
import itertools

import pytest

from tests.callbacks.receivers import Receiver, wait_for
from tests.e2e.conftest import browser
from tests.e2e.server import Server
from tests.e2e.telling import listening, pauses, updates
from tests.e2e.watching import Watcher, watcher

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

TITLE = "Waves in one minute"
# Beside other tests on a slow machine. On one of its own: `make bench ONLY=callbacks`, which holds it to 2 s.
BUSY_S = 60.0


async def pause(student: Watcher, receiver: Receiver) -> None:
    """And wait until the other system has heard of it."""
    before = len(pauses(receiver.taken))
    await student.pause()
    await asyncio.to_thread(wait_for, lambda: len(pauses(receiver.taken)) > before, most_s=BUSY_S)


def test_another_system_hears_of_playing_skipping_double_speed_and_pausing(server: Server) -> None:
    server.enrol(["noor"])

    async def story(receiver: Receiver) -> None:
        async with browser() as running:
            student = await watcher(running, server, "noor")
            await student.open_video(TITLE)
            await student.play()
            await student.until(12)
            await student.seek(30)
            await student.until(33)
            await pause(student, receiver)
            await student.speed(2)
            await student.play()
            await student.until(41)
            await pause(student, receiver)
            await student.saved()

    with listening(server) as receiver:
        asyncio.run(story(receiver))
    told = updates(receiver.taken)
    # Continuous: from the beginning to where it is now.
    assert [one["because"] for one in told[:1]] == ["interval"]
    assert told[0]["section"][0] == told[0]["new_sections"][0][0] < 1_000
    # A skip: up to where it was left, and from where it went on; what lies between is in no message.
    seek = next(one for one in told if one["because"] == "seek")
    assert seek["section"][0] == told[0]["section"][1], "the next message begins where the last one left it"
    assert 11_000 < seek["section"][1] < 14_000
    first, second = (one for one in told if one["because"] == "pause")
    assert 29_000 < first["section"][0] < 31_500
    skipped = [pair for one in told for pair in one["new_sections"] if pair[1] > 15_000 and pair[0] < 29_000]
    assert skipped == []
    # Double speed: positions are those in the video, and the rate is said.
    assert second["rate"] == 2_000
    assert 40_000 < second["section"][1] < 44_000
    assert second["position_ms"] == second["section"][1]
    # And all of it is the coverage, exactly.
    new = sorted(tuple(pair) for one in told for pair in one["new_sections"])
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(new))
    assert sum(end - start for start, end in new) == told[-1]["covered_ms"]
