"""The ways in without an account: the first one, and by invitation."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from playhead.core.errors import Missing
from playhead.lms import first_admin, invitations
from playhead.lms.account_forms import ClaimForm, NewAccountForm
from playhead.lms.models import Invitation, User

BACKEND = settings.AUTHENTICATION_BACKENDS[1]


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """The first admin. There is nothing here without the token, and nothing any more once anybody has an account."""
    if not first_admin.is_open(token):
        raise Missing("no_setup", "There is nothing to set up.")
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = _first(form, token)
        login(request, user, backend=BACKEND)
        messages.success(request, _("You run this site now. Make the first course, or invite its teachers."))
        return redirect("home")
    return render(request, "lms/setup.html", {"form": form}, status=400 if form.errors else 200)


@transaction.atomic
def _first(form: NewAccountForm, token: str) -> User:
    if not first_admin.is_open(token):  # two at once: the second finds the first one's account
        raise Missing("no_setup", "There is nothing to set up.")
    form.instance.is_superuser = form.instance.is_staff = True
    user: User = form.save()
    return user


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever is logged in joins with one click; others make an account, or choose the password of the one a list made.
    Looking at it uses nothing up: programs that check links in e-mails look too."""
    found = invitations.opened(token)
    if isinstance(request.user, User) and found.user in {None, request.user}:
        return _join(request, found, request.user)
    form = _form(request, found)
    if request.method == "POST" and form.is_valid():
        user = _arrive(form, found)
        login(request, user, backend=BACKEND)
        messages.success(request, _("Welcome, %(name)s.") % {"name": user})
        return _onwards(found)
    context = {"invitation": found, "form": form, "token": token}
    return render(request, "lms/invitation.html", context, status=400 if form.errors else 200)


def _join(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    if request.method != "POST":
        return render(request, "lms/invitation.html", {"invitation": found, "joining": True})
    invitations.accept(found, user)
    messages.success(request, _("You are in."))
    return _onwards(found)


def _form(request: HttpRequest, found: Invitation) -> ClaimForm | NewAccountForm:
    if found.user is not None:
        return ClaimForm(request.POST or None, user=found.user)
    return NewAccountForm(request.POST or None, email=found.email, organisation=found.organisation_id)


@transaction.atomic
def _arrive(form: ClaimForm | NewAccountForm, found: Invitation) -> User:
    """The account and the use of the invitation, both or neither."""
    user: User = form.save()
    invitations.accept(found, user)
    return user


def _onwards(found: Invitation) -> HttpResponse:
    return redirect("course", key=found.course.key) if found.course else redirect("home")
