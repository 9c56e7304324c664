"""Sinks, for admins: how far each other store is, and why one is behind. They are added by `playhead sink add`: an
address may name a folder of the machine, which is for whoever runs it."""

import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from playhead.analytics.archive import sealed_upto
from playhead.core.errors import Missing
from playhead.exports.models import Sink
from playhead.exports.sinks.feeding import lag
from playhead.lms.access import admin
from playhead.lms.timeline import instant
from playhead.recorder.databases import open_store
from playhead.recorder.store import Store


@dataclass(frozen=True, slots=True)
class State:
    """A sink, how many journal rows wait for it, and when it was last well, began to fail and is tried again."""

    sink: Sink
    waiting: int
    last_ok: datetime | None
    failing_since: datetime | None
    next_try: datetime | None


@require_GET
def sinks_page(request: HttpRequest) -> HttpResponse:
    admin(request)
    with closing(open_store(settings.TRACKING_DATABASE)) as store:
        upto = sealed_upto(store)
        found = [_state(one, store) for one in Sink.objects.all()]
    sums = {
        "trouble": sum(bool(one.sink.failures and one.sink.active) for one in found),
        "waiting": max((one.waiting for one in found if one.sink.active), default=0),
        "sealed": upto,
    }
    return render(request, "lms/sinks.html", {"found": found, "sums": sums})


def _state(sink: Sink, store: Store) -> State:
    last_ok, failing_since = _moment(sink.last_ok_at), _moment(sink.failing_since)
    return State(sink, lag(sink, store), last_ok, failing_since, _moment(sink.next_at))


def _moment(ms: int | None) -> datetime | None:
    return instant(ms) if ms else None


@require_POST
def sink_do(request: HttpRequest, key: str, what: str) -> HttpResponse:
    """Switch on, switch off, try at once."""
    admin(request)
    sink = Sink.objects.filter(key=key).first()
    if sink is None or what not in {"on", "off", "now"}:
        raise Missing("no_such_sink", "There is no such sink, or nothing like that to do.")
    if what == "off":
        Sink.objects.filter(pk=sink.pk).update(active=False)
        messages.success(request, _("Switched off: it is brought up to date when it is switched on again."))
        return redirect("sinks")
    Sink.objects.filter(pk=sink.pk).update(active=True, next_at=round(time.time() * 1000))
    messages.success(request, _("The worker tries it within a few seconds."))
    return redirect("sinks")
