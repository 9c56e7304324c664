"""Verified tickets, kept: checking a signature costs 22 to 41 us, finding it again half a microsecond."""

from dataclasses import dataclass

from playhead.core import limits
from playhead.core.errors import TooMany
from playhead.core.tickets import Ticket, TicketKeys, check_time, read


@dataclass(slots=True)
class _Known:
    """A ticket, and how many batches it may still bring at once, as of a second."""

    ticket: Ticket
    allowance: int
    at_s: int


class TicketCache:
    """Bounded, keyed by the whole token. Expiry is checked on every hit; closing is checked by the recorder."""

    def __init__(self, keys: TicketKeys, *, most: int = limits.TICKETS_CACHED) -> None:
        self._keys = keys
        self._most = most
        self._known: dict[bytes, _Known] = {}

    def verified(self, token: bytes, *, now_s: int) -> Ticket:
        """The ticket a token carries. Raises Unauthorised, and TooMany where one ticket brings batches without end."""
        known = self._known.get(token)
        if known is None:
            known = _Known(read(token, keys=self._keys), limits.BATCHES_AT_ONCE, now_s)
            if len(self._known) >= self._most:
                self._known.pop(next(iter(self._known)))  # the oldest; it will be verified again if it comes again
            self._known[token] = known
        check_time(known.ticket, now_s=now_s)
        _spend(known, now_s)
        return known.ticket


def _spend(known: _Known, now_s: int) -> None:
    if now_s != known.at_s:
        earned = max(0, now_s - known.at_s) * limits.BATCHES_A_SECOND
        known.allowance = min(limits.BATCHES_AT_ONCE, known.allowance + earned)
        known.at_s = now_s
    if known.allowance <= 0:
        raise TooMany("too_many", "One playback sends a batch every ten seconds, not hundreds.", retry_after_s=1)
    known.allowance -= 1
