"""The delivery loop itself, in threads of its own and on the real clock: who hangs takes a place, not all."""

import json
import threading
import tracemalloc
from collections import defaultdict
from contextlib import ExitStack

import pytest

from playhead.callbacks.addresses import Rules
from playhead.callbacks.delivery import Deliverer
from playhead.callbacks.models import Delivery
from playhead.callbacks.sending import Sender
from playhead.callbacks.worker import Worker
from tests.callbacks.conftest import Post
from tests.callbacks.receivers import Receiver, Request, drips, hangs, takes, wait_for

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
MESSAGES, VIEWERS = 60, 5


@pytest.fixture
def worker(post: Post) -> Worker:
    return Worker(Deliverer(Sender(Rules(local=True), timeout_s=3), post.clock))


def numbers(requests: list[Request]) -> dict[int, list[int]]:
    """Of each viewer, what came first and what then; what came twice counts once."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for request in requests:
        n = json.loads(request.body)["data"]["n"]
        if n not in found[n % VIEWERS]:
            found[n % VIEWERS].append(n)
    return dict(found)


def test_others_get_everything_in_order_while_some_hang(post: Post, worker: Worker) -> None:
    tracemalloc.start()
    with ExitStack() as stack:
        slow = [stack.enter_context(Receiver(behave)) for behave in (hangs, drips, hangs, drips)]
        well = stack.enter_context(Receiver(takes))
        for receiver in (*slow, well):
            post.endpoint(receiver.url)
        for n in range(MESSAGES):
            post.announce(viewer=f"v{n % VIEWERS}", n=n)
        stack.enter_context(worker)
        wait_for(lambda: len(well.taken) >= MESSAGES, most_s=60)
        _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert numbers(well.taken) == {v: list(range(v, MESSAGES, VIEWERS)) for v in range(VIEWERS)}
    assert [receiver.taken for receiver in slow] == [[], [], [], []]
    assert peak < 50_000_000


def test_one_that_works_is_sent_several_at_once_but_never_two_of_one_viewer(post: Post, worker: Worker) -> None:
    together: defaultdict[str, int] = defaultdict(int)
    most: defaultdict[str, int] = defaultdict(int)
    lock, full = threading.Lock(), threading.Event()

    def behave(receiver: Receiver, connection: object, request: Request) -> None:
        viewer = str(json.loads(request.body)["data"]["n"] % 2)
        for who in (viewer, "all"):
            with lock:
                together[who] += 1
                most[who] = max(most[who], together[who])
        if most["all"] > 1:
            full.set()
        full.wait(30)  # until two were there at once
        with lock:
            together[viewer] -= 1
            together["all"] -= 1
        takes(receiver, connection, request)  # type: ignore[arg-type]

    with Receiver(behave) as receiver:
        post.endpoint(receiver.url)
        for n in range(10):
            post.announce(viewer=f"v{n % 2}", n=n)
        with worker:
            wait_for(lambda: not Delivery.objects.exclude(state=Delivery.DONE).exists() and len(receiver.taken) >= 10)
    assert dict(most) == {"0": 1, "1": 1, "all": 2}
