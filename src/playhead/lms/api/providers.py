"""`POST /v1/providers/{account}/{token}`: what Kollus tells about its transcoding.

It signs nothing: whoever knows the address could post. So the address holds a token that only this site can make, and
what it tells is no more than how far one of that account's own videos is. It waits three seconds for an answer, so
nothing is asked of anybody here: the worker does that next.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from playhead.core import limits
from playhead.core.errors import Forbidden, Invalid, TooLarge
from playhead.lms import elsewhere
from playhead.providers import accounts, remotes
from playhead.providers.kollus import address_of
from playhead.providers.models import Kind


@csrf_exempt
@login_not_required
@require_POST
def provider_callback(request: HttpRequest, account: str, token: str) -> HttpResponse:
    """Of transcoding, and of putting into a channel; may be repeated. About videos of nobody here: known, and left."""
    found = accounts.called_back(account, token)
    if found is None or found.kind != Kind.KOLLUS:
        raise Forbidden("token_invalid", "This address was not made by this site.")
    if len(request.body) > limits.BODY_BYTES:
        raise TooLarge("body_too_large", f"At most {limits.BODY_BYTES} bytes.")
    key = request.POST.get("upload_file_key", "")
    if not key:
        raise Invalid("no_upload_file_key", "upload_file_key says which video it is.")
    good = request.POST.get("transcoding_result", "success") == "success"
    media_key = request.POST.get("media_content_key", "")
    url = address_of(media_key, region=found.settings.get("region", "kr"))
    changed = remotes.transcoded(found, key, good=good, url=url)
    if changed is not None:
        elsewhere.heard(changed)
    return HttpResponse("ok" if changed else "not here", content_type="text/plain")
