"""POST /v1/batches: size, ticket, parse, hand over, answer. Nothing is answered before it is on disk."""

from playhead.collector.answers import Answer, Receive, Scope, Send, refusal, reply
from playhead.collector.metrics import Metrics
from playhead.collector.ticket_cache import TicketCache
from playhead.collector.told import encode, told
from playhead.core import limits
from playhead.core.errors import Invalid, PlayheadError, TooLarge, Unauthorised
from playhead.core.tickets import TicketKeys
from playhead.recorder.batches import parse_batch
from playhead.recorder.operations import RecordBatch, Recorded
from playhead.recorder.taking import Taking, Waiting, overloaded

PATH = "/v1/batches"
MOST_BYTES = limits.TICKET_BYTES + 1 + limits.BODY_BYTES
"""Line 1 is the ticket; the limits of ticket and body hold for each alone."""

_JSON = ((b"content-type", b"application/json"),)


class Collector:
    """What becomes of a batch, from its bytes to the answer's, and the ASGI application for it.

    uvicorn takes the shorter way past ASGI (`protocol`), any other server the application. Stateless but for the cache
    of verified tickets.
    """

    def __init__(self, recorder: Taking, keys: TicketKeys, metrics: Metrics | None = None) -> None:
        self._recorder = recorder
        self._tickets = TicketCache(keys)
        self._metrics = metrics or Metrics()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await reply(send, 405, b"", [(b"allow", b"POST")])
            return
        try:
            outcome = await self._recorder.record(self._operation(await _read(receive)))
        except PlayheadError as error:
            outcome = error
        await reply(send, *self.answer(outcome))

    def take(self, received: bytes, waiting: Waiting) -> None:
        """Hand a request's body to the recorder. Raises our errors where it refuses the batch by itself."""
        self._recorder.take(self._operation(received), waiting)

    def answer(self, outcome: Recorded | PlayheadError) -> Answer:
        """The answer to a batch that is on disk, or was refused; it is counted here."""
        if isinstance(outcome, PlayheadError):
            self._metrics.refused[outcome.code] += 1
            return refusal(outcome)
        said = told(outcome)
        self._metrics.answered(outcome, credited_ms=said.credited_ms)
        return Answer(200, encode(said), _JSON)

    def _operation(self, received: bytes) -> RecordBatch:
        if self._recorder.waiting >= self._recorder.queue:  # before any work: refusing must cost less than accepting
            raise overloaded()
        token, newline, body = received.partition(b"\n")
        if not newline:
            raise Invalid("batch_invalid", "Line 1 is the ticket, the rest the batch as JSON.")
        if len(token) > limits.TICKET_BYTES:
            raise Unauthorised("ticket_invalid", "The ticket is too long.")
        if len(body) > limits.BODY_BYTES:
            raise TooLarge("body_too_large", f"A batch has at most {limits.BODY_BYTES} bytes.")
        received_at = self._recorder.now_ms()
        ticket = self._tickets.verified(token, now_s=received_at // 1000)
        batch = parse_batch(body)
        return RecordBatch.under(ticket, batch.seq, batch.claims(), body, received_at, batch.answers())


def cut_off() -> Invalid:
    return Invalid("incomplete", "The request ended before its body did.")


async def _read(receive: Receive) -> bytes:
    """The request's body. Raises TooLarge as soon as it is over the limit, and Invalid when the client hung up."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise cut_off()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            raise TooLarge("body_too_large", f"A batch has at most {limits.BODY_BYTES} bytes.")
        if not message.get("more_body", False):
            return b"".join(parts)
