"""From where a request comes, when proxies stand between and people can write headers."""

from __future__ import annotations

import pytest

from ckanext.dgatier.core.client_address import client_address, counted_as, networks

PROXIES = networks("10.1.0.0/16 fd00::/64")


@pytest.mark.parametrize(
    ("connection", "forwarded", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.1.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.1.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
        ("10.1.0.1", "192.0.2.66, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
        ("10.1.0.1", "10.1.0.7", "10.1.0.7"),
        ("10.1.0.1", "not an address", "not an address"),
        ("::ffff:10.1.0.1", "198.51.100.1", "198.51.100.1"),
        (None, "", ""),
    ],
)
def test_only_what_our_proxies_saw_counts(
    connection: str | None, forwarded: str, client: str
) -> None:
    assert client_address(connection, forwarded, PROXIES) == client


def test_without_proxies_no_header_counts() -> None:
    assert client_address("203.0.113.9", "198.51.100.1", networks("")) == "203.0.113.9"


@pytest.mark.parametrize(
    ("address", "under"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("not an address", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_subscriber_of_ipv6_is_one(address: str | None, under: str) -> None:
    assert counted_as(address) == under
