"""The network a request comes from. Whole addresses are never stored."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

_V4_PREFIX, _V6_PREFIX = 24, 48


def client_network(request: HttpRequest) -> str | None:
    """The first address of the client's network, IPv4 /24 or IPv6 /48; None without an address (a local socket)."""
    try:
        address = ip_address(_client_address(request))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    prefix = _V6_PREFIX if isinstance(address, IPv6Address) else _V4_PREFIX
    return str(ip_network((address, prefix), strict=False).network_address)


def _client_address(request: HttpRequest) -> str:
    """The peer, or what the outermost of our own proxies saw: anything further left the client may have made up."""
    proxies: int = settings.PLAYHEAD_PROXIES
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if proxies and len(seen) >= proxies:
        return str(seen[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))
