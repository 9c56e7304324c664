"""What a course's library holds at Vimeo, Cloudinary and Kollus: brought, added, described, removed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from playhead.core.errors import PROBLEM_CONTENT_TYPE, Invalid, PlayheadError, problem
from playhead.lms import elsewhere
from playhead.lms.access import course_to_change, person
from playhead.lms.elsewhere import Line
from playhead.lms.elsewhere_forms import RemoteForm, WishForm
from playhead.lms.elsewhere_page import accounts_of, origins, standing_of
from playhead.lms.models import Course
from playhead.media.uploads import check_name
from playhead.providers import accounts, remotes
from playhead.providers.models import Account, RemoteVideo, State
from playhead.providers.provider import Listing, Wish


@require_POST
def begin_elsewhere(request: HttpRequest, key: str) -> HttpResponse:
    """Agree with a provider on an upload: what the browser then needs to send the file there by itself."""
    user = person(request)
    course = course_to_change(user, key)
    form = WishForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid("bad_wish", "Say which account, and the name, title and size of the file.")
        told = form.cleaned_data
        check_name(told["name"])
        wish = Wish(told["title"], "", told["name"], told["size_bytes"])
        account = accounts.find(course.organisation_id, told["account"])
        made, ticket = remotes.begin(account, wish, shelf=course.key, made_by=user.key)
    except PlayheadError as refused:
        return _refused(refused)
    return JsonResponse({"key": made.key, "ticket": ticket.told()}, status=201)


@require_POST
def again(request: HttpRequest, key: str, remote_key: str) -> HttpResponse:
    """A new ticket for an upload that was broken off."""
    _course, line = _to_change(request, key, remote_key)
    try:
        ticket = remotes.again(line.remote)
    except PlayheadError as refused:
        return _refused(refused)
    return JsonResponse({"key": line.remote.key, "ticket": ticket.told()})


@require_POST
def arrived(request: HttpRequest, key: str, remote_key: str) -> HttpResponse:
    """The browser says that all of it is there: the worker looks at once."""
    _course, line = _to_change(request, key, remote_key)
    remotes.arrived(line.remote)
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
def add_elsewhere(request: HttpRequest, key: str) -> HttpResponse:
    """What lies at a provider already; a POST takes one of it into the library."""
    user = person(request)
    course = course_to_change(user, key)
    known = accounts_of(course)
    asked = request.POST if request.method == "POST" else request.GET
    account = next((one for one in known if one.key == asked.get("account")), known[0] if known else None)
    if request.method == "POST" and account is not None:
        return _add(request, course, account)
    named, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    listing, trouble = Listing([]), ""
    if account is not None:
        try:
            listing = accounts.provider_of(account).listed(named=named, after=after)
        except PlayheadError as refused:
            trouble = refused.detail
    here = set(RemoteVideo.objects.filter(shelf=course.key, account=account).exclude(state=State.DELETED)
               .values_list("remote_id", flat=True))  # fmt: skip
    context = {
        "course": course,
        "accounts": known,
        "account": account,
        "found": [(one, one.remote_id in here) for one in listing.videos],
        "more": listing.more,
        "named": named,
        "trouble": trouble,
    }
    response = render(request, "lms/elsewhere_add.html", context)
    # For this one answer: the pictures of what lies there.
    response._csp_update = {"img-src": origins(one.thumbnail for one in listing.videos)}  # type: ignore[attr-defined]
    return response


def _add(request: HttpRequest, course: Course, account: Account) -> HttpResponse:
    try:
        remote = remotes.adopt(
            account, request.POST.get("remote_id", ""), shelf=course.key, made_by=person(request).key
        )
    except PlayheadError as refused:
        messages.error(request, refused.detail)
        return redirect("add-elsewhere", key=course.key)
    elsewhere.heard(remote)
    messages.success(request, _("“%(title)s” is in the library.") % {"title": remote})
    return redirect("library", key=course.key)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_elsewhere(request: HttpRequest, key: str, remote_key: str) -> HttpResponse:
    """A POST says something else about it, here and there."""
    course, line = _to_change(request, key, remote_key)
    initial = {"title": line.title, "description": line.remote.description}
    form = RemoteForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        elsewhere.describe(line, **form.cleaned_data)
        messages.success(request, _("“%(title)s” is saved; its provider is told within seconds.") % form.cleaned_data)
        return redirect("library", key=course.key)
    context = {"course": course, "line": line, "form": form, "standing": standing_of(line)}
    return render(request, "lms/elsewhere_edit.html", context, status=400 if request.method == "POST" else 200)


@require_POST
def remove_elsewhere(request: HttpRequest, key: str) -> HttpResponse:
    """Removes what is ticked; it can be had back for some weeks."""
    user = person(request)
    course = course_to_change(user, key)
    ticked = set(request.POST.getlist("remote"))
    count = elsewhere.remove([one for one in elsewhere.lines_of(course) if one.remote.key in ticked], by=user)
    messages.success(request, ngettext("%(n)d video is removed.", "%(n)d videos are removed.", count) % {"n": count})
    return redirect("library", key=course.key)


@require_POST
def restore_elsewhere(request: HttpRequest, key: str, remote_key: str) -> HttpResponse:
    course, line = _to_change(request, key, remote_key)
    elsewhere.restore(line, by=person(request))
    messages.success(request, _("“%(title)s” is back.") % {"title": line.title})
    return redirect("library", key=course.key)


def _to_change(request: HttpRequest, key: str, remote_key: str) -> tuple[Course, Line]:
    course = course_to_change(person(request), key)
    return course, elsewhere.line_of(course, remote_key)


def _refused(refused: PlayheadError) -> JsonResponse:
    return JsonResponse(problem(refused), status=refused.status, content_type=PROBLEM_CONTENT_TYPE)
