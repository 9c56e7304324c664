"""The address of this site as the one who asks sees it, for links that leave by e-mail."""

from django.http import HttpRequest


def site_address(request: HttpRequest) -> str:
    """`https://school.example`. Only hosts of PLAYHEAD_HOSTS get this far."""
    return f"{request.scheme}://{request.get_host()}"
