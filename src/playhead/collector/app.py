"""POST /v1/batches: size, ticket, parse, hand over, answer. Nothing is answered before it is on disk."""

from typing import Any

from playhead.collector.answers import Receive, Scope, Send, encode, refuse, reply
from playhead.collector.metrics import Metrics
from playhead.collector.ticket_cache import TicketCache
from playhead.core import limits
from playhead.core.errors import Invalid, PlayheadError, TooLarge, Unauthorised, Unavailable
from playhead.core.tickets import TicketKeys
from playhead.recorder.batches import parse_batch
from playhead.recorder.operations import RecordBatch, Recorded
from playhead.recorder.recorder import Recorder

# Line 1 is the ticket; the limits of ticket and body hold for each alone.
_MOST_BYTES = limits.TICKET_BYTES + 1 + limits.BODY_BYTES


class Collector:
    """The ASGI application. Stateless but for the cache of verified tickets."""

    def __init__(self, recorder: Recorder, keys: TicketKeys, metrics: Metrics | None = None) -> None:
        self._recorder = recorder
        self._tickets = TicketCache(keys)
        self._metrics = metrics or Metrics()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] != "POST":
                await reply(send, 405, b"", [(b"allow", b"POST")])
                return
            received = await _read(receive)
            outcome = await self._recorder.record(self._operation(received))
            told = answer(outcome)
            self._metrics.answered(outcome, credited_ms=told["credited_ms"])
            await reply(send, 200, encode(told), [(b"content-type", b"application/json")])
        except PlayheadError as error:
            self._metrics.refused[error.code] += 1
            await refuse(send, error)

    def _operation(self, received: bytes) -> RecordBatch:
        if self._recorder.waiting >= self._recorder.queue:  # before any work: refusing must cost less than accepting
            raise Unavailable("overloaded", "Too many batches wait for the disk.", retry_after_s=2)
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
        return RecordBatch(ticket, batch.seq, batch.claims(), body, received_at, batch.answers())


async def _read(receive: Receive) -> bytes:
    """The request's body. Raises TooLarge as soon as it is over the limit, and Invalid when the client hung up."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False) and message["type"] == "http.request" and len(body) <= _MOST_BYTES:
        return body
    parts, size = [body], len(body)
    while True:
        if message["type"] != "http.request":
            raise Invalid("incomplete", "The request ended before its body did.")
        if size > _MOST_BYTES:
            raise TooLarge("body_too_large", f"A batch has at most {limits.BODY_BYTES} bytes.")
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])


def answer(outcome: Recorded) -> dict[str, Any]:
    """What the tracker is told: see `contract/README.md`."""
    stand = outcome.stand
    return {
        "seq": outcome.seq,
        "status": "duplicate" if outcome.duplicate else "recorded",
        "credited": [pair for credit, _fresh, _reasons in outcome.lines for pair in credit.pairs()],
        "credited_ms": sum(credit.length for credit, _fresh, _reasons in outcome.lines),
        "fresh_ms": sum(fresh.length for _credit, fresh, _reasons in outcome.lines),
        **stand._asdict(),
        "evidence": outcome.evidence,
        "refusals": [
            {"section": section, "reason": reason, "ms": ms}
            for section, (_credit, _fresh, reasons) in enumerate(outcome.lines)
            for reason, ms in reasons
        ],
        "playing_elsewhere": outcome.playing_elsewhere,
        "prompt": outcome.prompt,
        "next_beat_ms": limits.BEAT_MS,
        "received_at": outcome.received_at,
    }
