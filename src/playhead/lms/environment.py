"""Where a playback is opened: browser, system, kind of device, language, screen, network, country.

Enough to see that somebody watches on a phone over a slow network, too little to know them again elsewhere: versions
are left out but the browser's first number, and of the address only the network is kept (IPv4 /24, IPv6 /48).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address

import maxminddb
from django.conf import settings
from django.http import HttpRequest
from ua_parser import Result, parse

from playhead.lms.network import client_network

# What a page may tell of itself; everything else it says is left aside.
_TOLD: Mapping[str, re.Pattern[str]] = {
    "screen": re.compile(r"\d{2,5}x\d{2,5}"),
    "network_type": re.compile(r"[a-z0-9-]{2,12}"),
    "language": re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}"),
}
_TABLETS = re.compile(r"tablet|ipad", re.IGNORECASE)
_TVS = re.compile(r"tv\b|smart-tv|bravia|roku|tizen|web0s|webos|crkey", re.IGNORECASE)
_COUNTRY = re.compile(r"[A-Z]{2}")


def environment_of(request: HttpRequest, told: Mapping[str, str] | None = None) -> dict[str, str]:
    """Short texts by name; what is not known is missing. `told` is what the page says of itself."""
    agent = request.META.get("HTTP_USER_AGENT", "")[:500]
    known = _of_agent(parse(agent))
    language = request.META.get("HTTP_ACCEPT_LANGUAGE", "").partition(",")[0].partition(";")[0].strip()
    known["language"] = language if _TOLD["language"].fullmatch(language) else ""
    known |= {name: said for name, said in (told or {}).items() if name in _TOLD and _TOLD[name].fullmatch(said)}
    known["address"] = client_network(request) or ""
    known["network"] = known.get("network_type", "")
    known["country"] = _country(request, known["address"])
    return {name: text for name, text in sorted(known.items()) if text and name != "network_type"}


def _of_agent(seen: Result) -> dict[str, str]:
    browser, system = seen.user_agent, seen.os
    named = f"{browser.family} {browser.major or ''}".strip() if browser else ""
    return {"browser": named[:40], "os": system.family[:40] if system else "", "device": _device(seen)}


def _device(seen: Result) -> str:
    device, system = seen.device, seen.os.family if seen.os else ""
    told = f"{device.family} {device.brand or ''}" if device else ""
    if _TVS.search(f"{told} {system}"):
        return "tv"
    if _TABLETS.search(told):
        return "tablet"
    if system in {"iOS", "Android", "KaiOS", "Windows Phone"}:
        return "phone"
    return "desktop" if system else ""


def _country(request: HttpRequest, network: str) -> str:
    """ISO 3166 letters: by the operator's proxy, else by the operator's file; empty where neither knows."""
    header = settings.PLAYHEAD_COUNTRY_HEADER
    if header and settings.PLAYHEAD_PROXIES:
        told = request.headers.get(header, "").strip().upper()
        return told if _COUNTRY.fullmatch(told) and told not in {"XX", "T1"} else ""
    if not settings.PLAYHEAD_COUNTRY_FILE or not network:
        return ""
    found = _countries(settings.PLAYHEAD_COUNTRY_FILE).get(ip_address(network))
    country = found.get("country") if isinstance(found, dict) else None
    code = country.get("iso_code") if isinstance(country, dict) else ""
    return code if isinstance(code, str) and _COUNTRY.fullmatch(code) else ""


@lru_cache(maxsize=1)
def _countries(path: str) -> maxminddb.Reader:
    return maxminddb.open_database(path)
