"""Getting back in without the password. What the page says never depends on whether the account exists."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from playhead.core.errors import TooMany
from playhead.lms import postman
from playhead.lms.account_forms import ForgottenForm, in_our_words
from playhead.lms.closing import end_other_sessions
from playhead.lms.models import Letter, User
from playhead.lms.network import client_network
from playhead.lms.site_address import site_address

# How often one network may ask in an hour, a classroom included.
ASKED_AN_HOUR = 30


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Only writes down that somebody asked: who that is the postman finds out, so that the answer takes as long for
    names that no account has."""
    form = ForgottenForm(request.POST or None)
    asked = request.method == "POST" and postman.is_on() and form.is_valid()
    if asked:
        network = client_network(request) or ""
        _refuse_crowds(network)
        typed = form.cleaned_data["who"].strip()
        Letter.objects.create(kind="reset", typed=typed, site=site_address(request), network=network)
    context = {"form": form, "asked": asked, "on": postman.is_on(), "minutes": settings.PLAYHEAD_RESET_MIN}
    return render(request, "lms/forgotten.html", context, status=400 if form.errors else 200)


def _refuse_crowds(network: str) -> None:
    hour = timedelta(hours=1)
    asked = Letter.objects.filter(kind="reset", network=network, made_at__gt=timezone.now() - hour)
    if asked.count() >= ASKED_AN_HOUR:
        raise TooMany("too_many_resets", "Too many asked for a new password from here.", retry_after_s=3600)


@method_decorator(login_not_required, name="dispatch")
class Reset(PasswordResetConfirmView):
    """Django's own: the link is bound to the old password and the last login, so it works once; it is moved from the
    address into the session at once, so that it stays out of histories and referrers."""

    template_name = "lms/reset.html"
    success_url = reverse_lazy("login")

    def get_form(self, form_class: "type[SetPasswordForm[User]] | None" = None) -> "SetPasswordForm[User]":
        form = super().get_form(form_class)
        in_our_words(form.fields["new_password1"], form.fields["new_password2"])
        return form

    def form_valid(self, form: "SetPasswordForm[User]") -> HttpResponse:
        response = super().form_valid(form)
        if isinstance(self.user, User):
            end_other_sessions(self.user)
        messages.success(self.request, _("Your password is changed. Log in with it."))
        return response
