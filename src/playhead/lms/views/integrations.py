"""Other systems that are joined to this one: what is given to them, and their keys. Secrets are shown once."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from playhead.callbacks import endpoints
from playhead.core.errors import Invalid, Missing
from playhead.lms import api_keys
from playhead.lms.access import admin
from playhead.lms.grants import give, has_whole_school
from playhead.lms.integration_forms import GrantForm, HookForm, IntegrationForm, KeyForm, OverlapForm
from playhead.lms.models import ApiKey, CourseGrant, Outsider, User
from playhead.lms.site_address import site_address
from playhead.recorder import integrations as joined
from playhead.recorder import service
from playhead.recorder.integrations import Integration, PlaybackKey


@require_http_methods(["GET", "HEAD", "POST"])
def integrations(request: HttpRequest) -> HttpResponse:
    """All of them; a POST makes another."""
    by = admin(request)
    form = IntegrationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = joined.create(organisation_id=by.organisation_id, **form.cleaned_data)
        messages.success(request, _("“%(name)s” is made. Give it courses, then make it a key.") % {"name": made.name})
        return redirect("integration", key=made.key)
    keys = ApiKey.objects.filter(organisation=by.organisation_id)
    listed = [
        (one, [key for key in keys if key.integration == one.key and key.is_good], _given(one))
        for one in joined.all_of(by.organisation_id)
    ]
    context = {"form": form, "listed": listed}
    return render(request, "lms/integrations.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def integration(request: HttpRequest, key: str) -> HttpResponse:
    """One of them; a POST changes what it is."""
    by = admin(request)
    found = _integration(by, key)
    if request.method != "POST":
        return _page(request, found)
    form = IntegrationForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=400)
    joined.save(replace(found, **form.cleaned_data))
    messages.success(request, _("Saved."))
    return redirect("integration", key=key)


@require_POST
def switch_integration(request: HttpRequest, key: str) -> HttpResponse:
    """Off: its keys open nothing and its signed addresses neither. On again: as it was."""
    found = _integration(admin(request), key)
    on = request.POST.get("to") == "on"
    joined.save(replace(found, active=on))
    messages.success(request, _("It is on again.") if on else _("It is off: none of its keys opens anything."))
    return redirect("integration", key=key)


@require_POST
def give_courses(request: HttpRequest, key: str) -> HttpResponse:
    by = admin(request)
    found = _integration(by, key)
    form = GrantForm(request.POST, organisation_id=by.organisation_id)
    if not form.is_valid():
        return _page(request, found, grant_form=form, status=400)
    give(found, form.cleaned_data["courses"], whole_school=form.cleaned_data["whole_school"])
    messages.success(request, _("What it may see and change is saved."))
    return redirect("integration", key=key)


@require_POST
def make_key(request: HttpRequest, key: str) -> HttpResponse:
    by = admin(request)
    found = _integration(by, key)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, found, key_form=form, status=400)
    data = form.cleaned_data
    _key, token = api_keys.make_key(found, name=data["key_name"], scopes=data["scopes"], by=by)
    return _page(request, found, secret=token, secret_is=_("The key is made. Here it is:"))


@require_POST
def replace_key(request: HttpRequest, key: str, number: int) -> HttpResponse:
    by = admin(request)
    found = _integration(by, key)
    old, form = _key_of(found, number), OverlapForm(request.POST)
    if not form.is_valid():
        raise Invalid("overlap", "Say how long the old key stays good.")
    _key, token = api_keys.replace_key(old, overlap=form.overlap, by=by)
    return _page(request, found, secret=token, secret_is=_("The new key is made. Here it is:"))


@require_POST
def revoke_key(request: HttpRequest, key: str, number: int) -> HttpResponse:
    found = _integration(admin(request), key)
    api_keys.revoke_key(_key_of(found, number))
    messages.success(request, _("The key is revoked: it opens nothing any more."))
    return redirect("integration", key=key)


@require_POST
def rotate_playback_key(request: HttpRequest, key: str) -> HttpResponse:
    """A new key for signing playback addresses; those before it stay good for a while."""
    found = _integration(admin(request), key)
    form = OverlapForm(request.POST)
    if not form.is_valid():
        raise Invalid("overlap", "Say how long the old key stays good.")
    overlap_ms = int(form.overlap.total_seconds() * 1000)
    changed, secret = joined.rotate_key(found, overlap_ms=overlap_ms)
    said = _("The playback key %(kid)s is made. Here is its secret:") % {"kid": changed.playback_keys[0].kid}
    return _page(request, changed, secret=secret, secret_is=said)


@require_POST
def add_callback(request: HttpRequest, key: str) -> HttpResponse:
    """An endpoint that is told of this integration's viewers; its secret is shown this once."""
    found = _integration(admin(request), key)
    form = HookForm(request.POST, kind=found.kind)
    if not form.is_valid():
        return _page(request, found, hook_form=form, status=400)
    _endpoint, secret = endpoints.add(
        organisation_id=found.organisation_id,
        integration=found.key,
        name=found.name,
        url=form.cleaned_data["url"],
        format=form.format,
        now_ms=service.current().now_ms(),
    )
    return _page(request, found, secret=secret, secret_is=_("The endpoint is added. Its messages are signed with:"))


def _integration(by: User, key: str) -> Integration:
    found = joined.find(key)
    if found.organisation_id != by.organisation_id:
        raise Missing("no_integration", "There is no such integration.")
    return found


def _key_of(found: Integration, number: int) -> ApiKey:
    key = ApiKey.objects.filter(integration=found.key, pk=number).first()
    if key is None:
        raise Missing("no_such_key", "There is no such key.")
    return key


def _given(found: Integration) -> str:
    if has_whole_school(found):
        return _("the whole school")
    titles = CourseGrant.objects.filter(integration=found.key).values_list("course__title", flat=True)
    return ", ".join(titles) or _("nothing yet")


def _page(
    request: HttpRequest,
    found: Integration,
    *,
    form: IntegrationForm | None = None,
    grant_form: GrantForm | None = None,
    key_form: KeyForm | None = None,
    hook_form: HookForm | None = None,
    secret: str = "",
    secret_is: str = "",
    status: int = 200,
) -> HttpResponse:
    keys = ApiKey.objects.filter(integration=found.key).select_related("made_by")
    context = {
        "integration": found,
        "form": form or IntegrationForm(initial=_as_told(found)),
        "grant_form": grant_form or _grant_form(found),
        "key_form": key_form or KeyForm(),
        "hook_form": hook_form or HookForm(kind=found.kind),
        "endpoints": endpoints.of_organisation(found.organisation_id, found.key),
        "overlap_form": OverlapForm(auto_id=False),
        "keys": keys,
        "playback_keys": [_shown(key) for key in found.playback_keys],
        "outsiders": Outsider.objects.filter(integration=found.key).count(),
        "secret": secret,
        "secret_is": secret_is,
        "site": site_address(request),
    }
    return render(request, "lms/integration.html", context, status=status)


def _as_told(found: Integration) -> dict[str, Any]:
    told = {"name": found.name, "kind": found.kind, "progress_every_s": found.progress_every_s}
    return told | {"origins": "\n".join(found.origins)}


def _grant_form(found: Integration) -> GrantForm:
    given = CourseGrant.objects.filter(integration=found.key)
    initial = {
        "whole_school": given.filter(course=None).exists(),
        "courses": [grant.course_id for grant in given if grant.course_id is not None],
    }
    return GrantForm(initial=initial, organisation_id=found.organisation_id)


def _shown(key: PlaybackKey) -> dict[str, Any]:
    good = key.valid_at(service.current().now_ms())
    ends = None if key.retired_at is None else datetime.fromtimestamp(key.retired_at / 1000, UTC)
    return {"kid": key.kid, "made": datetime.fromtimestamp(key.created_at / 1000, UTC), "ends": ends, "good": good}
