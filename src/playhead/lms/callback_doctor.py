"""What the doctor says of callbacks: endpoints that are off or fail, and messages that nobody sends."""

import time
from collections.abc import Iterator
from typing import Final

from django.db.models import Exists, Min, OuterRef
from django.utils.translation import gettext as _

from playhead.callbacks.models import Delivery, Endpoint
from playhead.recorder.doctor import Finding, Level

_UNSENT_MS: Final = 5 * 60_000


def callbacks() -> Iterator[Finding]:
    about = _("callbacks")
    if not Endpoint.objects.exists():
        yield Finding(Level.OK, about, _("No other system is told anything."))
        return
    problems = [*_endpoints(about), *_unsent(about)]
    yield from problems or [Finding(Level.OK, about, _("What other systems are to be told gets through."))]


def _endpoints(about: str) -> Iterator[Finding]:
    remedy = _("See the callbacks page: it says how far the last message came.")
    for one in Endpoint.objects.exclude(active=True, failing_since=None).order_by("id"):
        if not one.active and one.disabled_reason:
            said = _("“%(name)s” was switched off: it answered 410, or failed for days.") % {"name": one.name}
            yield Finding(Level.PROBLEM, about, said, remedy)
        elif one.active:
            yield Finding(Level.WARNING, about, _("“%(name)s” takes no messages now.") % {"name": one.name}, remedy)


def _unsent(about: str) -> Iterator[Finding]:
    """Messages for endpoints that work, due for minutes and never tried: no worker is there."""
    now_ms = round(time.time() * 1000)
    waiting = Delivery.objects.filter(state=Delivery.WAITING, endpoint__active=True, endpoint__failing_since=None)
    before = waiting.filter(endpoint=OuterRef("endpoint"), viewer=OuterRef("viewer"), id__lt=OuterRef("id"))
    first = waiting.filter(~Exists(before), tries=0)
    waited_ms = now_ms - (first.aggregate(oldest=Min("next_at"))["oldest"] or now_ms)
    if waited_ms > _UNSENT_MS:
        said = _("Messages have waited for %(min)d minutes, and nobody sends them.") % {"min": waited_ms // 60_000}
        remedy = _("Run `playhead worker`, or `playhead serve` without --no-worker.")
        yield Finding(Level.PROBLEM, about, said, remedy)
