"""Accounts at providers, for admins: connected, tried, changed, switched off. Their secrets are never shown."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from playhead.core.errors import Missing, PlayheadError
from playhead.lms.access import admin
from playhead.lms.provider_forms import AccountForm
from playhead.lms.site_address import site_address
from playhead.providers import accounts
from playhead.providers.models import Account, Kind, State


@require_GET
def providers_page(request: HttpRequest) -> HttpResponse:
    by = admin(request)
    there = Count("videos", filter=~Q(videos__state=State.DELETED))
    found = accounts.of_organisation(by.organisation_id).annotate(there=there)
    return render(request, "lms/providers.html", {"found": found, "kinds": Kind.choices})


@require_http_methods(["GET", "HEAD", "POST"])
def connect_provider(request: HttpRequest, kind: str) -> HttpResponse:
    """A POST connects an account and tries it at once; one that is not let in is kept, to be put right."""
    by = admin(request)
    if kind not in Kind.values:
        raise Missing("no_such_kind", "There is no such provider.")
    form = AccountForm(request.POST if request.method == "POST" else None, kind=kind)
    if request.method == "POST" and form.is_valid():
        account = accounts.connect(
            organisation_id=by.organisation_id, kind=kind, name=form.cleaned_data["name"], told=form.told
        )
        _tried(request, account)
        return redirect("provider", key=account.key)
    context = {"form": form, "kind": Kind(kind).label}
    return render(request, "lms/provider_new.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def provider_page(request: HttpRequest, key: str) -> HttpResponse:
    """A POST changes it."""
    account = accounts.find(admin(request).organisation_id, key)
    form = AccountForm(request.POST if request.method == "POST" else None, kind=account.kind, account=account)
    if request.method == "POST" and form.is_valid():
        accounts.change(account, name=form.cleaned_data["name"], told=form.told)
        _tried(request, account)
        return redirect("provider", key=key)
    hook = reverse("provider-callback", args=[account.key, accounts.callback_token(account)])
    context = {
        "account": account,
        "form": form,
        "videos": account.videos.exclude(state=State.DELETED).count(),
        "callback": site_address(request) + hook if account.kind == Kind.KOLLUS else "",
    }
    return render(request, "lms/provider.html", context, status=400 if form.errors else 200)


@require_POST
def provider_do(request: HttpRequest, key: str, what: str) -> HttpResponse:
    """Try it, switch it off, switch it on."""
    account = accounts.find(admin(request).organisation_id, key)
    if what == "try":
        _tried(request, account)
    elif what in {"on", "off"}:
        Account.objects.filter(pk=account.pk).update(active=what == "on")
        said = {
            "on": _("It is on again: what changed meanwhile is brought into step."),
            "off": _("It is off: nothing is asked of it, and nothing is brought there. What lies there still plays."),
        }
        messages.success(request, said[what])
    else:
        raise Missing("nothing_to_do", "There is nothing like that to do.")
    return redirect("provider", key=key)


def _tried(request: HttpRequest, account: Account) -> None:
    try:
        called = accounts.try_out(account)
    except PlayheadError as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, _("It works. There, this account is “%(name)s”.") % {"name": called})
