"""Which network an address belongs to."""

from __future__ import annotations

import pytest

from ckanext.dgatier.core.environment import zone_of, zones

KNOWN = zones("government=10.0.0.0/8,fd00::/8 hospitals=172.16.0.0/12")


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("10.1.2.3", "government"),
        ("fd00::1", "government"),
        ("172.20.0.1", "hospitals"),
        ("8.8.8.8", "internet"),
        ("10.1.2.3, 8.8.8.8", "internet"),
        ("", "internet"),
        (None, "internet"),
    ],
)
def test_an_address_is_in_its_zone(address: str | None, zone: str) -> None:
    assert zone_of(address, KNOWN) == zone


@pytest.mark.parametrize("text", ["government", "=10.0.0.0/8", "government=everywhere"])
def test_a_zone_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        zones(text)
