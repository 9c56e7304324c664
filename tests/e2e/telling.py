"""Another system that hears of what is watched: a receiver, and a worker beside the server that tells it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.callbacks.receivers import Receiver, Request, takes
from tests.e2e.server import Server

_ADD = """
import sys, django; django.setup()
from django.conf import settings
from playhead.callbacks import endpoints
settings.PLAYHEAD_CALLBACK_LOCAL = True
print(endpoints.add(organisation_id=1, name="LMS", url=sys.argv[1], now_ms=0)[0].key)
"""
_REMOVE = """
import sys, django; django.setup()
from playhead.callbacks.models import Endpoint
Endpoint.objects.filter(key=sys.argv[1]).delete()
"""


@contextmanager
def listening(server: Server) -> Iterator[Receiver]:
    """A system that takes everything, until the end of the block."""
    with Receiver(takes) as receiver:
        key = server.run(_ADD, receiver.url).strip()
        command = [sys.executable, "-m", "playhead", "worker"]
        env = server.environment | {"PLAYHEAD_CALLBACK_LOCAL": "1"}
        with subprocess.Popen(command, env=env) as worker:
            yield receiver
            worker.terminate()
        server.run(_REMOVE, key)


def updates(requests: Sequence[Request]) -> list[dict[str, Any]]:
    """The data of what was told of progress."""
    told = [json.loads(request.body) for request in requests]
    return [one["data"] for one in told if one["type"] == "progress.updated"]


def pauses(requests: Sequence[Request]) -> list[Request]:
    return [request for request in requests if json.loads(request.body)["data"].get("because") == "pause"]
