"""Logging in and out."""

from typing import Any

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from playhead.lms import throttle
from playhead.lms.forms import LoginForm
from playhead.lms.models import User
from playhead.recorder import service


@method_decorator(login_not_required, name="dispatch")
class Login(LoginView):
    """Django's own: it gives the session a new key, and follows `next` only within this site."""

    template_name = "lms/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True


def throttled(request: HttpRequest, *_rest: Any) -> HttpResponse:
    """Too many refused log-ins: the same answer whether or not the account exists (called by django-axes)."""
    minutes = throttle.minutes_left(request, None)
    next_url = request.POST.get(REDIRECT_FIELD_NAME, "")
    if not url_has_allowed_host_and_scheme(next_url, allowed_hosts={request.get_host()}):
        next_url = ""
    context = {"form": LoginForm(request), "minutes": minutes, REDIRECT_FIELD_NAME: next_url}
    response = render(request, "lms/login.html", context, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response


@login_not_required
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Ends this session and the playbacks opened in it. The page's script has sent what was queued before.

    The session ends even when the recorder cannot be reached; the error page then says that something is wrong.
    """
    try:
        if isinstance(request.user, User):
            service.close_playbacks(reason="logout", viewer=request.user.key, session=request.session.session_key)
    finally:
        logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)
