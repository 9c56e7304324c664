"""The composition root of `playhead collect`: the batches' door and the recorder behind it, without the site.

The door then shares no interpreter with pages, nor, as in `asgi`, with the recorder (`beside`); the site hands its own
operations over the recorder's local socket (`recorder.desk`), and so may any number of web workers.
"""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack

from playhead.beside import recorder_of_owner
from playhead.collector.answers import Receive, Scope, Send, refuse
from playhead.collector.app import Collector
from playhead.collector.cross_origin import CrossOrigin
from playhead.collector.health import Health
from playhead.collector.metrics import Metrics
from playhead.core.errors import Missing
from playhead.keeping import keeping, settled
from playhead.recorder import service
from playhead.recorder.integrations import origins
from playhead.recorder.taking import Taking

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Doors:
    """One recorder, from startup to shutdown, and who is asked for which path."""

    def __init__(self, recorder: Taking) -> None:
        metrics = Metrics()
        health: App = Health(recorder, metrics)
        self._recorder = recorder
        self.collector = Collector(recorder, service.ticket_keys(), metrics)
        self._doors: dict[str, App] = {
            "/v1/batches": CrossOrigin(self.collector, origins),
            "/healthz": health,
            "/readyz": health,
            "/metrics": health,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif (door := self._doors.get(scope["path"])) is not None:
            await door(scope, receive, send)
        else:
            await refuse(send, Missing("not_found", "Only batches are taken here; the site is elsewhere."))

    async def _live(self, receive: Receive, send: Send) -> None:
        with ExitStack() as stack:
            await receive()
            try:
                stack.enter_context(keeping(self._recorder))
            except Exception as error:  # noqa: BLE001 - whatever it is, the server must not start, and say why
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            settled()
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


app = Doors(recorder_of_owner())
