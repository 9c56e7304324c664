"""The country of a network, from an operator's own file or from their proxy; nothing where neither knows."""

from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from playhead.lms import environment
from playhead.lms.environment import environment_of
from tests.lms import mmdb


@pytest.fixture
def countries(tmp_path: Path, settings: Any) -> None:
    told = {"203.0.113.0/24": "KR", "198.51.100.0/25": "MX", "2001:db8:17::/48": "ES", "192.0.2.0/24": "not a code"}
    settings.PLAYHEAD_COUNTRY_FILE = str(mmdb.write(tmp_path / "countries.mmdb", told))
    environment._countries.cache_clear()


def asked(address: str, **headers: str) -> HttpRequest:
    return RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)


@pytest.mark.usefixtures("countries")
@pytest.mark.parametrize(
    ("address", "network", "country"),
    [
        ("203.0.113.77", "203.0.113.0", "KR"),
        ("::ffff:203.0.113.77", "203.0.113.0", "KR"),
        ("198.51.100.200", "198.51.100.0", "MX"),  # asked by the network alone: the address itself is not kept
        ("2001:db8:17:4::9", "2001:db8:17::", "ES"),
        ("2001:db8:18::9", "2001:db8:18::", None),
        ("10.0.0.1", "10.0.0.0", None),
        ("192.0.2.1", "192.0.2.0", None),
    ],
)
def test_the_country_of_a_network(address: str, network: str, country: str | None) -> None:
    known = environment_of(asked(address))

    assert (known["address"], known.get("country")) == (network, country)


@pytest.mark.usefixtures("countries")
def test_a_proxy_that_knows_is_believed_first_and_a_visitor_never(settings: Any) -> None:
    settings.PLAYHEAD_COUNTRY_HEADER = "X-Country"
    assert environment_of(asked("203.0.113.77", **{"X-Country": "FR"}))["country"] == "KR"
    settings.PLAYHEAD_PROXIES = 1
    assert environment_of(asked("203.0.113.77", **{"X-Country": "fr"}))["country"] == "FR"
    for unknown in ("XX", "T1", "Korea", ""):
        assert "country" not in environment_of(asked("203.0.113.77", **{"X-Country": unknown}))


def test_without_a_file_nothing_is_known() -> None:
    assert "country" not in environment_of(asked("203.0.113.77"))
