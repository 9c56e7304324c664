"""One's own account: name, password, and where one is logged in; its address is in addresses.py."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from playhead.lms import postman
from playhead.lms.access import person
from playhead.lms.account_forms import AddressForm, NameForm, OwnPasswordForm
from playhead.lms.closing import end_other_sessions, end_session
from playhead.lms.models import User
from playhead.lms.sessions import hashed


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    return account_page(request)


@require_POST
def change_name(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = NameForm(request.POST, instance=User.objects.get(pk=user.pk))
    if not form.is_valid():
        return account_page(request, name_form=form, status=400)
    form.save()
    messages.success(request, _("Your name is changed."))
    return redirect("account")


@sensitive_post_parameters()
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """Whoever is logged in elsewhere with the old password is logged out there."""
    user = person(request)
    form = OwnPasswordForm(user, request.POST, request=request)
    if not form.is_valid():
        return account_page(request, password_form=form, status=400)
    form.save()
    update_session_auth_hash(request, user)
    end_other_sessions(user, keep=_this(request))
    messages.success(request, _("Your password is changed. You are logged out everywhere else."))
    return redirect("account")


@require_POST
def end_one(request: HttpRequest, session: str) -> HttpResponse:
    """Logs one of one's own sessions out, and closes what is being watched in it."""
    end_session(person(request), session)
    messages.success(request, _("That device is logged out."))
    return redirect("account")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    ended = end_other_sessions(person(request), keep=_this(request))
    said = ngettext("%(ended)d other device is logged out.", "%(ended)d other devices are logged out.", ended)
    messages.success(request, said % {"ended": ended})
    return redirect("account")


def account_page(
    request: HttpRequest,
    *,
    name_form: NameForm | None = None,
    password_form: OwnPasswordForm | None = None,
    address_form: AddressForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with the form that was refused, if one was."""
    user, this = person(request), _this(request)
    context = {
        "name_form": name_form or NameForm(instance=user),
        "password_form": password_form or OwnPasswordForm(user, request=request),
        "address_form": (address_form or AddressForm(user=user, request=request)) if postman.is_on() else None,
        "sessions": sorted(user.login_sessions.order_by("-seen_at"), key=lambda one: one.session_key != this),
        "this": this,
    }
    return render(request, "lms/account.html", context, status=status)


def _this(request: HttpRequest) -> str:
    return hashed(request.session.session_key or "")
