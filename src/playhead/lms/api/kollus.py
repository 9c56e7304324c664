"""`POST /v1/kollus/{integration}/{token}`: what Kollus's own players tell, kept as `imported` evidence, never more.

Kollus signs nothing: whoever knows the address could post. So the address holds a token that only this site can make,
and what comes in is shown beside what was watched here, and counts nowhere else.
"""

import base64
import hashlib
import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from playhead.core import limits
from playhead.core.errors import Forbidden, TooLarge
from playhead.interop.kollus.inbound import Snapshot, parse
from playhead.lms.joined_watching import video_called
from playhead.lms.outsiders import viewer_for
from playhead.recorder import integrations, service
from playhead.recorder.integrations import Integration


def address_of(integration: Integration) -> str:
    """The path that is entered in Kollus's console."""
    return reverse("kollus-callback", args=[integration.key, _token(integration.key)])


@csrf_exempt
@login_not_required
@require_POST
def kollus_callback(request: HttpRequest, integration: str, token: str) -> HttpResponse:
    """One snapshot of a session. The same again changes nothing, a longer one adds what is new."""
    if not hmac.compare_digest(token.encode(), _token(integration).encode()):
        raise Forbidden("token_invalid", "This address was not made by this site.")
    joined = integrations.find(integration)
    if not joined.active:
        raise Forbidden("integration_off", "This integration is switched off.")
    if len(request.body) > limits.BODY_BYTES:
        raise TooLarge("body_too_large", f"At most {limits.BODY_BYTES} bytes.")
    told = parse(request.body, request.content_type or "")
    added = _keep(joined, told)
    return HttpResponse("ok" if added else "known", content_type="text/plain", status=200)


def _keep(joined: Integration, told: Snapshot) -> bool:
    video = video_called(joined, told.media)
    user = viewer_for(joined.key, told.user, organisation_id=joined.organisation_id)
    session = service.ImportedSession(
        viewer=user.key,
        video=video.key,
        duration_ms=video.duration_ms or told.duration_ms,
        session=f"{joined.key} {told.session}",
        sections=told.sections,
        stated_at=told.start_at_s * 1000,
    )
    [added] = service.import_sessions([session], organisation_id=joined.organisation_id)
    return added


def _token(integration: str) -> str:
    key = settings.PLAYHEAD_SECRETS.site_key.encode()
    made = hmac.digest(key, f"kollus callback {integration}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made[:24]).decode()
