"""The library of a course: uploads, their packaging, and what is said about them."""

import base64
import binascii
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from playhead.core import limits
from playhead.core.errors import Invalid, Missing, PlayheadError, problem
from playhead.lms import elsewhere, library, replacing, storyboard
from playhead.lms.access import course_for, course_to_change, person
from playhead.lms.elsewhere_page import accounts_of, content_policy, standing_of
from playhead.lms.library import Item
from playhead.lms.library_forms import AboutForm, CaptionsForm, ReplaceForm
from playhead.lms.models import Course, Role
from playhead.media import uploads
from playhead.media.models import State
from playhead.media.refusals import words_of

_UNDECIDED = {State.UPLOADING, State.WAITING, State.PACKAGING}


@require_GET
def library_page(request: HttpRequest, key: str) -> HttpResponse:
    course, role = course_for(person(request), key, teaching=True)
    named = request.GET.get("q", "").strip()
    items, lines = library.items_of(course, named=named), elsewhere.lines_of(course, named=named)
    context = {
        "course": course,
        "may_change": role == Role.TEACHER and course.archived_at is None,
        "items": [(item, _standing(item)) for item in items if not item.is_removed],
        "removed": [item for item in items if item.is_removed],
        "accounts": accounts_of(course),
        "lines": [(line, standing_of(line)) for line in lines if not line.is_removed],
        "removed_lines": [line for line in lines if line.is_removed],
        "named": named,
        "part_bytes": limits.UPLOAD_PART_BYTES,
        "most_gib": limits.UPLOAD_BYTES >> 30,
        "removed_days": limits.REMOVED_DAYS,
        "tab": "library",
    }
    response = render(request, "lms/library.html", context)
    # For this one answer: where files go to, and where pictures come from.
    response._csp_update = content_policy(course, lines)  # type: ignore[attr-defined]
    return response


@require_GET
def states(request: HttpRequest, key: str) -> JsonResponse:
    """Where each upload stands, for the page that shows it live."""
    course, _role = course_for(person(request), key, teaching=True)
    told = {item.asset.key: _standing(item) for item in library.items_of(course) if not item.is_removed}
    lines = [line for line in elsewhere.lines_of(course) if not line.is_removed]
    return JsonResponse(told | {line.remote.key: standing_of(line) for line in lines})


@require_POST
def begin_upload(request: HttpRequest, key: str) -> HttpResponse:
    """The creation of tus 1.0: `Upload-Length` and `Upload-Metadata` in, the address to send the file to out."""
    user = person(request)
    course = course_to_change(user, key)
    try:
        told = _metadata(request.headers.get("Upload-Metadata", ""))
        length = request.headers.get("Upload-Length", "")
        if not length.isascii() or not length.isdigit():
            raise Invalid("upload_length", "Upload-Length says how large the file is.")
        asset, address = uploads.begin(
            organisation_id=course.organisation_id,
            shelf=course.key,
            title=told.get("title", ""),
            name=told.get("filename", ""),
            size_bytes=int(length),
            made_by=user.key,
        )
    except PlayheadError as refused:
        return JsonResponse(problem(refused), status=refused.status, content_type="application/problem+json")
    headers = {"Location": address, "Tus-Resumable": "1.0.0", "Upload-Key": asset.key}
    return HttpResponse(status=201, headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: str, asset_key: str) -> HttpResponse:
    """A POST saves title, description, chapters and picture."""
    course, item = _item_to_change(request, key, asset_key)
    form = AboutForm(request.POST or None, item=item)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("“%(title)s” is saved.") % {"title": form.cleaned_data["title"]})
        return redirect("library", key=course.key)
    return _edit_page(request, course, item, form=form, status=400 if request.method == "POST" else 200)


@require_POST
def add_captions(request: HttpRequest, key: str, asset_key: str) -> HttpResponse:
    course, item = _item_to_change(request, key, asset_key)
    form = CaptionsForm(request.POST, request.FILES, item=item)
    if not form.is_valid():
        return _edit_page(request, course, item, captions_form=form, status=400)
    form.save()
    messages.success(request, _("The captions are there from the next opening on."))
    return redirect("library-edit", key=course.key, asset_key=asset_key)


@require_POST
def remove_captions(request: HttpRequest, key: str, asset_key: str, language: str) -> HttpResponse:
    course, item = _item_to_change(request, key, asset_key)
    item.asset.captions.filter(language=language).delete()
    return redirect("library-edit", key=course.key, asset_key=asset_key)


@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Removes what is ticked, one or many; it can be had back for some weeks."""
    user = person(request)
    course = course_to_change(user, key)
    ticked = set(request.POST.getlist("asset"))
    chosen = [item for item in library.items_of(course) if item.asset.key in ticked]
    count = library.remove(chosen, by=user)
    said = ngettext("%(n)d video is removed.", "%(n)d videos are removed.", count) % {"n": count}
    messages.success(request, said)
    return redirect("library", key=course.key)


@require_POST
def restore(request: HttpRequest, key: str, asset_key: str) -> HttpResponse:
    course, item = _item_to_change(request, key, asset_key)
    library.restore(item, by=person(request))
    messages.success(request, _("“%(title)s” is back.") % {"title": item.title})
    return redirect("library", key=course.key)


@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, key: str, asset_key: str) -> HttpResponse:
    """A POST puts another upload in this one's place; what was watched of the seconds that both have is kept."""
    course, item = _item_to_change(request, key, asset_key)
    if item.video is None or item.is_removed:
        raise Missing("no_such_video", "There is no video that could be replaced.")
    form = ReplaceForm(request.POST or None, old=item.video, candidates=replacing.candidates(course, item))
    if request.method == "POST" and form.is_valid():
        new, ranges = form.cleaned_data["new"], form.cleaned_data["ranges"]
        count = replacing.replace(item.video, new, ranges, by=person(request))
        said = ngettext("%(n)d student keeps progress.", "%(n)d students keep progress.", count) % {"n": count}
        messages.success(request, _("“%(title)s” has a new version.") % {"title": item.title} + " " + said)
        return redirect("library", key=course.key)
    context = {"course": course, "item": item, "form": form, "removed_days": limits.REMOVED_DAYS}
    return render(request, "lms/library_replace.html", context, status=400 if request.method == "POST" else 200)


@require_GET
def still(request: HttpRequest, key: str, asset_key: str, number: int) -> HttpResponse:
    """One of the pictures of an uploaded video, for its teachers."""
    course, _role = course_for(person(request), key, teaching=True)
    return HttpResponse(library.still(library.item_of(course, asset_key), number), content_type="image/jpeg")


@require_GET
def board(request: HttpRequest, key: str, asset_key: str, page: int) -> HttpResponse:
    """One page of the storyboard of an uploaded video, for its teachers."""
    course, _role = course_for(person(request), key, teaching=True)
    return HttpResponse(storyboard.board(library.item_of(course, asset_key), page), content_type="image/jpeg")


def _item_to_change(request: HttpRequest, key: str, asset_key: str) -> tuple[Course, Item]:
    course = course_to_change(person(request), key)
    return course, library.item_of(course, asset_key)


def _edit_page(
    request: HttpRequest,
    course: Course,
    item: Item,
    *,
    form: AboutForm | None = None,
    captions_form: CaptionsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "course": course,
        "item": item,
        "form": form or AboutForm(item=item),
        "captions_form": captions_form or CaptionsForm(item=item),
        "captions": item.asset.captions.all(),
        "stills": range(item.asset.stills),
    }
    return render(request, "lms/library_edit.html", context, status=status)


def _standing(item: Item) -> dict[str, Any]:
    """Where an upload stands, in words; `undecided` while that may still change by itself."""
    asset = item.asset
    words = asset.get_state_display()
    if asset.state == State.FAILED:
        words = words_of(asset.reason)
    return {
        "state": asset.state,
        "words": words,
        "percent": asset.progress_percent if asset.state == State.PACKAGING else None,
        "undecided": asset.state in _UNDECIDED,
    }


def _metadata(text: str) -> dict[str, str]:
    """tus's way: `filename ZmlsbS5tcDQ=,title ...`. Raises Invalid."""
    told: dict[str, str] = {}
    try:
        for pair in filter(None, (pair.strip() for pair in text.split(","))):
            name, _space, value = pair.partition(" ")
            told[name] = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Invalid("upload_metadata", "Upload-Metadata is not what tus says it is.") from None
    return told
