"""`POST /api/analytics` and `/api/analytics/batch`: the doors of other people's analytics clients, as they are.

They send no ticket and name no viewer, so what they tell is kept as unverified: see `lms.unverified`.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from playhead.core.errors import Forbidden, PlayheadError
from playhead.lms import unverified
from playhead.lms.errors import answer


@login_not_required  # pages of other sites have no session here
@csrf_exempt  # and nothing is done in anybody's name
@require_http_methods(["POST", "OPTIONS"])
def tell(request: HttpRequest) -> HttpResponse:
    """One event or several, by either address. Browsers ask first where the body is JSON."""
    origin = request.headers.get("Origin", "")
    try:
        sender = unverified.sender_of(origin)
        response = _kept(request, sender) if request.method == "POST" else HttpResponse(status=204)
    except Forbidden as error:
        return answer(request, error)
    except PlayheadError as error:
        response = answer(request, error)
    if origin:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Methods"] = "POST"
        response["Access-Control-Allow-Headers"] = "Content-Type"
        response["Vary"] = "Origin"
    return response


def _kept(request: HttpRequest, sender: unverified.Sender) -> HttpResponse:
    told = unverified.parse(request.body, content_type=request.content_type or "")
    return JsonResponse({"success": True, "stored": unverified.keep(sender, told)})
