"""Errors as people and programs see them: the one place where kinds of error become HTTP."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from playhead.core.errors import PROBLEM_CONTENT_TYPE, Forbidden, Invalid, Missing, PlayheadError, Retryable, problem

API_PREFIXES = ("/v1/", "/api/")


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API_PREFIXES)


def answer(request: HttpRequest, error: PlayheadError) -> HttpResponse:
    """A problem document for an endpoint, a page for a page, with the same status."""
    response: HttpResponse
    if is_api(request):
        response = JsonResponse(problem(error), status=error.status, content_type=PROBLEM_CONTENT_TYPE)
    else:
        title, text = _explained(error)
        context = {"code": error.code, "status": error.status, "title": title, "text": text}
        response = render(request, "lms/error.html", context, status=error.status)
    if isinstance(error, Retryable):
        response["Retry-After"] = str(error.retry_after_s)
    return response


def _explained(error: PlayheadError) -> tuple[str, str]:
    """Headline and sentence for people; nothing about what they may not see."""
    texts = {
        "not_enrolled": (
            _("You are not enrolled here"),
            _(
                "This page belongs to a course you are not enrolled in. If that is a mistake, ask the teacher to enrol "
                "you, and give the username below."
            ),
        ),
        "not_teacher": (_("This page is for teachers"), _("Only the teachers of the course can open this page.")),
        "not_admin": (_("This page is for admins"), _("Only people who run this site can open this page.")),
        "invitation_over": (
            _("This invitation opens nothing any more"),
            _("It was used or withdrawn, or it is older than a week. Ask whoever gave it to you for a new one."),
        ),
        "no_setup": (
            _("There is nothing to set up"),
            _("Somebody has an account here already, or this link is from before the server was started anew."),
        ),
        "csrf": (
            _("This form is out of date"),
            _(
                "Nothing was changed. Go back, reload the page, and send the form again. If that does not help, allow "
                "cookies for this site."
            ),
        ),
    }
    if error.code in texts:
        return texts[error.code]
    by_status = {
        403: (_("This is not for you"), _("Your account may not open this page.")),
        404: (_("There is nothing here"), _("The address is wrong, or what was here has been removed.")),
        400: (_("That did not work"), _("The server could not make sense of the request. Nothing was changed.")),
        409: (_("That did not work"), error.detail),
    }
    waiting = (_("Not possible right now"), _("Nothing was lost, and nothing was changed. Try again in a few seconds."))
    return by_status.get(error.status, waiting)


def bad_request(request: HttpRequest, *_exception: object, **_named: object) -> HttpResponse:
    return answer(request, Invalid("bad_request", "The server could not read this request."))


@requires_csrf_token
def forbidden(request: HttpRequest, *_exception: object, **_named: object) -> HttpResponse:
    return answer(request, Forbidden("forbidden", "This is not allowed."))


@requires_csrf_token
def not_found(request: HttpRequest, *_exception: object, **_named: object) -> HttpResponse:
    return answer(request, Missing("not_found", "There is nothing at this address."))


@requires_csrf_token
def csrf_failed(request: HttpRequest, **_reason: object) -> HttpResponse:
    return answer(request, Forbidden("csrf", "The form or its token is out of date."))


@requires_csrf_token
def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours. The page needs neither database nor session: either may be what is broken."""
    if is_api(request):
        body = {"type": "about:blank", "title": "Internal Server Error", "status": 500, "code": "internal"}
        return JsonResponse(body, status=500, content_type=PROBLEM_CONTENT_TYPE)
    return render(request, "lms/500.html", status=500)
