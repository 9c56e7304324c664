"""A tracking file and a site to deliver from, with a clock turned by hand and dice that always fall the same way."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from django.conf import settings

from playhead.callbacks import endpoints
from playhead.callbacks.addresses import Rules
from playhead.callbacks.delivery import Deliverer
from playhead.callbacks.fan_out import fan_out
from playhead.callbacks.models import Delivery, Endpoint
from playhead.callbacks.sending import Sender
from playhead.recorder import service
from playhead.recorder.databases import open_store
from playhead.recorder.recorder import Recorder
from tests.world import HandClock


class Post:
    """The recorder's outbox, and one deliverer that is asked by hand."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        sender = Sender(Rules(local=True), timeout_s=2, now_s=lambda: clock.now_ms() / 1000)
        self.deliverer = Deliverer(sender, clock, Random(1))
        self.store = open_store(settings.TRACKING_DATABASE)

    def endpoint(self, url: str, **more: Any) -> Endpoint:
        made, self.secret = endpoints.add(organisation_id=1, name="LMS", url=url, now_ms=self.clock.now_ms(), **more)
        return made

    def announce(self, type: str = "enrolment.created", *, viewer: str | None = "bob", **more: Any) -> str | None:
        return service.announce(type, {"n": more.pop("n", 0)}, viewer=viewer, **more)

    def turn(self) -> int:
        """Everything that is due now, once; returns how many attempts that made."""
        while fan_out(self.store, now_ms=self.clock.now_ms()):
            pass
        tried = 0
        for endpoint in Endpoint.objects.filter(active=True):
            for delivery in self.deliverer.due(endpoint, most=10_000):
                self.deliverer.attempt(delivery)
                tried += 1
        return tried

    def run(self, *, until_ms: int, step_ms: int = 1_000) -> None:
        """Let time go by until then, from one thing that is due to the next."""
        while True:
            while self.turn():
                pass
            waiting = Delivery.objects.filter(state=Delivery.WAITING, endpoint__active=True).order_by("-id")
            first = {(one.endpoint_id, one.viewer): one.next_at for one in waiting}  # the oldest of each comes last
            next_at = min(first.values(), default=None)
            if next_at is None or next_at > until_ms:
                self.clock.at_ms = max(self.clock.at_ms, until_ms)
                return
            self.clock.at_ms = max(next_at, self.clock.at_ms + step_ms)


@pytest.fixture
def post(recorder: Recorder, clock: HandClock, settings: Any) -> Iterator[Post]:
    settings.PLAYHEAD_CALLBACK_LOCAL = True
    service.listen(endpoints.audience)
    made = Post(clock)
    yield made
    made.store.close()
    service.stop_listening(endpoints.audience)
