"""GET /healthz, /readyz and /metrics: for those who watch over the server."""

import ipaddress

from playhead.collector.answers import Receive, Scope, Send, refuse, reply
from playhead.collector.metrics import CONTENT_TYPE, Metrics
from playhead.core.errors import Missing, PlayheadError, Unavailable
from playhead.recorder.taking import Taking, overloaded


class Health:
    """An ASGI application for those three addresses."""

    def __init__(self, recorder: Taking, metrics: Metrics) -> None:
        self._recorder = recorder
        self._metrics = metrics

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            if scope["method"] not in {"GET", "HEAD"}:
                await reply(send, 405, b"", [(b"allow", b"GET, HEAD")])
            elif scope["path"] == "/metrics":
                _only_from_here(scope)
                await reply(
                    send,
                    200,
                    self._metrics.text(self._recorder, await self._recorder.counted()),
                    [(b"content-type", CONTENT_TYPE)],
                )
            else:
                if scope["path"] == "/readyz":
                    self.check()
                await reply(send, 200, b"ok\n", [(b"content-type", b"text/plain")])
        except PlayheadError as error:
            await refuse(send, error)

    def check(self) -> None:
        """Raises Unavailable while a batch would be refused: the recorder stopped, the storage failing, no room."""
        recorder = self._recorder
        if not recorder.alive:
            raise Unavailable("not_recording", "The recorder has stopped; nothing was stored.", retry_after_s=30)
        if recorder.counts.failing:
            raise Unavailable(recorder.counts.failing, "The storage takes nothing at the moment.", retry_after_s=5)
        if recorder.waiting >= recorder.queue:
            raise overloaded()


def _only_from_here(scope: Scope) -> None:
    """Figures are for this machine alone: raises Missing for whoever comes from elsewhere, or through a proxy."""
    host = (scope.get("client") or ("", 0))[0]
    forwarded = any(name in {b"x-forwarded-for", b"forwarded"} for name, _value in scope["headers"])
    try:
        here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    if forwarded or not here:
        raise Missing("not_found", "There is nothing at this address.")
