"""Where callbacks may go: never to this machine's own networks, whatever an address looks like or resolves to.

`ipaddress.is_global` lets NAT64, 6to4, multicast and IPv4-compatible addresses pass; `getaddrinfo` turns `①②⑦.⓪.⓪.①`,
`127.1` and `0x7f000001` into this machine. Hence a list of our own, and names that are names.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from playhead.core.errors import Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What `is_global` does not know to be somebody's own, or a way to write an address that is.
_DENIED: Final = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2002::/16", "3fff::/20", "5f00::/16",
        "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII | re.IGNORECASE)
_NUMERIC: Final = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.ASCII | re.IGNORECASE)
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PLAIN: Final = re.compile(r"[\x21-\x7e]{1,2000}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rules:
    """`local`: this machine may be called too, by plain http, for trying things out. `networks`: own ones that may."""

    ports: Sequence[int] = (443, 8443)
    local: bool = False
    networks: Sequence[Network] = ()

    def at(self, host: str) -> "Rules":
        """The rules for what this host resolves to: only a name of this machine may lead to this machine."""
        return self if host in _HERE else replace(self, local=False)


@dataclass(frozen=True, slots=True)
class Target:
    scheme: str
    host: str
    port: int
    path: str  # with the query


def parse(url: str, rules: Rules) -> Target:
    """Take an address apart, strictly. Raises Invalid (code `url_invalid`) for one that callbacks do not go to."""
    if not _PLAIN.fullmatch(url):
        raise Invalid("url_invalid", "An address has up to 2,000 visible ASCII characters; write names as xn--….")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Invalid("url_invalid", f"This is no address: {error}.") from None
    if parts.username is not None or parts.password is not None or "\\" in url or parts.fragment:
        raise Invalid("url_invalid", "No user, password, backslash or # in the address.")
    host, usual = _host(parts), 443 if parts.scheme == "https" else 80
    target = Target(parts.scheme, host, usual if port is None else port, _path(parts))
    _check_scheme(target, rules)
    literal = _literal(host)
    if literal is not None and not allowed(literal, rules.at(host)):
        raise Invalid("url_invalid", "That address is in a network callbacks do not go to.")
    return target


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if _literal(host) is not None and (":" not in host or f"[{host}]" in parts.netloc.lower()):
        return host
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or _NUMERIC.fullmatch(labels[-1]):
        raise Invalid("url_invalid", "The address needs the name of a host, such as lms.example.")
    return host


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _check_scheme(target: Target, rules: Rules) -> None:
    if rules.local and target.host in _HERE and target.scheme in {"http", "https"}:
        return
    if target.scheme != "https":
        raise Invalid("url_invalid", "Callbacks go by https only.")
    if target.port not in rules.ports:
        ports = ", ".join(map(str, rules.ports))
        raise Invalid("url_invalid", f"Callbacks go to port {ports} only.")


def allowed(address: Address, rules: Rules) -> bool:
    """Whether a connection may be made there."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if rules.local and address.is_loopback:
        return True
    if any(address in network for network in rules.networks):
        return True
    return address.is_global and not any(address in network for network in _DENIED)


def _literal(host: str) -> Address | None:
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None
