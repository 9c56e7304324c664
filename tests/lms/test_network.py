"""Whose network a request comes from, with and without proxies of our own."""

from typing import Any

import pytest
from django.test import RequestFactory

from playhead.lms.network import client_network


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("", None),
        ("unix:", None),
        ("testclient", None),
    ],
)
def test_only_the_network_is_kept(address: str, network: str | None) -> None:
    assert client_network(RequestFactory().get("/", REMOTE_ADDR=address)) == network


@pytest.mark.parametrize(
    ("proxies", "seen", "network"),
    [
        (0, "198.51.100.9", "203.0.113.0"),  # nobody of ours wrote that header
        (1, "192.0.2.1, 198.51.100.9", "198.51.100.0"),  # the client's own invention stands further left
        (2, "192.0.2.1, 198.51.100.9", "192.0.2.0"),
        (2, "198.51.100.9", "203.0.113.0"),  # too short to be ours
        (1, "", "203.0.113.0"),
    ],
)
def test_a_header_counts_as_far_as_our_own_proxies_wrote_it(
    settings: Any, proxies: int, seen: str, network: str
) -> None:
    settings.PLAYHEAD_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR=seen)
    assert client_network(request) == network
