"""The circumstances of a question: when and from where it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

#: The zone of every address that no configured zone holds.
INTERNET = "internet"

Zones = Mapping[str, Sequence[IPv4Network | IPv6Network]]


@dataclass(frozen=True, slots=True)
class Environment:
    """The aware moment `now`, and the name of the network zone that the request comes from."""

    now: datetime
    network: str = INTERNET


def zones(text: str) -> Zones:
    """Read `government=10.0.0.0/8,192.168.0.0/16 hospitals=…`; raises `ValueError`."""
    found: dict[str, list[IPv4Network | IPv6Network]] = {}
    for entry in text.split():
        name, separator, networks = entry.partition("=")
        if not separator or not name:
            raise ValueError(f"{entry!r} is not of the form zone=network,network")
        found[name] = [ip_network(network) for network in networks.split(",")]
    return found


def zone_of(address: str | None, known: Zones) -> str:
    """Return the first zone that holds an address; an unreadable address is on the internet."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return INTERNET
    return next(
        (name for name, networks in known.items() if any(ip in n for n in networks)), INTERNET
    )
