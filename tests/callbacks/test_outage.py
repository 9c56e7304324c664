"""Down for two hours, in every way there is, on a clock by hand: what happened meanwhile arrives, once in effect, in
order of each viewer; whoever is well gets it at once. `OUTAGE_MESSAGES=600` looks at more."""

import json
import os
import socket
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from ssl import create_default_context

import pytest

from playhead.callbacks import endpoints
from playhead.callbacks.addresses import Rules
from playhead.callbacks.delivery import Deliverer
from playhead.callbacks.models import Attempt, Delivery, Endpoint
from playhead.callbacks.sending import Answer, Sender
from tests.callbacks.conftest import Post
from tests.callbacks.receivers import (
    Behave,
    Receiver,
    Request,
    babbles,
    certificate,
    drips,
    hangs,
    hangs_up,
    header_bomb,
    pours,
    says,
    serving,
    takes,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
HOUR_MS, DAY_MS = 3_600_000, 24 * 3_600_000
MESSAGES = int(os.environ.get("OUTAGE_MESSAGES", "12"))
VIEWERS = 3
TIMEOUT_S = 0.5

BEHAVIOURS: dict[str, tuple[Behave, str]] = {
    "500": (says("500 Oops"), "status"),
    "400": (says("400 Bad"), "status"),
    "301": (says("301 Moved", "Location: http://localhost:1/"), "redirect"),
    "429": (says("429 Slow", "Retry-After: 60"), "busy"),
    "410": (says("410 Gone"), "gone"),
    "gigabyte": (pours("500 Oops"), "status"),
    "hangs": (hangs, "too_slow"),
    "slow-loris": (drips, "too_slow"),
    "hangs-up": (hangs_up, "no_http"),
    "no-http": (babbles, "no_http"),
    "headers-without-end": (header_bomb, "no_http"),
}


@dataclass(frozen=True)
class Impatient(Sender):
    """With one address, that never answers. Of the others nobody is away for being slow on a busy machine."""

    with_url: str = ""

    def post(self, url: str, *, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
        timeout_s = TIMEOUT_S if url == self.with_url else self.timeout_s
        return Sender(self.rules, timeout_s, trust=self.trust).post(url, headers=headers, body=body)


@pytest.mark.parametrize("kind", BEHAVIOURS)
def test_one_that_answers_badly(post: Post, kind: str) -> None:
    bad, outcome = BEHAVIOURS[kind]
    mended: list[bool] = []

    def behave(receiver: Receiver, connection: socket.socket, request: Request) -> None:
        (takes if mended else bad)(receiver, connection, request)

    with Receiver(behave) as troubled:
        goes_through(post, troubled, outcome, mend=lambda: mended.append(True))


def test_one_at_which_nobody_listens(post: Post) -> None:
    with Receiver(takes, asleep=True) as troubled:
        goes_through(post, troubled, "refused", mend=troubled.wake)


def test_one_whose_certificate_is_another_s(post: Post, tmp_path: Path) -> None:
    good = certificate(tmp_path)
    context = serving(certificate(tmp_path, names="DNS:other.example"))
    with Receiver(takes, tls=context) as troubled:
        goes_through(post, troubled, "bad_tls", mend=lambda: context.load_cert_chain(good), trust=Path(f"{good}.crt"))


def goes_through(
    post: Post,
    troubled: Receiver,
    outcome: str,
    *,
    mend: Callable[[], None],
    trust: Path | None = None,
) -> None:
    sender = Sender(Rules(local=True), trust=create_default_context(cafile=trust))
    if outcome == "too_slow":
        sender = Impatient(sender.rules, trust=sender.trust, with_url=troubled.url)
    post.deliverer = Deliverer(sender, post.clock, Random(1))
    start = post.clock.now_ms()
    tracemalloc.start()
    with Receiver(takes) as well:
        down = post.endpoint(troubled.url)
        post.endpoint(well.url)
        for n in range(MESSAGES):
            post.announce(viewer=f"v{n % VIEWERS}", n=n)
            if outcome != "gone":  # that one is switched off: what happens then is not kept for it
                post.run(until_ms=start + (n + 1) * 2 * HOUR_MS // MESSAGES)
                assert in_order(well) == expected(n + 1), "one that is down holds up the others"
        post.run(until_ms=start + 2 * HOUR_MS)
        assert troubled.taken == []
        assert {one.outcome for one in Attempt.objects.filter(delivery__endpoint=down)} == {outcome}
        mend()
        if not Endpoint.objects.get(pk=down.pk).active:
            endpoints.switch_on(Endpoint.objects.get(pk=down.pk), now_ms=post.clock.now_ms())
        post.run(until_ms=start + 3 * DAY_MS)
        assert in_order(troubled) == in_order(well) == expected(MESSAGES)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not Delivery.objects.exclude(state=Delivery.DONE).exists()
    assert peak < 50_000_000  # what the receivers hold included


def in_order(receiver: Receiver) -> dict[int, list[int]]:
    """Of each viewer what was taken, in that order; the same id again is the same message."""
    once = {request.headers["webhook-id"]: request for request in receiver.taken}
    found: defaultdict[int, list[int]] = defaultdict(list)
    for request in once.values():
        n = json.loads(request.body)["data"]["n"]
        found[n % VIEWERS].append(n)
    return dict(found)


def expected(messages: int) -> dict[int, list[int]]:
    return {v: list(range(v, messages, VIEWERS)) for v in range(min(VIEWERS, messages))}
