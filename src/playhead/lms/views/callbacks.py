"""Callbacks, for admins: who is told, how it goes, what waits, why something failed, and sending it again."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from playhead.callbacks import endpoints, resending
from playhead.callbacks.models import Attempt, Delivery, Endpoint
from playhead.core.errors import Missing
from playhead.lms import callback_words
from playhead.lms.access import admin
from playhead.lms.api.kollus import address_of
from playhead.lms.callback_forms import EndpointForm, ResendForm
from playhead.lms.site_address import site_address
from playhead.recorder import integrations
from playhead.recorder.models import Outbox

_A_PAGE = 50


def _now_ms() -> int:
    return round(time.time() * 1000)


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Health:
    """How an endpoint does: its row, what waits since when, what was given up, and the last answer."""

    endpoint: Endpoint
    waiting: int
    failed: int
    oldest: datetime | None
    last: Attempt | None
    said: callback_words.Outcome | None
    last_ok: datetime | None
    failing_since: datetime | None


def _health(endpoint: Endpoint) -> Health:
    waiting, failed = Q(state=Delivery.WAITING), Q(state=Delivery.FAILED)
    sums = Delivery.objects.filter(endpoint=endpoint).aggregate(
        waiting=Count("id", filter=waiting), failed=Count("id", filter=failed), oldest=Min("created_at", filter=waiting)
    )
    last = Attempt.objects.filter(delivery__endpoint=endpoint).order_by("-id").first()
    return Health(
        endpoint,
        sums["waiting"],
        sums["failed"],
        _moment(sums["oldest"]),
        last,
        callback_words.outcome(last.outcome) if last else None,
        _moment(endpoint.last_ok_at),
        _moment(endpoint.failing_since),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def callbacks(request: HttpRequest) -> HttpResponse:
    """All endpoints; a POST makes one, and shows its secret this once."""
    by = admin(request)
    form = EndpointForm(request.POST if request.method == "POST" else None, organisation=by.organisation_id)
    if request.method == "POST" and form.is_valid():
        made, secret = endpoints.add(organisation_id=by.organisation_id, now_ms=_now_ms(), **form.cleaned_data)
        return _endpoint_page(request, made, secret=secret)
    found = [_health(endpoint) for endpoint in endpoints.of_organisation(by.organisation_id)]
    sums = {
        "waiting": sum(one.waiting for one in found),
        "failed": sum(one.failed for one in found),
        "trouble": sum(bool(one.failing_since or one.endpoint.disabled_reason) for one in found),
    }
    joined = [one for one in integrations.all_of(by.organisation_id) if one.kind == "kollus"]
    doors = [(one.name, site_address(request) + address_of(one)) for one in joined]
    context = {"found": found, "form": form, "sums": sums, "doors": doors}
    return render(request, "lms/callbacks.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def endpoint(request: HttpRequest, key: str) -> HttpResponse:
    """One endpoint: health, messages; a POST changes it."""
    by = admin(request)
    found = endpoints.find(by.organisation_id, key)
    if request.method != "POST":
        return _endpoint_page(request, found)
    form = EndpointForm(request.POST, organisation=by.organisation_id)
    if not form.is_valid():
        return _endpoint_page(request, found, form=form)
    endpoints.change(found, **form.cleaned_data)
    messages.success(request, _("Changed. What waits goes to the address as it is now."))
    return redirect("endpoint", key=key)


def _endpoint_page(
    request: HttpRequest, found: Endpoint, *, secret: str = "", form: EndpointForm | None = None
) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in {Delivery.WAITING, Delivery.DONE, Delivery.FAILED} else ""
    page = Paginator(resending.messages(found, state=state), _A_PAGE).get_page(request.GET.get("page"))
    initial = {name: getattr(found, name) for name in ("name", "url", "format", "types", "integration")}
    context: dict[str, Any] = {
        "health": _health(found),
        "endpoint": found,
        "page": page,
        "rows": [(one, _moment(one.created_at), _moment(one.next_at)) for one in page],
        "state": state,
        "states": [("", _("all")), ("waiting", _("waiting")), ("done", _("delivered")), ("failed", _("given up"))],
        "form": form or EndpointForm(initial=initial, organisation=found.organisation_id),
        "resend_form": ResendForm(),
        "secret": secret,
        "rotating": len(found.secrets) > 1 and (found.secrets[1]["retired_at"] or 0) > _now_ms(),
    }
    return render(request, "lms/endpoint.html", context, status=400 if form is not None else 200)


@require_POST
def endpoint_do(request: HttpRequest, key: str, what: str) -> HttpResponse:
    """Switch on, switch off, a new secret, a test, resend what was given up, remove."""
    found = endpoints.find(admin(request).organisation_id, key)
    if what == "secret":
        return _endpoint_page(request, found, secret=endpoints.rotate(found, now_ms=_now_ms()))
    if what == "test":
        made = resending.send_test(found, now_ms=_now_ms())
        return redirect("callback-message", key=key, number=made.pk)
    if what == "remove":
        endpoints.remove(found)
        messages.success(request, _("The endpoint is gone, and what was kept about it."))
        return redirect("callbacks")
    if what not in _DOING:
        raise Missing("no_such_action", "There is nothing like that to do.")
    messages.success(request, _DOING[what](found))
    return redirect("endpoint", key=key)


def _on(found: Endpoint) -> str:
    endpoints.switch_on(found, now_ms=_now_ms())
    return _("Switched on: what waited is on its way.")


def _off(found: Endpoint) -> str:
    endpoints.switch_off(found, now_ms=_now_ms())
    return _("Switched off: what waits is kept, what happens from now on is not told.")


def _failed(found: Endpoint) -> str:
    again = resending.resend_failed(found, now_ms=_now_ms())
    return _("%(n)d messages are sent again.") % {"n": again}


_DOING = {"on": _on, "off": _off, "resend-failed": _failed}


@require_POST
def resend_range(request: HttpRequest, key: str) -> HttpResponse:
    found = endpoints.find(admin(request).organisation_id, key)
    form = ResendForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say from when to when."))
        return redirect("endpoint", key=key)
    first_ms, last_ms = form.between_ms()
    again = resending.resend_between(found, first_ms=first_ms, last_ms=last_ms, now_ms=_now_ms())
    messages.success(request, _("%(n)d messages are sent again.") % {"n": again})
    return redirect("endpoint", key=key)


@require_GET
def callback_message(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One message: what it says, every attempt, and how far the last one came."""
    found = endpoints.find(admin(request).organisation_id, key)
    delivery = _delivery(found, number)
    body = delivery.body
    if not body and delivery.outbox_id is not None:
        body = Outbox.objects.filter(pk=delivery.outbox_id).values_list("body", flat=True).first()
    tries = [(one, _moment(one.at), callback_words.outcome(one.outcome)) for one in delivery.attempts.all()]
    context = {
        "endpoint": found,
        "delivery": delivery,
        "created": _moment(delivery.created_at),
        "next": _moment(delivery.next_at),
        "attempts": tries,
        "last": tries[-1] if tries else None,
        "steps": callback_words.steps(tries[-1][0].outcome) if tries else [],
        "body": json.dumps(json.loads(bytes(body)), indent=2, ensure_ascii=False) if body else "",
        # A test is looked at while it is under way: the page asks again until there is an answer.
        "under_way": delivery.state == Delivery.WAITING and delivery.tries == 0 and found.active,
    }
    return render(request, "lms/callback_message.html", context)


@require_POST
def resend_message(request: HttpRequest, key: str, number: int) -> HttpResponse:
    found = endpoints.find(admin(request).organisation_id, key)
    delivery = _delivery(found, number)
    resending.resend(resending.messages(found).filter(pk=delivery.pk), now_ms=_now_ms())
    return redirect("callback-message", key=key, number=number)


def _delivery(found: Endpoint, number: int) -> Delivery:
    delivery = resending.messages(found).filter(pk=number).first()
    if delivery is None:
        raise Missing("no_message", "There is no such message.")
    return delivery
