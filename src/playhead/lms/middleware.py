"""What holds for every request: who is not logged in gets no further, and every error has one way to be shown."""

from collections.abc import Callable

from django.contrib.auth import middleware as auth
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from playhead.core.errors import PlayheadError, Unauthorised
from playhead.lms.errors import answer, is_api
from playhead.lms.sessions import note_seen

Handler = Callable[[HttpRequest], HttpResponse]


class LoginRequired(auth.LoginRequiredMiddleware):
    """Deny by default. Pages lead to the login form and back; endpoints answer 401."""

    def handle_no_permission(  # type: ignore[override]  # Django's own only redirects
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if is_api(request):
            return answer(request, Unauthorised("not_logged_in", "Log in first."))
        return super().handle_no_permission(request, view_func)


class SeenSessions:
    """Writes down, every ten minutes at most, when a session was last used: its owner sees that in the list."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            note_seen(request)
        return self.get_response(request)


class ErrorAnswers:
    """Our own errors become an error page or a problem document; what a person sees stays out of shared caches."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            # no-store: after logging out, the back button of a shared computer shows nothing.
            patch_cache_control(response, private=True, no_store=True)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer(request, exception) if isinstance(exception, PlayheadError) else None
