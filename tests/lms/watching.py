"""A student who watches, as the recorder sees it: honest claims, a beat at a time, on a clock turned by hand."""

from collections.abc import Iterable
from typing import Any

from playhead.core.credit import Claim
from playhead.core.tickets import verify
from playhead.recorder import service
from playhead.recorder.operations import RecordBatch
from tests.world import HandClock


def watch(opening: dict[str, Any], clock: HandClock, parts: Iterable[tuple[int, int]]) -> None:
    """Play these parts of the video one after the other, at normal speed, under the answer of `POST /v1/playbacks`."""
    for seq, (start, end) in enumerate(parts):
        t0 = clock.now_ms() - opening["opened_at"]
        clock.forward(end - start)
        claim(opening, clock, Claim(t0, t0 + end - start, start, end), seq=seq)


def claim(opening: dict[str, Any], clock: HandClock, *claims: Claim, seq: int = 0) -> None:
    """Send claims as they are, true or not."""
    now_ms = clock.now_ms()
    ticket = verify(opening["ticket"], keys=service.ticket_keys(), now_s=now_ms // 1000)
    body = f"{seq} {claims}".encode()
    service.current().do(RecordBatch.under(ticket=ticket, seq=seq, claims=claims, body=body, received_at=now_ms))
