"""SIGKILL the worker between sending and marking, CALLBACK_KILLS times (200 unless set): no message is missing, what
comes twice comes under the same id, and each viewer's messages come in their order.

The receiver itself pulls the trigger: it takes a message, and before the worker can have read its answer, kills it.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from socket import socket

from bench.kit.processes import environment
from bench.kit.rows import Row
from bench.load.seeding import migrate
from tests.callbacks.receivers import Receiver, Request
from tests.faults.kit.place import number, zero

KILLS = number("CALLBACK_KILLS", 200)
VIEWERS = 5
_FILL = """
import sys, django; django.setup()
from playhead.callbacks import endpoints
from playhead.recorder import service
url, messages, viewers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
endpoints.add(organisation_id=1, name="receiver", url=url, now_ms=0)
with endpoints.listening():
    for n in range(messages):
        service.announce("enrolment.created", {"n": n}, viewer=f"v{n % viewers}")
"""
_FORGETS = """
import django; django.setup()
from playhead.callbacks import delivery
def send(self, one):
    one.__class__.objects.filter(pk=one.pk).update(state="done")
    return kept(self, one)
kept, delivery.Deliverer.send = delivery.Deliverer.send, send
from playhead.cli import main; main(["worker"])
"""


class Trigger:
    """Takes every message; kills the worker after some, until it has killed it often enough."""

    def __init__(self, kills: int, *, early: bool = False) -> None:
        self.kills = kills
        self.early = early  # before the message is taken: what was only sent must come again
        self.worker: subprocess.Popen[bytes] | None = None
        self._dice = random.Random(1)

    def __call__(self, receiver: Receiver, connection: socket, request: Request) -> None:
        pulls = self.kills > 0 and self._dice.random() < 0.5 and self.worker is not None
        if pulls and self.worker is not None:
            self.kills -= 1
            self.worker.send_signal(signal.SIGKILL)
            if self.early:
                return
        receiver.answer(connection, request, "204 No Content")


def measure() -> list[Row]:
    taken, sent, kills = deliver(KILLS)
    return [
        Row("messages taken", len({id for id, _n in taken}), "messages", peer=f"in {kills} kills"),
        zero("messages missing", missing(taken, sent)),
        zero("messages under two ids", doubled(taken)),
        zero("messages before an older one of their viewer", disorder(taken)),
        Row("taken more than once, under the same id", len(taken) - len(set(taken)), "messages"),
        *planted(),
    ]


def planted() -> list[Row]:
    """A worker that marks before it sends loses what it was killed over."""
    taken, sent, _kills = deliver(6, early=True, worker=[sys.executable, "-c", _FORGETS])
    lost = missing(taken, sent)
    return [Row("planted: marked before sent, missing", lost, "messages", goal="> 0", holds=lost > 0)]


def deliver(
    kills: int, *, early: bool = False, worker: list[str] | None = None
) -> tuple[list[tuple[str, int]], int, int]:
    """Send until all were taken, or nothing comes any more; returns what was taken, how many there were, kills."""
    messages = max(30, kills * 3)
    trigger = Trigger(kills, early=early)
    with tempfile.TemporaryDirectory() as made, Receiver(trigger) as receiver:
        folder = Path(made)
        migrate(folder)
        env = environment(folder, PLAYHEAD_CALLBACK_LOCAL="1")
        subprocess.run([sys.executable, "-c", _FILL, receiver.url, str(messages), str(VIEWERS)], env=env, check=True)
        _work(trigger, receiver, worker or [sys.executable, "-m", "playhead", "worker"], env, messages)
        taken = [(one.headers["webhook-id"], json.loads(one.body)["data"]["n"]) for one in receiver.taken]
    return taken, messages, kills - trigger.kills


def _work(trigger: Trigger, receiver: Receiver, command: list[str], env: dict[str, str], messages: int) -> None:
    """Keep a worker running until everything was taken and nothing new came for a while."""
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
        while True:
            worker = trigger.worker = subprocess.Popen(command, env=env, stderr=nowhere)
            last, seen = time.monotonic(), -1
            while worker.poll() is None:
                if len(receiver.taken) != seen:
                    last, seen = time.monotonic(), len(receiver.taken)
                complete = len({one.headers["webhook-id"] for one in receiver.taken}) == messages
                if time.monotonic() - last > (2 if complete else 20):
                    worker.terminate()
                    worker.wait()
                    return
                time.sleep(0.01)


def missing(taken: list[tuple[str, int]], sent: int) -> int:
    return sent - len({n for _id, n in taken})


def doubled(taken: list[tuple[str, int]]) -> int:
    return len({id for id, _n in taken}) - len({n for _id, n in taken})


def disorder(taken: list[tuple[str, int]]) -> int:
    """First arrivals that came after a later message of the same viewer."""
    newest: dict[int, int] = {}
    wrong, seen = 0, set()
    for _id, n in taken:
        if n not in seen:
            wrong += n < newest.get(n % VIEWERS, -1)
            newest[n % VIEWERS] = max(newest.get(n % VIEWERS, -1), n)
        seen.add(n)
    return wrong
