"""The accounts of the school, for admins: inviting, switching off and on."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from playhead.core.errors import Conflict, Missing
from playhead.lms import invitations, postman
from playhead.lms.access import admin
from playhead.lms.account_forms import InviteForm
from playhead.lms.models import Invitation, User
from playhead.lms.site_address import site_address

PEOPLE_A_PAGE = 50
KINDS = [("person", gettext_lazy("a person without a course yet")), ("admin", gettext_lazy("an admin"))]


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    return _page(request, admin(request))


@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    by = admin(request)
    form = InviteForm(request.POST, roles=KINDS)
    if not form.is_valid():
        return _page(request, by, form=form, status=400)
    email = form.cleaned_data["email"]
    made, path = invitations.invite(by=by, email=email, as_admin=form.cleaned_data["role"] == "admin")
    if email and postman.is_on():
        invitations.send(made, site=site_address(request))
        messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": email})
        return redirect("accounts")
    return _page(request, by, link=site_address(request) + path)


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    by = admin(request)
    if not Invitation.objects.filter(organisation=by.organisation_id, pk=number, used_at=None).delete()[0]:
        raise Missing("no_such_invitation", "There is no such invitation.")
    messages.success(request, _("The invitation is withdrawn: its link opens nothing any more."))
    return redirect("accounts")


@require_POST
def switch_off(request: HttpRequest, user_key: str) -> HttpResponse:
    """Logs the person out everywhere and closes what they are watching, at once. May be repeated."""
    by = admin(request)
    user = _person(by, user_key)
    if user == by:
        raise Conflict("own_account", "Nobody switches off the account they are using.")
    user.is_active = False
    user.save(update_fields=["is_active"])
    messages.success(request, _("%(name)s’s account is off, and logged out everywhere.") % {"name": user})
    return redirect("accounts")


@require_POST
def switch_on(request: HttpRequest, user_key: str) -> HttpResponse:
    user = _person(admin(request), user_key)
    user.is_active = True
    user.save(update_fields=["is_active"])
    messages.success(request, _("%(name)s’s account is on again.") % {"name": user})
    return redirect("accounts")


def _person(by: User, key: str) -> User:
    user = User.objects.filter(key=key, organisation=by.organisation_id).first()
    if user is None:
        raise Missing("no_such_person", "There is no such person.")
    return user


def _page(
    request: HttpRequest, by: User, *, form: InviteForm | None = None, link: str = "", status: int = 200
) -> HttpResponse:
    asked = request.GET.get("q", "").strip()
    people = User.objects.filter(organisation=by.organisation_id).annotate(places=Count("enrolments"))
    if asked:
        people = people.filter(Q(name__icontains=asked) | Q(username__icontains=asked) | Q(email__icontains=asked))
    page = Paginator(people.order_by("name", "username"), PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    waiting = Invitation.objects.filter(organisation=by.organisation_id, course=None, used_at=None)
    context = {
        "page": page,
        "asked": asked,
        "form": form or InviteForm(roles=KINDS),
        "link": link,
        "mail": postman.is_on(),
        "invitations": [one for one in waiting.select_related("made_by") if one.is_open],
    }
    return render(request, "lms/accounts.html", context, status=status)
