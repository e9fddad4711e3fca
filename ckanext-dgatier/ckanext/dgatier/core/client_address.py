"""From which address a request comes, with proxies between."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Networks = Sequence[IPv4Network | IPv6Network]
_HOUSEHOLD = 64  # bits of an IPv6 address that tell one subscriber from another


def networks(text: str) -> Networks:
    """Read networks with blanks between; raises `ValueError`."""
    return tuple(ip_network(one) for one in text.split())


def client_address(connection: str | None, forwarded: str, trusted: Networks) -> str | None:
    """Return the nearest address that is none of our proxies.

    `connection` is the address that the connection comes from, `forwarded` what
    `X-Forwarded-For` says: each proxy adds the address that it saw at the end, and whoever asked
    first can write anything at the beginning. The header counts as far as the proxies go.
    """
    path = [*(part.strip() for part in forwarded.split(",") if part.strip()), connection or ""]
    address = connection
    for address in reversed(path):
        if not _is_in(address, trusted):
            break
    return address


def counted_as(address: str | None) -> str:
    """Return what an address is counted under: itself, or the network that one subscriber has."""
    ip = _read(address)
    if ip is None:
        return "unknown"
    return str(ip) if ip.version == 4 else str(ip_network((ip, _HOUSEHOLD), strict=False))


def _is_in(address: str | None, known: Networks) -> bool:
    ip = _read(address)
    return ip is not None and any(ip in network for network in known)


def _read(address: str | None) -> IPv4Address | IPv6Address | None:
    """Read an address; one of IPv4 that a socket of IPv6 shows is one of IPv4."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip
