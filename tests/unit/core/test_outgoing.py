"""Which addresses are of the open internet."""

from __future__ import annotations

import pytest

from ckanext.dgatier.core.outgoing import is_public


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "255.255.255.255", "224.0.0.1", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fc00::1",
        "ff02::1", "2001:db8::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_what_is_inside_or_reserved_is_not(address: str) -> None:
    assert not is_public(address)
